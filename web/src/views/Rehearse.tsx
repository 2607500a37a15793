// The show's rehearsals, run beside the show in the simulated venue: what must be seen, what must never be, and where it failed.

import { send, whyNot } from "../api";
import { time } from "../format";
import { lost, view } from "../store";
import { useSignal } from "@preact/signals";
import type { Verdict } from "../types";
import { words } from "../words";
import { useTold } from "./parts";

interface Known { rehearsals: { name: string; file?: string; verdict?: Verdict | null }[] }

export function Rehearse() {
  const told = useTold<Known>("rehearsals");
  const trouble = useSignal("");
  const said = words.value.rehearse;
  const now = view.value?.rehearsing;
  const fresh = new Map((now?.verdicts ?? []).map((item) => [item.name, item]));
  const busy = new Set(now?.running ?? []);
  const run = (names?: string[]) => send("rehearse", names ? { names } : {}).then(() => (trouble.value = ""), (error: unknown) => (trouble.value = whyNot(error)));
  if (!told.value) return <div class="view rehearse"><p class="quiet">{told.missing ? said.unable : told.error}</p></div>;
  const all = told.value.rehearsals;
  return (
    <div class="view rehearse" tabIndex={0} aria-label={words.value.pages.rehearse}>
      <div class="groups">
        <button type="button" disabled={lost.value || busy.size > 0} onClick={() => run()}>{said.run}</button>
        {now && <span role="status">{busy.size ? "▬ " : ""}{said.running(now.done, now.of)}</span>}
        <span class="quiet">{said.says}</span>
      </div>
      {trouble.value && <p class="lost-text" role="alert">! {trouble.value}</p>}
      {all.length === 0 && <p class="quiet">{said.none}</p>}
      <ul class="plain verdicts">
        {all.map((item) => {
          const verdict = fresh.get(item.name) ?? item.verdict;
          const state = busy.has(item.name) ? "running" : verdict ? (verdict.passed ? "passed" : "failed") : "never";
          return (
            <li key={item.name} class={state}>
              <span aria-hidden="true" class={state === "failed" ? "lost-text" : state === "never" ? "quiet" : "running-text"}>{{ running: "▬", passed: "●", failed: "!", never: "○" }[state]}</span>
              <span class="name">{item.name}</span>
              <span class="quiet">{state === "running" ? words.value.states["running"] : state === "never" ? said.never : `${said[state]} · ${said.seconds(time(verdict?.show_seconds ?? 0))}`}</span>
              <button type="button" class="small" disabled={lost.value || busy.size > 0} aria-label={`${said.runOne} ${item.name}`} onClick={() => run([item.name])}>{said.runOne}</button>
              {verdict && !verdict.passed && <span class="what">{verdict.failures.map((failure) => `${failure.moment} ${failure.message} (${failure.file}:${failure.line})`).join("\n")}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
