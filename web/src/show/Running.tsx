// What is running, and how long still: in every list, each with elapsed counting up and remaining counting down.

import { ask } from "../acts";
import { time } from "../format";
import { Hold } from "../hands";
import { counts, part, SHAPES } from "../rows";
import { can, lists } from "../store";
import type { Run } from "../types";
import { words } from "../words";

export function Running() {
  const all = lists.value.flatMap((item) => item.running.map((run) => ({ list: item.name, run }))).sort((a, b) => family(b.run) - family(a.run) || a.run.run - b.run.run);
  return (
    <section class="runs" aria-labelledby="running-word" tabIndex={0}>
      <h2>
        <span id="running-word">{words.value.running}</span> <span id="running-count" class="count quiet">{all.length > 1 ? all.length : ""}</span>
      </h2>
      <ol id="running">
        {all.map(({ list, run }) => <One key={run.run} list={list} run={run} />)}
        {all.length === 0 && <li class="none">{words.value.noneRuns}</li>}
      </ol>
    </section>
  );
}

/** The newest stands first, its members below it. */
const family = (run: Run): number => run.parent || run.run;

function One({ list, run }: { list: string; run: Run }) {
  const timed = counts(run);
  const cue = { list, cue: run.cue };
  const paused = run.state === "paused";
  return (
    <li class={`${run.state}${run.parent ? " child" : ""}`}>
      <span class="who count">{run.parent ? "└ " : ""}{list} {run.cue}</span>
      <span class="name">{run.name}</span>
      <span class="state">
        {SHAPES[run.state] ?? ""} {words.value.states[run.state] ?? run.state} {timed ? time(run.elapsed) : ""}
        {run.rate !== 1 && <span class="chip">{Math.round(run.rate * 100)} %</span>}
      </span>
      <span class="left count">{timed ? `−${time(run.remaining)}` : time(run.elapsed)}</span>
      <span class="acts">
        <button type="button" disabled={!can("Pause")} aria-label={`${paused ? words.value.row.resume : words.value.row.pause} ${run.cue}`} onClick={() => ask(paused ? "Resume" : "Pause", cue)}>{paused ? "▶" : "‖"}</button>
        <Hold seconds={0.4} disabled={!can("Stop")} aria-label={`${words.value.row.stop} ${run.cue}`} act={() => ask("Stop", cue)}>■</Hold>
      </span>
      <span class="track" aria-hidden="true"><i style={{ transform: `scaleX(${part(run)})` }} /></span>
    </li>
  );
}
