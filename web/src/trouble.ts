// Whether anything is wrong, as sentences: what is lost first, and what the next cue needs before all else.

import { computed } from "@preact/signals";
import { age } from "./format";
import { devices, standbyCue, tags, view } from "./store";
import type { Device } from "./types";
import { words } from "./words";

export interface Trouble { bad: boolean; urgent: boolean; words: string; device?: string }

const missed = { count: 0, at: -Infinity };

/** A missed frame is worth a line for a minute; the count stays in the room view. */
function missedLately(count: number, now: number): boolean {
  if (count > missed.count) Object.assign(missed, { count, at: now });
  return count > 0 && now - missed.at < 60;
}

function ofDevice(device: Device, needed: boolean): Trouble {
  const name = device.label || device.name;
  const why = device.why.startsWith(name) ? device.why : `${name}: ${device.why || words.value.health[device.health]}`;
  const told = [words.value.words(why).replace(/[.。]?$/, (end) => end || "."), ""];
  if (device.age === null || device.age > 2) told[1] = words.value.silent(age(device.age === null ? null : Math.round(device.age)));
  const next = standbyCue.value;
  if (needed && next) told.push(words.value.needs(`${next.label} ${next.name}`.trim()));
  return { bad: device.health === "lost", urgent: needed, words: told.filter(Boolean).join(" "), device: device.name };
}

export const troubles = computed<Trouble[]>(() => {
  const seen = view.value;
  if (!seen) return [];
  const found: Trouble[] = [];
  const needs = new Set(standbyCue.value?.does?.devices ?? []);
  for (const device of devices.value) {
    if (device.health === "degraded" || device.health === "lost") found.push(ofDevice(device, needs.has(device.name)));
  }
  if (seen.wire.connected === false) found.push({ bad: true, urgent: true, words: words.value.noLight(seen.wire.why) });
  else if (missedLately(seen.wire.missed, seen.now)) found.push({ bad: false, urgent: false, words: words.value.missed(seen.wire.missed) });
  if (seen.journal?.trouble) found.push({ bad: true, urgent: false, words: words.value.unrecorded(seen.journal.trouble) });
  else if (seen.journal?.late) found.push({ bad: false, urgent: false, words: words.value.late });
  return found.sort((a, b) => Number(b.urgent) - Number(a.urgent) || Number(b.bad) - Number(a.bad));
});

const MOST_TAGS = 4;

/** What people have put on the show by hand: locks and overdue lights first, and no more lines than a glance takes. */
export const tagLines = computed<{ late: boolean; words: string }[]>(() => {
  const today = (view.value?.wall ?? "").slice(0, 10);
  const { maintenance, out_of_service, checking, parked } = tags.value;
  const lines = maintenance.map((item) => ({ late: true, words: words.value.maintenance(item) }));
  for (const item of out_of_service) {
    const late = Boolean(item.until) && String(item.until) < today;
    lines.push({ late, words: words.value.outOfService(item) + (late ? words.value.overdue : "") });
  }
  for (const item of checking) lines.push({ late: false, words: words.value.checking(item) });
  for (const item of parked) lines.push({ late: false, words: words.value.parked(item) });
  lines.sort((a, b) => Number(b.late) - Number(a.late));
  const more = lines.length - MOST_TAGS;
  return more > 0 ? [...lines.slice(0, MOST_TAGS), { late: false, words: words.value.moreTags(more) }] : lines;
});
