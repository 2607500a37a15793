// The show as it ran, in words: what came in, from whom and from where, and what followed. Filtered here, downloaded whole. What happens
// while somebody reads is added at the top.

import { useSignal } from "@preact/signals";
import { clockTime, longTime } from "../format";
import { notes, view } from "../store";
import { words } from "../words";
import { useTold } from "./parts";

interface Line { instant: number; wall?: string; kind: string; words: string; who?: string; surface?: string; address?: string; cue?: string | null }
type Which = "cues" | "hands" | "trouble" | "all";

const WHICH: Which[] = ["cues", "hands", "trouble", "all"];
/** What somebody who looks for the reason of something looks for. */
const TROUBLE = / is (?:lost|degraded)\b|refused|failed| without |discarded|does nothing|not answer|waited long|gap|panic|evacuat/i;
/** Asked for: an hour of a busy show, for who pressed what is a line among hundreds. */
const MOST = 5000;
/** Drawn at once. */
const DRAWN = 500;

/** What is read first: without orders to devices, and without the hits of a timeline, of which there may be ten a second. */
const tells = (line: Line): boolean => line.kind !== "dispatch" && !/\b\S+\/\S+:\d+\b/.test(line.words);

const marks = (line: Line): boolean => line.kind === "gap" || TROUBLE.test(line.words);

/** When something happened that was heard just now: so long ago as the show's own clock says. */
function wallOf(instant: number): string {
  const now = Date.parse(view.peek()?.wall ?? "");
  return Number.isNaN(now) ? "" : new Date(now - ((view.peek()?.now ?? 0) - instant) * 1000).toISOString();
}

const fits: Record<Which, (line: Line) => boolean> = { cues: tells, hands: (line) => line.kind === "input", trouble: marks, all: () => true };

/** What was said, without who it was: that stands beside it. */
const plain = (line: Line): string => (line.surface ? line.words.replace(/ +\([^()]*\)$/, "") : line.words);

export function Log() {
  const find = useSignal("");
  const who = useSignal("");
  const which = useSignal<Which>("cues");
  const told = useTold<{ lines: Line[]; damage?: string }>("log", { most: String(MOST) });
  const said = words.value.log;
  const known: Line[] = told.value?.lines ?? [];
  const last = known.at(-1)?.instant ?? -1;
  const fresh = notes.value.filter((note) => note.instant > last).map((note): Line => ({ ...note, kind: "note", wall: wallOf(note.instant) }));
  const lines = [...known, ...fresh].slice(-MOST);
  const people = [...new Set(lines.map((line) => line.who || line.surface || "").filter(Boolean))].sort();
  const wanted = lines.filter(
    (line) =>
      line.words.toLowerCase().includes(find.value.toLowerCase()) &&
      (!who.value || line.who === who.value || line.surface === who.value) &&
      fits[which.value](line),
  );
  return (
    <div class="view log" tabIndex={0} aria-label={words.value.pages.log}>
      <div class="groups">
        <input type="search" class="find" value={find.value} placeholder={said.find} aria-label={said.find} onInput={(event) => (find.value = event.currentTarget.value)} />
        {WHICH.map((name) => <button key={name} type="button" aria-pressed={which.value === name} onClick={() => (which.value = name)}>{said.which[name]}</button>)}
        <select value={who.value} aria-label={said.who} onChange={(event) => (who.value = event.currentTarget.value)}>
          <option value="">{said.everybody}</option>
          {people.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
        <button type="button" onClick={told.again}>{said.refresh}</button>
        {told.value && <a class="button" href="/api/log?format=csv" download="log.csv">{said.download}</a>}
      </div>
      {told.value?.damage && <p class="lost-text">! {told.value.damage}</p>}
      {told.missing && <p class="quiet">{said.saved}</p>}
      {wanted.length === 0 && <p class="quiet">{lines.length ? said.noneFits : said.none}</p>}
      {wanted.length > 0 && (
        <ol class="lines">
          {wanted.slice(-DRAWN).reverse().map((line) => (
            <li key={`${line.instant} ${line.words}`} class={`${line.kind}${marks(line) ? " marked" : ""}`}>
              <time class="count" title={longTime(line.instant)}>{clockTime(line.wall, view.value?.wall) || longTime(line.instant)}</time>
              <span class="what">{marks(line) ? "! " : ""}{words.value.words(plain(line))}</span>
              <span class="quiet">{[line.who, line.surface, line.address].filter(Boolean).join(" · ")}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
