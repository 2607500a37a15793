// Whole sentences of the checker and of the show are fetched in Chinese when the page turns Chinese: an English page never needs them.
// Until they are there, and where they cannot be had, the few that are said all the time are known (said.ts); the others stay English.

import { signal } from "@preact/signals";
import { inChinese } from "./said";

interface Fetched { findingInChinese: (text: string) => string; newsInChinese: (text: string) => string }

const fetched = signal<Fetched | null>(null);
let asked = false;

export function fetchSentences(): void {
  if (asked) return;
  asked = true;
  import("./findings").then(
    (there) => (fetched.value = there),
    () => (asked = false), // the next one who asks tries again
  );
}

/** A finding, a refused edit or its way out: what the checker said. */
export function finding(text: string): string {
  fetchSentences();
  return fetched.value?.findingInChinese(text) ?? text;
}

/** A line of the log, a refused request, what is the matter with a device: what the show said. */
export function news(text: string): string {
  fetchSentences();
  return (fetched.value?.newsInChinese ?? inChinese)(text);
}
