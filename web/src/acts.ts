// What hands ask for: GO, the stops, and everything else, with what was said to it. One place, whatever key or button was used.

import { signal } from "@preact/signals";
import type { Requests } from "./generated/messages";
import { chosen, link, list, lists, may, me, person } from "./store";
import type { Answer } from "./types";
import { words } from "./words";

export type Surface = "console" | "key";
/** Milliseconds without an answer after which GO shows that it is pressed: a page that changes on a key hears nothing before its next picture. */
const PATIENCE = 30;
type Feeling = "" | "pressed" | "taken" | "refused";

/** What stands on the GO button: what was said to the last press. `no`: it was refused. */
export const said = signal({ text: "", no: false });
export const goFeels = signal<Feeling>("");
export const panicFeels = signal(false);

const page = crypto.getRandomValues(new Uint32Array(2)).join("-");
let presses = 0;
let quiet = 0;
let calm = 0;
let waiting = 0;

export function say(text: string, no: boolean): void {
  clearTimeout(quiet);
  said.value = { text, no };
  if (text) quiet = setTimeout(() => say("", false), no ? 6000 : 3000);
}

function feel(feeling: Feeling, ms: number): void {
  clearTimeout(calm);
  clearTimeout(waiting);
  goFeels.value = feeling;
  calm = setTimeout(() => (goFeels.value = ""), ms);
}

const origin = (surface: Surface) => ({ surface, person: me.value?.person || person.value });

/** Presses GO on the list in hand: at once, or not at all. */
export async function go(surface: Surface): Promise<void> {
  if (!link.good || !may("Go")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => feel("pressed", 90), PATIENCE);
  presses += 1;
  try {
    const answer = await link.ask("Go", { list: chosen.value, token: `${page}-${presses}`, origin: origin(surface) });
    if (answer.refused) refuse(answer.refused);
    else {
      say(answer.started ? words.value.started(answer.started.cue) : "", false);
      feel("taken", 400);
    }
  } catch {
    refuse(words.value.notSent("GO"));
  }
}

function refuse(reason: string): void {
  say(words.value.words(reason), true);
  feel("refused", 400);
}

/** Everything but GO and panic. What was refused is said where GO says it; the answer is given back. */
export async function ask<Name extends keyof Requests>(
  request: Name, fields: Requests[Name], surface: Surface = "console", name = "",
): Promise<Answer | null> {
  try {
    const from = { ...origin(surface), ...(name ? { person: name } : {}) };
    const answer = await link.ask<Name>(request, Object.assign({ origin: from }, fields));
    if (answer.refused) say(words.value.words(answer.refused), true);
    return answer;
  } catch {
    say(words.value.notSent(request), true);
    return null;
  }
}

export async function panic(surface: Surface): Promise<void> {
  panicFeels.value = true;
  setTimeout(() => (panicFeels.value = false), 200);
  try {
    const answer = await link.insist("Panic", { origin: origin(surface) });
    if (answer.straight) say(words.value.straight, true);
    else if (answer.refused) say(words.value.words(answer.refused), true);
  } catch {
    say(words.value.notSent(words.value.panic), true);
  }
}

export function evacuate(): void {
  link
    .insist("Evacuate", { origin: origin("console") })
    .then((answer) => answer.refused && say(words.value.words(answer.refused), true))
    .catch(() => say(words.value.notSent(words.value.evacuate), true));
}

export const back = (surface: Surface = "console") => ask("Back", { list: chosen.value }, surface);
export const move = (by: number) => ask("StandbyMove", { list: chosen.value, by }, "key");
export const standBy = (cue: string) => ask("Standby", { list: chosen.value, cue });
export const pauseOrResume = () => ask(lists.value.some((item) => item.paused) ? "Resume" : "Pause", {});
export const stopList = () => ask("Stop", { list: list.value?.name ?? "" }, "key");
