// What happens next, as the show itself knows it: asked for when something has turned, and counted down in between.

import { computed, effect, signal } from "@preact/signals";
import { read } from "../api";
import { cues, latched, list, listName, lost, turned, view } from "../store";

interface Step { in: number; kind: string; words: string; cue?: string }
interface Explained { list: string; now: number; go: { refused: string; cue: string | null; does: Step[]; then: Step[] }; alone: { then: Step[]; waits: string[] } }
/** `in`: seconds from when it was asked; what only GO brings about stands so far behind GO, whenever that is. `late`: at the latest then, sooner when somebody or something decides. */
export interface Coming { at: number; in: number; label: string; words: string; kind: string; afterGo: boolean; ends: boolean; late: boolean }

const LEAST = 1200; // ms between two questions: the show is not to be worn out by curiosity
const told = signal<Explained | null>(null);
/** How things stood when it was asked: what was foreseen before a pause or a panic is not what will come. */
const held = computed(() => `${list.value?.paused} ${latched.value}`);
const heldThen = signal("");
let timer = 0;
let asked = -Infinity;

function ask(): void {
  const name = list.value?.name;
  if (lost.value || !name || document.hidden) return;
  asked = performance.now();
  const then = held.value;
  read<Explained>("explain", { list: name }).then(
    (found) => {
      told.value = found;
      heldThen.value = then;
    },
    () => undefined, // the next change asks again
  );
}

const where = computed(() => `${turned.value} ${listName.value} ${list.value?.standby} ${held.value}`);

// Whoever forecasts looks again when the standby moved, when something was noted, and now and then.
effect(() => {
  void where.value;
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(150, LEAST - (performance.now() - asked)));
});
setInterval(() => performance.now() - asked > 8000 && ask(), 2000);

const nameOf = (ref: string): string => {
  const [name = "", label = ""] = ref.split("/");
  const cue = cues.value[name]?.find((item) => item.label === label);
  return name === list.value?.name ? `${label} ${cue?.name ?? ""}`.trim() : `${ref} ${cue?.name ?? ""}`.trim();
};

const step = (base: number, afterGo: boolean) => (item: Step): Coming => ({
  at: base + item.in,
  in: item.in,
  label: item.cue?.split("/")[1] ?? "",
  words: item.kind === "cue" && item.cue ? nameOf(item.cue) : item.words.replaceAll(`${list.value?.name}/`, ""),
  kind: item.kind,
  afterGo,
  ends: false,
  late: item.kind === "decision" && item.words.includes("at the latest"),
});

/** What a person or a thing decides and what it brings about stand at one instant: they are one line, named for what starts. */
function joined(all: Coming[]): Coming[] {
  const found: Coming[] = [];
  for (const item of all) {
    const before = found.at(-1);
    if (before?.kind === "decision" && item.kind === "cue" && Math.abs(item.at - before.at) < 0.05) found[found.length - 1] = { ...item, kind: "decided", late: before.late };
    else found.push(item);
  }
  return found;
}

const known = (steps: Step[], base: number, afterGo: boolean): Coming[] => joined(steps.filter((item) => item.kind !== "mark").map(step(base, afterGo)));

/** Everything known of what is to come, soonest first; what only GO would bring about stands behind what comes by itself. */
export const coming = computed<Coming[]>(() => {
  const seen = view.value;
  const found = told.value;
  if (!seen || !list.value) return [];
  const fits = found && found.list === list.value.name && heldThen.value === held.value ? found : null;
  const alone = fits ? known(fits.alone.then, fits.now, false) : [];
  const after = fits && !alone.length && !fits.go.refused && fits.go.cue === list.value.standby ? known(fits.go.then, fits.now, true) : [];
  const ends = list.value.running
    .filter((run) => run.state === "running" && run.remaining !== null && run.remaining > 0.5 && !run.parent)
    .map((run): Coming => ({ at: seen.now + (run.remaining ?? 0), in: run.remaining ?? 0, label: run.cue, words: run.cue, kind: "end", afterGo: false, ends: true, late: false }));
  return [...alone, ...ends, ...after].filter((item) => item.afterGo || item.at > seen.now).sort((a, b) => a.at - b.at);
});

/** How far ahead it is, in seconds. */
export const ahead = (item: Coming, now: number): number => (item.afterGo ? item.in : Math.max(item.at - now, 0));

/** The next thing that starts without anybody's hand. */
export const comingByItself = computed<{ words: string; in: number } | null>(() => {
  const now = view.value?.now ?? 0;
  const first = coming.value.find((item) => !item.afterGo && !item.ends);
  return first ? { words: first.words, in: Math.max(first.at - now, 0) } : null;
});

/** What GO would do at once, in the show's own words; empty where the answer is of another cue than the one that stands by. */
export const goDoes = computed<Step[]>(() => {
  const found = told.value;
  if (!found || found.list !== list.value?.name || found.go.cue !== list.value.standby) return [];
  return found.go.does.filter((item) => item.kind !== "mark");
});
