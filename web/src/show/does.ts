// In short what a cue does, as words: lights, effects, devices by their names; and what the show says in full of a GO, made short.

import { deviceFacts } from "../store";
import type { Does } from "../types";
import { words } from "../words";

/** What it does besides asking devices. */
export function doesParts(does: Does): string[] {
  const said = words.value.does;
  return [
    does.light ? said.light(does.light) : "", does.effects ? said.effect(does.effects) : "", does.cues ? said.other : "", does.sets ? said.set : "",
  ].filter(Boolean);
}

export const labelOf = (name: string): string => deviceFacts.value.get(name)?.label ?? name;

export const doesWords = (does: Does | undefined): string => (does ? [...doesParts(does), ...does.devices.map(labelOf)].join(" · ") : "");

const TAKES = /^takes (.+?)(?: \((\d+)\))? over from (.+)$/;

/** The lines of what GO does, as a person reads them: devices by their labels, and what is taken over counted, not listed. */
export function shortly(lines: { in: number; kind: string; words: string }[]): string[] {
  const found: string[] = [];
  let taken = 0;
  for (const line of [...lines].sort((a, b) => Number(a.kind === "delay") - Number(b.kind === "delay"))) {
    const takes = TAKES.exec(line.words);
    if (takes) {
      taken += Number(takes[2] ?? 1);
      continue;
    }
    const [name = "", rest] = line.words.split(/: (.*)/s);
    const said = rest !== undefined && deviceFacts.value.has(name) ? `${labelOf(name)}: ${words.value.act(rest)}` : words.value.words(line.words);
    found.push(line.in >= 0.1 ? `+${line.in.toFixed(1)}  ${said}` : said);
  }
  if (taken) found.push(words.value.does.takes(taken));
  return found;
}
