// What is running, and how long still: in every list, each with elapsed counting up and remaining counting down; and what its devices
// say that they play, which is not the same as what was asked of them.

import { ask } from "../acts";
import { plain, time } from "../format";
import { Hold } from "../hands";
import { counts, part, SHAPES } from "../rows";
import { can, cues, devices, lists } from "../store";
import type { Device, Run } from "../types";
import { words } from "../words";
import { labelOf } from "./does";

const MOST_PLAYING = 3;

export function Running() {
  const all = lists.value.flatMap((item) => item.running.map((run) => ({ list: item.name, run }))).sort((a, b) => family(b.run) - family(a.run) || a.run.run - b.run.run);
  const told = new Set<string>(); // a device is told of once: at the newest cue that asked it for something
  return (
    <section class="runs" aria-labelledby="running-word" tabIndex={0}>
      <h2>
        <span id="running-word">{words.value.running}</span> <span id="running-count" class="count quiet">{all.length > 1 ? all.length : ""}</span>
      </h2>
      <ol id="running">
        {all.map(({ list, run }) => <One key={run.run} list={list} run={run} plays={playing(list, run, told)} />)}
        {all.length === 0 && <li class="none">{words.value.noneRuns}</li>}
      </ol>
    </section>
  );
}

/** The newest stands first, its members below it. */
const family = (run: Run): number => run.parent || run.run;

function playing(list: string, run: Run, told: Set<string>): Device[] {
  const cue = cues.value[list]?.find((item) => item.label === run.cue);
  const found: Device[] = [];
  for (const name of cue?.does?.devices ?? []) {
    const device = told.has(name) ? undefined : devices.value.find((item) => item.name === name);
    told.add(name);
    if (device && (device.reported["clip"] || device.health === "lost" || device.health === "degraded")) found.push(device);
  }
  return found.slice(0, MOST_PLAYING);
}

function One({ list, run, plays }: { list: string; run: Run; plays: Device[] }) {
  const timed = counts(run);
  const cue = { list, cue: run.cue };
  const paused = run.state === "paused";
  const next = run.state === "post_wait" ? cues.value[list]?.find((item) => item.label === run.cue)?.next : undefined;
  return (
    <li class={`${run.state}${run.parent ? " child" : ""}`}>
      <span class="who count">{run.parent ? "└ " : ""}{list} {run.cue}</span>
      <span class="name">{run.name}</span>
      <span class="state"><span class="shape" aria-hidden="true">{SHAPES[run.state] ?? ""}</span> {next ? words.value.then("", words.value.how(next)) : (words.value.states[run.state] ?? run.state)}{run.rate !== 1 && <span class="chip">{Math.round(run.rate * 100)} %</span>}</span>
      <span class="elapsed count">{time(run.elapsed)}</span>
      <span class="still count">{timed ? `−${time(run.remaining)}` : run.endless ? "∞" : ""}</span>
      <span class="acts">
        <button type="button" disabled={!can("Pause")} aria-label={`${paused ? words.value.row.resume : words.value.row.pause} ${run.cue}`} onClick={() => ask(paused ? "Resume" : "Pause", cue)}>{paused ? "▶" : "‖"}</button>
        <Hold seconds={0.4} disabled={!can("Stop")} aria-label={`${words.value.row.stop} ${run.cue}`} act={() => ask("Stop", cue)}>■</Hold>
      </span>
      {plays.length > 0 && <span class="plays">{plays.map((device) => <Plays key={device.name} device={device} />)}</span>}
      <span class="track" aria-hidden="true"><i style={{ transform: `scaleX(${part(run)})` }} /></span>
    </li>
  );
}

/** What a player says of itself: "Film server: embers playing 0:08". */
function Plays({ device }: { device: Device }) {
  const { clip, state, position } = device.reported;
  const well = device.health === "ok";
  const facts = well ? [plain(clip ?? ""), words.value.fact(String(state ?? "")), typeof position === "number" && state === "playing" ? time(position) : ""] : [words.value.health[device.health]];
  return <span class={well ? "" : device.health === "lost" ? "lost-text" : "late-text"}>└ {well ? "" : "! "}{labelOf(device.name)} <span class="count">{facts.filter(Boolean).join(" ")}</span></span>;
}
