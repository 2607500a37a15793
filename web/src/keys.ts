// The keyboard: which key does what, and how a person changes it. Key repeat does nothing but for the arrows. Escape is always panic.

import { signal } from "@preact/signals";
import { ask, back, go, panic, say, standBy, stopList, move } from "./acts";
import { kept } from "./kept";
import { choose, cuesInHand, list, lists, page, type PageName } from "./store";
import { words } from "./words";

export const ACTIONS = ["go", "back", "pause", "resume", "stop", "up", "down", "list", "panic", "help"] as const;
export type Action = (typeof ACTIONS)[number];
type Binding = Record<Action, string[]>;

const FIRST: Binding = {
  go: [" "], back: ["Backspace", "Shift+ "], pause: ["["], resume: ["]"], stop: ["s"], up: ["ArrowUp"], down: ["ArrowDown"], list: ["l"],
  panic: ["Escape"], help: ["?"],
};

export const bindings = kept<Binding>("keys", FIRST, fits);
/** The action that waits for its new key; null: none. */
export const waiting = signal<Action | null>(null);
/** Digits typed so far: Enter makes that cue stand by. */
export const typed = signal("");

let before: PageName = "show";

function fits(value: unknown): boolean {
  return typeof value === "object" && value !== null && ACTIONS.every((name) => Array.isArray((value as Binding)[name]));
}

export const resetKeys = (): void => {
  bindings.value = FIRST;
};

/** A key as it is stored: "s", "Shift+ ", "F5". */
function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && (key === " " || key.length > 1) ? `Shift+${key}` : key;
}

/** A key as a person reads it. */
export const spoken = (key: string): string =>
  key.replace(/ $/, words.value.desk.space).replace("Escape", "Esc").replace("ArrowUp", "↑").replace("ArrowDown", "↓").replace("Backspace", "⌫").replace("+", " + ");

const DOES: Record<Action, () => unknown> = {
  go: () => go("key"),
  back: () => back("key"),
  pause: () => ask("Pause", {}, "key"),
  resume: () => ask("Resume", {}, "key"),
  stop: stopList,
  up: () => move(-1),
  down: () => move(1),
  panic: () => panic("key"),
  list: nextList,
  help: () => showKeys(),
};

/** The map of the keys, and back to where one was. */
function showKeys(): void {
  if (page.value === "desk") page.value = before;
  else {
    before = page.value;
    page.value = "desk";
  }
}

function nextList(): void {
  const all = lists.value;
  const at = all.findIndex((item) => item.name === list.value?.name);
  const next = all[(at + 1) % all.length];
  if (next) choose(next.name);
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input[type=text], input[type=password], input[type=search], input[type=date], textarea, select");

function learn(event: KeyboardEvent, action: Action): void {
  event.preventDefault();
  waiting.value = null;
  const key = nameOf(event);
  if (key === "Escape" || /^[0-9.]$/.test(key) || key === "Enter" || key === "Tab") return;
  const others = Object.fromEntries(ACTIONS.map((name) => [name, bindings.value[name].filter((old) => old !== key)])) as Binding;
  bindings.value = { ...others, [action]: [key, ...(action === "panic" ? ["Escape"] : [])] };
}

function digits(event: KeyboardEvent): boolean {
  if (/^[0-9.]$/.test(event.key)) typed.value = (typed.value + event.key).slice(0, 12);
  else if (typed.value && event.key === "Enter") {
    const label = typed.value;
    typed.value = "";
    if (cuesInHand.value.some((cue) => cue.label === label)) void standBy(label);
    else say(words.value.noCue(label), true);
  } else if (typed.value && event.key === "Backspace") typed.value = typed.value.slice(0, -1);
  else {
    typed.value = "";
    return false;
  }
  return true;
}

function keyDown(event: KeyboardEvent): void {
  if (event.key === "Escape") {
    event.preventDefault();
    waiting.value = null;
    typed.value = "";
    if (!event.repeat) void panic("key");
    return;
  }
  if (waiting.value) return learn(event, waiting.value);
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (digits(event)) return event.preventDefault();
  if (event.key === "Enter" && event.repeat) event.preventDefault(); // a button that has the focus fires once
  const key = nameOf(event);
  const action = ACTIONS.find((name) => bindings.value[name].includes(key));
  const slides = event.target instanceof HTMLInputElement && event.target.type === "range";
  if (!action || (slides && key.startsWith("Arrow"))) return;
  event.preventDefault();
  if (!event.repeat || action === "up" || action === "down") DOES[action]();
}

/** Listens to the keyboard from now on. */
export function listen(): void {
  document.addEventListener("keydown", keyDown);
  // A button that has the focus is clicked when the space bar comes up; the bar has done its work by then.
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && !typing(event.target)) event.preventDefault();
  });
}
