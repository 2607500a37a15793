// How large type is on this screen: CSS knows it as rem, and what is placed by number goes by it, too. A booth's screen is read from
// three metres, a phone from the hand; both draw the same page.

import { computed, signal, useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const root = () => parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

/** Pixels of one rem. */
export const unit = signal(root());
const upright = matchMedia("(max-width: 700px), (max-width: 960px) and (orientation: portrait)"); // as in narrow.css
/** Whether one column is all that there is room for. */
export const phone = signal(upright.matches);
const finger = matchMedia("(pointer: coarse)");
/** How high a row of the list is: every row is as high as the next, so that five thousand of them need no measuring. */
export const rowHeight = computed(() => Math.round(unit.value * (phone.value || finger.matches ? 2.75 : 2.25)));

export function measure(): void {
  unit.value = root();
  phone.value = upright.matches;
}

addEventListener("resize", measure);

/** A box, and how many pixels wide it is, now and whenever that changes. */
export function useWidth(): { box: { current: HTMLDivElement | null }; width: Signal<number> } {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    const seer = new ResizeObserver(() => (width.value = box.current?.clientWidth ?? 0));
    if (box.current) seer.observe(box.current);
    return () => seer.disconnect();
  }, []);
  return { box, width };
}
