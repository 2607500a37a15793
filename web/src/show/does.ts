// In short what a cue does, as words: lights, effects, devices by their names.

import { devices } from "../store";
import type { Does } from "../types";
import { words } from "../words";

/** What it does besides asking devices. */
export function doesParts(does: Does): string[] {
  const said = words.value.does;
  return [
    does.light ? said.light(does.light) : "", does.effects ? said.effect(does.effects) : "", does.cues ? said.other : "", does.sets ? said.set : "",
  ].filter(Boolean);
}

export const labelOf = (name: string): string => devices.value.find((device) => device.name === name)?.label || name;

export const doesWords = (does: Does | undefined): string => (does ? [...doesParts(does), ...does.devices.map(labelOf)].join(" · ") : "");
