// Whether anything is wrong, as sentences: what is lost first, and what the next cue needs before all else.

import { computed } from "@preact/signals";
import { age, percent, time } from "./format";
import { cuesInHand, devices, latched, lists, standbyCue, tags, view } from "./store";
import { ahead, coming } from "./show/forecast";
import type { Device } from "./types";
import { words } from "./words";

/** `name` is whom it is about; `more`: how many others this line stands for. */
export interface Trouble { bad: boolean; urgent: boolean; name: string; words: string; device?: string; more?: number }

const MOST = 3;
const missed = { count: -1, at: -Infinity };

/** A missed frame is worth a line for a minute; the count stays in the room view. What was missed before the page was there is no news. */
function missedLately(count: number, now: number): boolean {
  if (missed.count < 0 || count < missed.count) missed.count = count;
  else if (count > missed.count) Object.assign(missed, { count, at: now });
  return count > 0 && now - missed.at < 60;
}

const SILENT = /^(?:is lost: )?nothing was heard of it/;

/** Why, without the name and without what only a technician reads: the room view has all of it. */
function shortly(device: Device, name: string): string {
  const why = (device.why.startsWith(name) ? device.why.slice(name.length).trim() : device.why).replace(/ \(.*\)(?=[.。]?$)/, "");
  const silence = words.value.silent(age(device.age === null ? null : Math.round(device.age)));
  if (SILENT.test(why)) return `${words.value.health[device.health]}${words.value.fullStop}${silence}`;
  const counted = device.age === null ? why : why.replace(/ for [\d.]+ s\b/, ` for ${age(Math.round(device.age))} s`);
  const said = words.value.words(counted || (words.value.health[device.health] ?? "")).replace(/^(?:is lost|is degraded): /, "").replace(/[^.。]$/, "$&.");
  return !/ for [\d.]+ s\b/.test(why) && (device.age === null || device.age > 2) ? `${said}${words.value.fullStop.slice(1)}${silence}` : said;
}

/** Which cue will need it, and when: the one that stands by, or the first that the forecast names. */
function neededBy(device: Device): { urgent: boolean; words: string } {
  if (standbyCue.value?.does?.devices.includes(device.name)) return { urgent: true, words: words.value.needs };
  for (const item of coming.value) {
    const cue = item.ends ? undefined : cuesInHand.value.find((one) => one.label === item.label);
    if (cue?.does?.devices.includes(device.name)) return { urgent: false, words: words.value.needsIn(`${cue.label} ${cue.name}`.trim(), time(ahead(item, view.value?.now ?? 0)), item.afterGo) };
  }
  return { urgent: false, words: "" };
}

function ofDevice(device: Device): Trouble {
  const name = device.label || device.name;
  const need = neededBy(device);
  return { bad: device.health === "lost", urgent: need.urgent, name, words: [shortly(device, name), need.words].filter(Boolean).join(words.value.fullStop.slice(1)), device: device.name };
}

export const troubles = computed<Trouble[]>(() => {
  const seen = view.value;
  if (!seen) return [];
  const found: Trouble[] = devices.value.filter((device) => device.health === "degraded" || device.health === "lost").map(ofDevice);
  if (seen.wire.connected === false) found.push({ bad: true, urgent: true, name: "", words: words.value.noLight(seen.wire.why) });
  else if (missedLately(seen.wire.missed, seen.now)) found.push({ bad: false, urgent: false, name: "", words: words.value.missed(seen.wire.missed) });
  if (seen.journal?.trouble) found.push({ bad: true, urgent: false, name: "", words: words.value.unrecorded(seen.journal.trouble) });
  else if (seen.journal?.late) found.push({ bad: false, urgent: false, name: "", words: words.value.late });
  return found.sort((a, b) => Number(b.urgent) - Number(a.urgent) || Number(!a.device) - Number(!b.device) || Number(b.bad) - Number(a.bad));
});

/** As many lines as a glance takes: a switch that dies takes twenty devices with it, and is one line more. */
export const troubleLines = computed<Trouble[]>(() => {
  const all = troubles.value;
  if (all.length <= MOST) return all;
  const rest = all.slice(MOST - 1);
  const names = rest.map((item) => item.name).filter(Boolean).join(words.value.comma);
  const first = rest.find((item) => item.device !== undefined)?.device;
  const line: Trouble = { bad: rest.some((item) => item.bad), urgent: false, name: words.value.moreIll(rest.length), words: names, more: rest.length };
  return [...all.slice(0, MOST - 1), first === undefined ? line : { ...line, device: first }];
});

/** How the show stands, in a word, for whoever looks from the door: what is in force counts more than any device. */
export const stands = computed<{ words: string; look: "" | "late" | "bad" }[]>(() => {
  const found: { words: string; look: "late" | "bad" }[] = [];
  const all = lists.value;
  const paused = all.filter((item) => item.paused);
  if (latched.value) found.push({ words: `! ${words.value.inForce[latched.value] ?? latched.value}`, look: "bad" });
  else if (paused.length) found.push({ words: `‖ ${paused.length === all.length ? words.value.allPaused : words.value.pausedList(paused.map((item) => item.label || item.name).join(words.value.comma))}`, look: "late" });
  const masters = view.value?.masters ?? {};
  const grand = masters["grand"] ?? 1;
  if ((masters["blackout"] ?? 0) > 0) found.push({ words: `■ ${words.value.blackout}`, look: "late" });
  if (grand < 1) found.push({ words: `▾ ${words.value.grand(percent(grand))}`, look: "late" });
  const ill = troubles.value;
  if (ill.length) found.push({ words: `! ${words.value.ill(ill.length)}`, look: ill.some((item) => item.bad) ? "bad" : "late" });
  return found;
});

const MOST_TAGS = 4;

/** What people have put on the show by hand: locks and overdue lights first, and no more lines than a glance takes. */
export const tagLines = computed<{ late: boolean; words: string }[]>(() => {
  const today = (view.value?.wall ?? "").slice(0, 10);
  const { maintenance, out_of_service, checking, parked } = tags.value;
  const lines = maintenance.map((item) => ({ late: true, words: words.value.maintenance(item) }));
  for (const item of tags.value.muted ?? []) lines.push({ late: true, words: words.value.muted(item) });
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
