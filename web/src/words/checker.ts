// The checker's sentences in Chinese are fetched when the page turns Chinese: an English page never needs them. Until they are there,
// and where they cannot be had, what the checker said stands as it is.

import { signal } from "@preact/signals";

const inChinese = signal<((text: string) => string) | null>(null);
let asked = false;

export function fetchFindings(): void {
  if (asked) return;
  asked = true;
  import("./findings").then(
    (there) => (inChinese.value = there.findingInChinese),
    () => (asked = false), // the next one who asks tries again
  );
}

/** A finding, a refusal or its way out: what the checker said, in Chinese. */
export function finding(text: string): string {
  fetchFindings();
  return inChinese.value?.(text) ?? text;
}
