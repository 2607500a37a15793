// 检查器的话：文件里的错与提醒、编辑为何不行、以及出路。只在页面是中文时载入。
// What the checker says about a show folder, and why an edit is refused, in Chinese. Loaded only where the page is Chinese.
//
// A sentence is written as the checker says it: `$1` stands for what an author wrote and stays as it is, `%1` for words of the checker,
// which are said in Chinese in their turn. The sentence with the most words of its own wins. What has none here stays as it was said:
// examples of how something is written. tests/console/test_page_findings.py reads the sentences off the checker's source.

import { CUES, EDITS, HOUSE, REHEARSALS, TRIGGERS } from "./cues";
import { DEVICES, HAZARDS, SPACE, SPEECH, ZONES } from "./devices";
import { HOLOGRAMS, LEVELS, PATCH, PIXELS } from "./light";
import { EXPRESSIONS, FILES, KEYS, KINDS, VALUES } from "./reading";
import * as ways from "./ways";
import * as waysThere from "./ways_there";

export type Sentences = Readonly<Record<string, string>>;

interface Rule { from: RegExp; to: string; own: number }

const ALL: Sentences[] = [
  FILES, KEYS, VALUES, EXPRESSIONS, CUES, TRIGGERS, REHEARSALS, HOUSE, EDITS, PATCH, LEVELS, PIXELS, HOLOGRAMS, DEVICES, SPEECH, SPACE, ZONES, HAZARDS,
  ...Object.values(ways), ...Object.values(waysThere),
];
const HOLE = /[$%]\d/g;
const WHOLE = new Map<string, string>();
const RULES: Rule[] = [];
for (const [english, to] of ALL.flatMap(Object.entries)) {
  const fixed = english.replace(HOLE, "");
  if (fixed === english) WHOLE.set(english, to);
  else RULES.push({ from: ruleOf(english), to, own: fixed.length });
}
RULES.sort((a, b) => b.own - a.own);
const KIND_RULES: Rule[] = Object.entries(KINDS).filter(([english]) => english.search(HOLE) >= 0).map(([english, to]) => ({ from: ruleOf(english), to, own: 0 }));

/** What stands where an author wrote nothing, or no name. */
const EMPTY: Sentences = { this: "此处", "this file": "此文件", nothing: "（空）", "(none)": "（空）", "(empty)": "（空）", "without a name": "（无名）", "(missing)": "（空）" };

function ruleOf(english: string): RegExp {
  const holes = english.match(HOLE) ?? [];
  const parts = english.split(HOLE).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.map((part, n) => part + (n < holes.length ? `(?<h${holes[n]?.[1] ?? ""}>.+?)` : "")).join("")}$`, "s");
}

function filled(rules: Rule[], text: string): string | undefined {
  for (const { from, to } of rules) {
    const found = from.exec(text)?.groups;
    if (found) return to.replace(HOLE, (hole, at: number) => {
      const words = (hole[0] === "%" ? inside : kept)(found[`h${hole[1] ?? ""}`] ?? "");
      return /[\u4e00-\u9fff]/.test(to[at - 1] ?? "") && /^[\w-]/.test(words) ? ` ${words}` : words;
    }).replace(NO_GAP, "$1");
  }
  return undefined;
}

const NO_GAP = new RegExp(`(${Object.values(EMPTY).join("|")}) `, "g");

const kept = (text: string): string => EMPTY[text] ?? text;
const inside = (text: string): string => KINDS[text] ?? said(text) ?? filled(KIND_RULES, text) ?? kept(text);
const said = (text: string): string | undefined => WHOLE.get(text) ?? filled(RULES, text);

const SEVERITY: Sentences = { error: "错误", warning: "提醒" };

/** A finding, a refusal of an edit or its way out, line by line; places and codes in front of a line stay as they are. */
export function findingInChinese(text: string): string {
  return text.split("\n").map((line) => {
    const [, indent = "", place = "", severity = "", code = "", words = ""] = /^(\s*)((?:\S+:\d+(?::\d+)?: )?)(?:(error|warning) ([A-Z_]+) )?(.*)$/.exec(line) ?? [];
    return `${indent}${place}${severity && `${SEVERITY[severity] ?? severity} ${code} `}${said(words) ?? words}`;
  }).join("\n");
}
