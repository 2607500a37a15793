// What is seen, kept: as a look, or as the light of a cue. The lines that would be written are shown first; only those are written.

import { useSignal } from "@preact/signals";
import { send, whyNot } from "../api";
import { editing, list, lost, standby } from "../store";
import { words } from "../words";
import { Diff } from "./parts";
import { pickedNames } from "./Light";

interface Proposed { done?: boolean; refused: string; hint?: string; summary: string; diff: string; seen: string[]; revision: string }

export function Record() {
  const into = useSignal<"look" | "cue">("look");
  const name = useSignal("");
  const found = useSignal<Proposed | null>(null);
  const trouble = useSignal("");
  const said = words.value.light;
  const go = (revision?: string) => {
    const body = { into: into.value, name: name.value.trim(), list: list.value?.name ?? "", fixtures: pickedNames.value, ...(revision ? { revision } : {}) };
    send<Proposed>("record", body)
      .then((told) => {
        trouble.value = [told.refused, told.hint ?? ""].filter(Boolean).map(words.value.finding).join(" ");
        found.value = told.refused ? null : told;
      })
      .catch((error: unknown) => (trouble.value = whyNot(error)));
  };
  if (!editing.value) return <p class="quiet">{words.value.edit.locked}</p>;
  const ready = name.value.trim() !== "" && !lost.value;
  return (
    <section class="panel record" aria-label={said.record}>
      <form class="grip" onSubmit={(event) => { event.preventDefault(); if (ready) go(); }}>
        <label><span>{said.record}</span>
          <select value={into.value} onChange={(event) => { into.value = event.currentTarget.value as "look" | "cue"; name.value = into.value === "cue" ? (standby.value ?? "") : ""; found.value = null; }}>
            <option value="look">{said.name}</option>
            <option value="cue">{words.value.edit.which}</option>
          </select>
        </label>
        <input type="text" value={name.value} aria-label={said.name} placeholder={said.name} onInput={(event) => { name.value = event.currentTarget.value; found.value = null; }} />
        <button type="submit" disabled={!ready}>{said.recordGo}</button>
      </form>
      {trouble.value && <p class="lost-text" role="alert">! {trouble.value}</p>}
      {found.value && (
        <>
          <p>{words.value.lines(found.value.summary)}</p>
          {found.value.seen.length > 0 && <pre class="seen">{found.value.seen.map(words.value.lines).join("\n")}</pre>}
          <Diff text={found.value.diff} />
          {found.value.done ? <p class="running-text">● {words.value.edit.written}</p> : (
            <span class="acts">
              <button type="button" onClick={() => go(found.value?.revision)}>{said.write}</button>
              <button type="button" onClick={() => (found.value = null)}>{said.dropped}</button>
            </span>
          )}
        </>
      )}
    </section>
  );
}
