// Hot cues: a few cues of any list, one press away, chosen on this device. They start without moving the standby.

import { kept } from "./kept";

export interface Hot { list: string; cue: string }
const MOST = 8;

export const hot = kept<Hot[]>("hot", [], (value) => Array.isArray(value) && value.every((item) => typeof item?.list === "string" && typeof item?.cue === "string"));

export const isHot = (list: string, cue: string): boolean => hot.value.some((item) => item.list === list && item.cue === cue);

export function toggleHot(list: string, cue: string): void {
  hot.value = isHot(list, cue) ? hot.value.filter((item) => item.list !== list || item.cue !== cue) : [...hot.value, { list, cue }].slice(-MOST);
}
