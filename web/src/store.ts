// What the page knows: the last the show said, the list in hand, and what is on the screen. Components read it, nothing here draws.

import { computed, effect, signal } from "@preact/signals";
import { kept, remember, remembered } from "./kept";
import { Link } from "./link";
import type { Cue, LightNow, List, Me, Note, Said, View } from "./types";
import { MAY, ROLES, VERSION, type MessageName, type Role } from "./generated/messages";
import { read } from "./api";
import { words } from "./words";

export const MOST_NOTES = 200;
export const PAGES = ["show", "room", "light", "ladder", "log", "edit", "rehearse", "desk"] as const;
export type PageName = (typeof PAGES)[number];

export const view = signal<View | null>(null);
export const cues = signal<Record<string, Cue[]>>({});
export const notes = signal<Note[]>([]);
export const lights = signal<Record<string, LightNow>>({});
export const me = signal<Me | null>(null);
/** Seconds since the show was last heard while it is not; null: never heard; undefined: it is heard. */
export const lostFor = signal<number | null | undefined>(null);
export const chosen = signal("");
export const page = kept<PageName>("page", "show", (value) => PAGES.includes(value as PageName));
/** The row that was touched last, and what of it is asked for below the list. */
export const selected = signal<string | null>(null);
/** Counts notes that change what is to come: who forecasts looks again. */
export const turned = signal(0);

export const lost = computed(() => lostFor.value !== undefined);
export const lists = computed(() => view.value?.lists ?? []);
export const list = computed<List | undefined>(() => lists.value.find((item) => item.name === chosen.value) ?? lists.value[0]);
/** Names change seldom, lists ten times a second: who needs the name alone asks for this. */
export const listName = computed(() => list.value?.name ?? "");
export const cuesInHand = computed<Cue[]>(() => cues.value[listName.value] ?? []);
export const standby = computed(() => list.value?.standby ?? null);
export const standbyCue = computed(() => {
  const label = standby.value;
  return label === null ? undefined : cuesInHand.value.find((cue) => cue.label === label);
});
export const devices = computed(() => view.value?.devices ?? []);
const deviceKey = computed(() => devices.value.map((device) => `${device.name}\t${device.kind}\t${device.label}`).join("\n"));
/** Name -> kind and label, of which nothing changes ten times a second: rows of the list ask for these alone. */
export const deviceFacts = computed(() => {
  const found = new Map<string, { kind: string; label: string }>();
  for (const line of deviceKey.value.split("\n")) {
    const [name = "", kind = "", label = ""] = line.split("\t");
    found.set(name, { kind, label: label || name });
  }
  return found;
});
export const tags = computed(() => view.value?.tags ?? { maintenance: [], checking: [], parked: [], out_of_service: [] });
export const latched = computed(() => view.value?.latched ?? "");
export const pausedAny = computed(() => lists.value.some((item) => item.paused));
export const editing = computed(() => (view.value?.mode ?? "edit") === "edit");

/** Who sits here, as they said: it stands in the log beside what they press. */
export const person = kept<string>("person", "", (value) => typeof value === "string");

/** Whether whoever sits here may send this. The server looks again at every message: here it is for the looks of a button. */
export function may(name: MessageName): boolean {
  const role = me.value?.role;
  return me.value === null || (role !== null && role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(MAY[name]));
}

export const roleWords = (role: Role | null): string => (role === null ? "" : (words.value.desk.role[role] ?? role));

/** Whether a button that sends this can do anything now. */
export const can = (name: MessageName): boolean => !lost.value && may(name);

export function choose(name: string): void {
  chosen.value = name;
  selected.value = null;
  remember("list", name);
}

function take(said: Said): void {
  if (said.type === "hello") {
    if (said.version !== undefined && said.version !== VERSION && sessionStorage.getItem("reloaded") !== String(said.version)) {
      sessionStorage.setItem("reloaded", String(said.version)); // once: a page that cannot be younger stays
      location.reload();
      return;
    }
    view.value = said.view;
    notes.value = said.notes;
    if (said.me) me.value = said.me;
    cues.value = Object.fromEntries(said.view.lists.map((item) => [item.name, item.cues ?? []]));
    if (!cues.value[chosen.value]) {
      const before = remembered("list") ?? "";
      chosen.value = cues.value[before] ? before : said.view.main_list;
    }
    turned.value += 1;
  } else if (said.type === "update") {
    const known = view.value;
    if (known) view.value = { ...known, ...said.view };
    if (said.notes.length) {
      notes.value = [...notes.value, ...said.notes].slice(-MOST_NOTES);
      turned.value += 1;
    }
  } else if (said.type === "lights") {
    const now = { ...lights.value, ...said.lights };
    for (const [name, level] of Object.entries(said.levels ?? {})) {
      const known = now[name];
      if (known) now[name] = { ...known, level };
    }
    lights.value = now;
  }
}

export const link = new Link({
  said: take,
  lost(age) {
    lostFor.value = age;
  },
  found() {
    lostFor.value = undefined;
  },
});

// Others see who sits here and which list is in hand.
effect(() => {
  const here = { list: chosen.value, person: person.value };
  if (!lost.value && here.list) void link.ask("Here", here).catch(() => undefined);
});

// Where nobody may even look before they log in, there is no socket to say so.
effect(() => {
  if (lostFor.value === null && me.value === null) void read<Me>("me").then((found) => (me.value = found)).catch(() => undefined);
});
