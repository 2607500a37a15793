// The show's rehearsals, run beside the show in the simulated venue: what must be seen, what must never be, and where it failed. What was
// found can be looked through as a page of its own, with a timeline to scrub.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { send, whyNot } from "../api";
import { can, lost, may, view } from "../store";
import { time } from "../format";
import type { Verdict } from "../types";
import { words } from "../words";
import { useTold } from "./parts";

interface Known { rehearsals: { name: string; file?: string; verdict?: Verdict | null }[]; report?: string | null }
type State = "running" | "failed" | "never" | "passed";

const SIGNS: Record<State, string> = { running: "▬", passed: "●", failed: "!", never: "○" };
const FIRST: State[] = ["running", "failed", "never", "passed"];

export function Rehearse() {
  const told = useTold<Known>("rehearsals");
  const trouble = useSignal("");
  const find = useSignal("");
  const said = words.value.rehearse;
  const now = view.value?.rehearsing;
  const fresh = new Map((now?.verdicts ?? []).map((item) => [item.name, item]));
  const busy = new Set(now?.running ?? []);
  const over = Boolean(now && busy.size === 0 && now.done > 0);
  useEffect(() => {
    if (over) told.again(); // there is a report now
  }, [over]);
  const run = (names?: string[]) => send("rehearse", names ? { names } : {}).then(() => (trouble.value = ""), (error: unknown) => (trouble.value = whyNot(error)));
  if (!told.value) return <div class="view rehearse"><p class="quiet">{told.missing ? said.unable : told.error}</p></div>;
  const dead = lost.value || busy.size > 0 || !may("rehearse");
  const all = told.value.rehearsals.map((item) => {
    const verdict = fresh.get(item.name) ?? item.verdict ?? undefined;
    const state: State = busy.has(item.name) ? "running" : verdict ? (verdict.passed ? "passed" : "failed") : "never";
    return { ...item, verdict, state };
  });
  const count = (state: State) => all.filter((item) => item.state === state).length;
  const shown = all.filter((item) => item.name.toLowerCase().includes(find.value.toLowerCase())).sort((a, b) => FIRST.indexOf(a.state) - FIRST.indexOf(b.state));
  const report = told.value.report;
  return (
    <div class="view rehearse" tabIndex={0} aria-label={words.value.pages.rehearse}>
      <div class="groups">
        <button type="button" disabled={dead} onClick={() => run()}>{said.run}</button>
        <input type="search" class="find" value={find.value} placeholder={words.value.room.filter} aria-label={words.value.room.filter} onInput={(event) => (find.value = event.currentTarget.value)} />
        {report && <a class="button" id="report" href="/api/report" target="_blank" rel="noopener">{said.report}</a>}
        {report && <a class="button" href="/api/report?download=1" download="rehearsals.html">{said.download}</a>}
      </div>
      <p class="quiet">{said.says}</p>
      {now && now.of > 0 && (
        <p class="progress" role="status">
          <span>{busy.size ? "▬ " : ""}{said.running(now.done, now.of)}{busy.size ? ` · ${[...busy].join(", ")}` : ""}</span>
          <span class="track" aria-hidden="true"><i style={{ transform: `scaleX(${now.done / now.of})` }} /></span>
        </p>
      )}
      {all.length > 0 && <p class="tally"><span class={count("failed") ? "lost-text" : "quiet"}>! {count("failed")} {said.failed}</span> <span class="running-text">● {count("passed")} {said.passed}</span> <span class="quiet">○ {count("never")} {said.never}</span></p>}
      {trouble.value && <p class="lost-text" role="alert">! {trouble.value}</p>}
      {!may("rehearse") && <p class="quiet">{said.role}</p>}
      {all.length === 0 && <p class="quiet">{said.none}</p>}
      <ul class="plain verdicts">
        {shown.map(({ name, verdict, state }) => (
          <li key={name} class={state}>
            <span aria-hidden="true" class={state === "failed" ? "lost-text" : state === "never" ? "quiet" : "running-text"}>{SIGNS[state]}</span>
            <span class="name">{name}</span>
            <span class="quiet">{state === "running" ? words.value.states["running"] : state === "never" ? said.never : `${said[state]} · ${said.seconds(time(verdict?.show_seconds ?? 0))}`}</span>
            <button type="button" class="small" disabled={dead || !can("rehearse")} aria-label={`${said.runOne} ${name}`} onClick={() => run([name])}>{said.runOne}</button>
            {verdict && !verdict.passed && <span class="what">{verdict.failures.map((failure) => `${typeof failure.moment === "number" ? time(failure.moment) : failure.moment} ${words.value.words(failure.message)} (${failure.file}:${failure.line})`).join("\n")}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
