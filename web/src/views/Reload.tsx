// What was saved since is compared with what runs, and shown first; then exactly that runs.

import { useSignal } from "@preact/signals";
import { send, whyNot } from "../api";
import { lost, may } from "../store";
import { words } from "../words";
import { Panel } from "./parts";

interface Answer { done: boolean; refused: string; revision: string; same: boolean; lines: string[]; words: string[]; problems: unknown[] }

export function Reload() {
  const said = words.value.edit;
  const found = useSignal<Answer | null>(null);
  const trouble = useSignal("");
  const ask = (revision?: string) => send<Answer>("reload", revision ? { revision } : {}).then(
    (told) => {
      found.value = told;
      trouble.value = told.refused;
    },
    (error: unknown) => (trouble.value = whyNot(error)),
  );
  const now = found.value;
  const lines = now ? [...now.lines, ...now.words].map(words.value.lines) : [];
  const problems = now?.problems.map(problemWords) ?? [];
  return (
    <Panel title={said.reload} id="reload" acts={<button type="button" disabled={lost.value || !may("reload")} onClick={() => void ask()}>{said.reloadLook}</button>}>
      {trouble.value && <p class="lost-text" role="alert">! {words.value.lines(trouble.value)}</p>}
      {problems.length > 0 && <ul class="problems">{problems.map((line) => <li key={line} class="lost-text">! {line}</li>)}</ul>}
      {lines.length > 0 && <pre class="seen" tabIndex={0} aria-label={said.seen}>{lines.join("\n")}</pre>}
      {now?.same && !now.done && <p class="quiet">{said.reloadSame}</p>}
      {now && !now.done && !now.refused && !now.same && now.revision && (
        <div class="grip">
          <button type="button" id="reload-now" class="late" disabled={lost.value} onClick={() => void ask(now.revision)}>{said.reloadNow}</button>
          <button type="button" onClick={() => (found.value = null)}>{words.value.light.dropped}</button>
          <span class="quiet">{said.reloadSays}</span>
        </div>
      )}
      {now?.done && <p class="running-text" role="status">● {said.reloaded}</p>}
    </Panel>
  );
}

function problemWords(problem: unknown): string {
  if (typeof problem !== "object" || problem === null) return String(problem);
  const { file, line, message } = problem as Record<string, unknown>;
  return `${String(file)}:${String(line)} ${words.value.finding(String(message))}`;
}
