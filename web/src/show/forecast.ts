// What happens next, as the show itself knows it: asked for when something has turned, and counted down in between.

import { computed, effect, signal } from "@preact/signals";
import { read } from "../api";
import { cues, latched, list, listName, lost, turned, view } from "../store";

interface Step { in: number; kind: string; words: string; cue?: string }
interface Explained { list: string; now: number; go: { refused: string; cue: string | null; does: Step[]; then: Step[] }; alone: { then: Step[]; waits: string[] } }
export interface Coming { at: number; label: string; words: string; kind: string; afterGo: boolean; ends: boolean }

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
  label: item.cue?.split("/")[1] ?? "",
  words: item.kind === "cue" && item.cue ? nameOf(item.cue) : item.words.replaceAll(`${list.value?.name}/`, ""),
  kind: item.kind,
  afterGo,
  ends: false,
});

/** Everything known of what is to come, soonest first; what only GO would bring about stands behind what comes by itself. */
export const coming = computed<Coming[]>(() => {
  const seen = view.value;
  const found = told.value;
  if (!seen || !list.value) return [];
  const known = found && found.list === list.value.name && heldThen.value === held.value ? found : null;
  const alone = known ? known.alone.then.filter((item) => item.kind !== "mark").map(step(known.now, false)) : [];
  const after = known && !alone.length && !known.go.refused && known.go.cue === list.value.standby ? known.go.then.filter((item) => item.kind !== "mark").map(step(known.now, true)) : [];
  const ends = list.value.running
    .filter((run) => run.state === "running" && run.remaining !== null && run.remaining > 0.5 && !run.parent)
    .map((run): Coming => ({ at: seen.now + (run.remaining ?? 0), label: run.cue, words: run.cue, kind: "end", afterGo: false, ends: true }));
  return [...alone, ...ends, ...after].filter((item) => item.afterGo || item.at > seen.now).sort((a, b) => a.at - b.at);
});

/** The next thing that starts without anybody's hand. */
export const comingByItself = computed<{ words: string; in: number } | null>(() => {
  const now = view.value?.now ?? 0;
  const first = coming.value.find((item) => !item.afterGo && !item.ends);
  return first ? { words: first.words, in: Math.max(first.at - now, 0) } : null;
});

/** What GO would do at once, in the show's own words; empty where the answer is of another cue than the one that stands by. */
export const goDoes = computed<string[]>(() => {
  const found = told.value;
  if (!found || found.list !== list.value?.name || found.go.cue !== list.value.standby) return [];
  return found.go.does.filter((item) => item.kind !== "mark").map((item) => (item.in > 0 ? `+${item.in.toFixed(1)}  ${item.words}` : item.words));
});
