// What happens next, on a line: now at the left, and what the show knows of the minutes to come. What only GO brings about is paler.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { time } from "../format";
import { view } from "../store";
import { words } from "../words";
import { coming, type Coming } from "./forecast";

const LANES = 2;
const LETTER = 8.4; // px, about
const narrow = matchMedia("(max-width: 1100px)");

export function Forecast() {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useEffect(() => {
    const seer = new ResizeObserver(() => (width.value = box.current?.clientWidth ?? 0));
    if (box.current) seer.observe(box.current);
    return () => seer.disconnect();
  }, []);
  const now = view.value?.now ?? 0;
  const all = coming.value;
  const said = words.value;
  return (
    <section class="forecast" aria-label={said.forecast}>
      <h2>{all[0]?.afterGo ? said.afterGo : said.forecast}</h2>
      <div class="line" ref={box}>
        {all.length === 0 && <span class="quiet">{said.forecastNothing}</span>}
        {narrow.matches
          ? all.slice(0, 3).map((item) => <span key={`${item.kind}${item.label}${item.at}`} class={classOf(item)}><b class="count">{left(item, now)}</b> {wordsOf(item)}</span>)
          : placed(all, now, width.value).map(({ item, x, lane }) => (
              <span key={`${item.kind} ${item.words} ${item.afterGo}`} class={`at ${classOf(item)}`} style={{ transform: `translate(${x}px, ${lane * 26}px)` }}>
                <b class="count">{left(item, now)}</b> {wordsOf(item)}
              </span>
            ))}
      </div>
    </section>
  );
}

const classOf = (item: Coming): string => `event${item.kind === "decision" ? " decides" : ""}${item.afterGo ? " after" : ""}${item.ends ? " ends" : ""}`;
const wordsOf = (item: Coming): string => (item.ends ? words.value.ends(item.words) : words.value.words(item.words));
const left = (item: Coming, now: number): string => (item.afterGo ? `+${time(Math.max(item.at - now, 0))}` : time(item.at - now));

/** Where each stands: soon things have more room than late ones, and none lies upon another. */
function placed(all: Coming[], now: number, width: number): { item: Coming; x: number; lane: number }[] {
  const far = Math.min(180, Math.max(20, ...all.map((item) => item.at - now)));
  const ends = Array.from({ length: LANES }, () => -Infinity);
  const found: { item: Coming; x: number; lane: number }[] = [];
  for (const item of all) {
    const ahead = Math.min(Math.max(item.at - now, 0) / far, 1);
    const size = Math.min(320, (wordsOf(item).length * (/[⺀-鿿]/.test(wordsOf(item)) ? 1.5 : 1) + 8) * LETTER);
    const x = Math.round(Math.min(Math.sqrt(ahead) * width, Math.max(0, width - size)));
    const lane = ends.findIndex((end) => end <= x);
    if (lane < 0) continue;
    ends[lane] = x + size + 8;
    found.push({ item, x, lane });
  }
  return found;
}
