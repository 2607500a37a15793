// The show as it ran, in words: what came in, from whom and from where, and what followed. Filtered here, downloaded whole.

import { useSignal } from "@preact/signals";
import { longTime } from "../format";
import { notes } from "../store";
import { words } from "../words";
import { useTold } from "./parts";

interface Line { instant: number; wall?: string; kind: string; words: string; who?: string; surface?: string; address?: string; cue?: string | null }

export function Log() {
  const find = useSignal("");
  const who = useSignal("");
  const told = useTold<{ lines: Line[]; damage?: string }>("log", { most: "500" });
  const said = words.value.log;
  const lines: Line[] = told.value?.lines ?? notes.value.map((note) => ({ ...note, kind: "note" }));
  const people = [...new Set(lines.map((line) => line.who || line.surface || "").filter(Boolean))].sort();
  const wanted = lines.filter((line) => line.words.toLowerCase().includes(find.value.toLowerCase()) && (!who.value || line.who === who.value || line.surface === who.value));
  return (
    <div class="view log" tabIndex={0} aria-label={words.value.pages.log}>
      <div class="groups">
        <input type="search" class="find" value={find.value} placeholder={said.find} aria-label={said.find} onInput={(event) => (find.value = event.currentTarget.value)} />
        <select value={who.value} aria-label={said.who} onChange={(event) => (who.value = event.currentTarget.value)}>
          <option value="">{said.everybody}</option>
          {people.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
        <button type="button" onClick={told.again}>{said.refresh}</button>
        {told.value && <a class="button" href="/api/log?format=csv" download="log.csv">{said.download}</a>}
      </div>
      {told.value?.damage && <p class="lost-text">! {told.value.damage}</p>}
      {told.missing && <p class="quiet">{said.saved}</p>}
      {wanted.length === 0 && <p class="quiet">{said.none}</p>}
      <ol class="lines">
        {[...wanted].reverse().map((line, n) => (
          <li key={`${line.instant} ${n}`} class={line.kind}>
            <time class="count">{longTime(line.instant)}</time>
            <span class="what">{words.value.words(line.words)}</span>
            <span class="quiet">{[line.who, line.surface, line.address].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
