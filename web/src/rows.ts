// The list as rows: cues in file order, with the members of a group under it. Every row is as high as the next, so that five thousand
// of them need no measuring.

import { computed } from "@preact/signals";
import { kept } from "./kept";
import { cuesInHand, list, listName } from "./store";
import type { Cue, Does, Run } from "./types";

export interface Row { cue: Cue; member: string; memberName: string; does: Does | undefined; at: number; chained: boolean; open: boolean | null }

const OPEN_UP_TO = 6;
/** Groups that somebody opened or closed on this device: `list/label` -> open. */
export const folds = kept<Record<string, boolean>>("folds", {}, (value) => typeof value === "object" && value !== null);

export const rows = computed<Row[]>(() => {
  const found: Row[] = [];
  const name = listName.value;
  let chained = false;
  for (const cue of cuesInHand.value) {
    const members = cue.group?.mode === "first_enters" ? [] : (cue.group?.members ?? []);
    const open = members.length ? (folds.value[`${name}/${cue.label}`] ?? members.length <= OPEN_UP_TO) : null;
    found.push({ cue, member: "", memberName: "", does: cue.does, at: 0, chained, open });
    if (open) for (const item of members) found.push({ cue, member: item.label, memberName: item.name, does: item.does, at: item.at, chained: false, open: null });
    chained = Boolean(cue.next) && cue.kind !== "branch";
  }
  return found;
});

/** Label -> its place among the rows. */
export const places = computed(() => new Map(rows.value.map((row, at) => [row.member || row.cue.label, at])));
export const runsByCue = computed(() => new Map<string, Run>((list.value?.running ?? []).map((run) => [run.cue, run])));
export const disarmed = computed(() => new Set(list.value?.disarmed ?? []));

export function fold(label: string, open: boolean): void {
  folds.value = { ...folds.value, [`${list.value?.name ?? ""}/${label}`]: open };
}

/** Whether there is something left to count down to. */
export const counts = (run: Run): boolean => run.remaining !== null && run.state !== "post_wait";
/** How much of it is done, 0..1. */
export const part = (run: Run): number => (run.duration ? Math.min(run.elapsed / run.duration, 1) : run.duration === 0 ? 1 : 0);

export const SHAPES: Record<string, string> = { running: "▬", waiting: "┄", paused: "‖", post_wait: "▬", standby: "▶", disarmed: "○" };
/** How a cue hands on, drawn: an arrow from its start, one from its end, a condition, a fork. Lines in a box of 16. */
export const LINKS: Record<string, string> = {
  after_start: "M8 2v11M4 9l4 4 4-4", after_end: "M8 2v8M4 6l4 4 4-4M3 14h10", when: "M8 2l6 6-6 6-6-6z", branch: "M8 2v4M8 6l-5 5v3M8 6l5 5v3",
};
