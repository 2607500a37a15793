// What this device remembers: layout, language, brightness, keys. A browser that forgets (private window) is no reason to fail.

import { effect, signal, type Signal } from "@preact/signals";

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // full, or forbidden: the page works without
  }
}

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** A signal that is kept under `key` on this device. `fits` refuses what an older page may have left there. */
export function kept<T>(key: string, first: T, fits: (value: unknown) => boolean): Signal<T> {
  let value = first;
  try {
    const found: unknown = JSON.parse(remembered(key) ?? "null");
    if (fits(found)) value = found as T;
  } catch {
    // not ours, or torn: begin anew
  }
  const made = signal(value);
  let begun = false;
  effect(() => {
    const text = JSON.stringify(made.value);
    if (begun) remember(key, text);
    begun = true;
  });
  return made;
}
