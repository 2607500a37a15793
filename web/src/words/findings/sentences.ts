// Sentences by pattern. `$1` stands for what people wrote or named and stays as it is, `%1` for words of the program, which are said in
// Chinese in their turn. The sentence with the most words of its own wins.

export type Sentences = Readonly<Record<string, string>>;

interface Rule { from: RegExp; to: string; own: number }

const HAN = /[\u4e00-\u9fff]/;
const HOLE = /[$%]\d/g;
/** What stands where an author wrote nothing, or no name. */
const EMPTY: Sentences = { this: "此处", "this file": "此文件", nothing: "（空）", "(none)": "（空）", "(empty)": "（空）", "without a name": "（无名）", "(missing)": "（空）" };
const NO_GAP = new RegExp(`(${Object.values(EMPTY).join("|")}) `, "g");

const kept = (text: string): string => EMPTY[text] ?? text;

function ruleOf([english, to]: [string, string]): Rule {
  const holes = english.match(HOLE) ?? [];
  const parts = english.split(HOLE).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const from = parts.map((part, n) => part + (n < holes.length ? `(?<h${holes[n]?.[1] ?? ""}>.+?)` : "")).join("");
  return { from: new RegExp(`^${from}$`, "s"), to, own: parts.join("").length };
}

class Table {
  readonly whole = new Map<string, string>();
  readonly rules: Rule[] = [];

  constructor(tables: readonly Sentences[]) {
    for (const entry of tables.flatMap(Object.entries) as [string, string][]) {
      if (entry[0].search(HOLE) < 0) this.whole.set(...entry);
      else this.rules.push(ruleOf(entry));
    }
    this.rules.sort((a, b) => b.own - a.own);
  }

  said(text: string, inside: (text: string) => string): string | undefined {
    const alone = this.whole.get(text);
    if (alone !== undefined) return alone;
    for (const { from, to } of this.rules) {
      const found = from.exec(text)?.groups;
      if (found) return to.replace(HOLE, (hole, at: number) => {
        const words = (hole[0] === "%" ? inside : kept)(found[`h${hole[1] ?? ""}`] ?? "");
        const [before, after] = [to[at - 1] ?? "", to[at + 2] ?? ""]; // a name in Latin letters stands apart from Chinese
        return `${HAN.test(before) && /^[\w-]/.test(words) ? " " : ""}${words}${HAN.test(after) && /\w$/.test(words) ? " " : ""}`;
      }).replace(NO_GAP, "$1");
    }
    return undefined;
  }
}

/** What says a text in Chinese, or undefined. `within` holds words that stand only inside of sentences; `otherwise` is asked for these last. */
export function phrases(tables: readonly Sentences[], within: readonly Sentences[], otherwise: (text: string) => string = kept): (text: string) => string | undefined {
  const [all, parts] = [new Table(tables), new Table(within)];
  const inside = (text: string): string => parts.whole.get(text) ?? all.said(text, inside) ?? parts.said(text, inside) ?? otherwise(text);
  return (text) => all.said(text, inside);
}
