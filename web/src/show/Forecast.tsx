// What happens next, on a line: now at the left, marks of time below, and what the show knows of the minutes to come. Soon things have
// more room than late ones. What only GO brings about is paler; what somebody may bring about sooner has a dotted stem.

import { time } from "../format";
import { unit, useWidth } from "../unit";
import { view } from "../store";
import { words } from "../words";
import { ahead, coming, type Coming } from "./forecast";

const LANES = 2;
const LETTER = 0.53; // rem, about
const WIDEST = 22; // rem
const MARKS = [1, 2, 5, 10, 20, 30, 60, 120, 180];
const narrow = matchMedia("(max-width: 1100px)");

interface Placed { item: Coming; x: number; lane: number; turned: boolean }

export function Forecast() {
  const { box, width } = useWidth();
  const now = view.value?.now ?? 0;
  const all = coming.value;
  const said = words.value;
  const far = Math.min(180, Math.max(20, ...all.map((item) => ahead(item, now))));
  const { found, more } = placed(all, now, width.value, far);
  return (
    <section class="forecast" aria-label={said.forecast}>
      <h2>{all[0]?.afterGo ? said.afterGo : said.forecast}{!narrow.matches && more > 0 && <span class="more count">{said.forecastMore(more)}</span>}</h2>
      <div class="line" ref={box}>
        {all.length === 0 && <span class="quiet">{said.forecastNothing}</span>}
        {narrow.matches
          ? all.slice(0, 3).map((item) => <span key={keyOf(item)} class={classOf(item)}><b class="count">{left(item, now)}</b> {wordsOf(item)}</span>)
          : found.map(({ item, x, lane, turned }) => (
              <span key={keyOf(item)} class={`at ${classOf(item)}${turned ? " turned" : ""}`} style={{ transform: `translate(${x}px, 0)`, "--lane": String(lane) }}>
                <span><b class="count">{left(item, now)}</b> {wordsOf(item)}</span>
              </span>
            ))}
        {!narrow.matches && all.length > 0 && MARKS.filter((mark) => mark < far).map((mark) => <i key={mark} class="mark count" style={{ transform: `translate(${Math.round(xOf(mark, far, width.value))}px, 0)` }}>{mark < 60 ? mark : `${mark / 60}:00`}</i>)}
      </div>
    </section>
  );
}

const keyOf = (item: Coming): string => `${item.kind} ${item.label} ${item.words} ${item.afterGo}`;
const classOf = (item: Coming): string => `event${item.kind.startsWith("deci") ? " decides" : ""}${item.afterGo ? " after" : ""}${item.ends ? " ends" : ""}`;
const wordsOf = (item: Coming): string => (item.ends ? words.value.ends(item.words) : words.value.words(item.words));
const left = (item: Coming, now: number): string => `${item.late ? "≤ " : ""}${item.afterGo ? "+" : ""}${time(ahead(item, now))}`;
const xOf = (seconds: number, far: number, width: number): number => Math.sqrt(Math.min(seconds / far, 1)) * width;

/** Where each stands: its stem where its time is, its words to the right of it or, near the end, to the left; none upon another. */
function placed(all: Coming[], now: number, width: number, far: number): { found: Placed[]; more: number } {
  const ends = Array.from({ length: LANES }, () => -Infinity);
  const found: Placed[] = [];
  let more = 0;
  for (const item of all) {
    const text = wordsOf(item);
    const wide = [...text].reduce((sum, letter) => sum + (letter > "⺀" ? 1.9 : 1), 9);
    const size = Math.min(WIDEST, wide * LETTER) * unit.value;
    const x = Math.round(xOf(ahead(item, now), far, width - 2));
    const turned = x + size > width;
    const from = turned ? x - size : x;
    const lane = ends.findIndex((end) => end <= from);
    if (lane < 0 || from < 0) {
      more += 1;
      continue;
    }
    ends[lane] = from + size + unit.value / 2;
    found.push({ item, x, lane, turned });
  }
  return { found, more };
}
