// The room: who is where, what the devices say, what may set something off and why it has not, and what could hurt.

import { useSignal } from "@preact/signals";
import { ask } from "../acts";
import { plain } from "../format";
import { Hold } from "../hands";
import { can, view } from "../store";
import type { Trigger } from "../types";
import { words } from "../words";
import { Devices } from "./Devices";
import { Fader } from "./Fader";
import { Hazards } from "./Hazards";
import { Outputs } from "./Outputs";
import { Plan, type RoomFacts } from "./Plan";
import { Panel, useTold } from "./parts";
import { Venue } from "./Venue";

export function Room() {
  const told = useTold<RoomFacts>("room");
  return (
    <div class="view room" tabIndex={0} aria-label={words.value.pages.room}>
      {!told.missing && <Plan room={told.value} trouble={told.error} />}
      <Devices />
      <div class="pair">
        <Hazards />
        <Outputs outputs={told.value?.outputs} />
      </div>
      <Triggers sources={told.value?.triggers ?? {}} />
      <div class="pair">
        <Wire />
        <Masters />
      </div>
      <Venue />
      <Values />
    </div>
  );
}

function Wire() {
  const wire = view.value?.wire;
  if (!wire) return null;
  const said = words.value.room;
  return (
    <Panel title={said.universes} id="wire">
      <p class={wire.connected ? "" : "lost-text"}>{wire.connected ? "●" : "!"} {said.frames((wire.late_p99_us / 1000).toFixed(1), wire.missed)}{wire.why ? ` · ${words.value.words(wire.why)}` : ""}</p>
      <p class="quiet count">{Object.entries(said.wire).filter(([name]) => wire[name] !== undefined).map(([name, word]) => `${word} ${plain(wire[name] ?? 0)}`).join(" · ")}</p>
    </Panel>
  );
}

/** One class of inputs may be muted: what visitors press, where they stand, how they move. Its triggers are disarmed together. */
function Mutes({ sources }: { sources: Record<string, string[]> }) {
  const armed = new Map((view.value?.triggers ?? []).map((item) => [item.name, item.armed]));
  const said = words.value.room;
  const classes = Object.entries(sources);
  if (!classes.length) return null;
  return (
    <div class="groups mutes">
      {classes.map(([kind, names]) => {
        const muted = names.every((name) => armed.get(name) === false);
        return (
          <button key={kind} type="button" class={muted ? "late" : ""} disabled={!can("Arm")} aria-pressed={muted} data-mute={kind} onClick={() => names.forEach((name) => void ask("Arm", { name, armed: muted }))}>
            {muted ? "○ " : ""}{said.mute(said.sources[kind] ?? kind, names.length)}
          </button>
        );
      })}
    </div>
  );
}

function Triggers({ sources }: { sources: Record<string, string[]> }) {
  const all = view.value?.triggers ?? [];
  const said = words.value.room;
  const dead = !can("Arm");
  const set = (item: Trigger, armed: boolean) => ask("Arm", { name: item.name, armed });
  const each = (armed: boolean) => all.filter((item) => item.armed !== armed).forEach((item) => void set(item, armed));
  const acts = all.length > 0 && (
    <span class="acts">
      <Hold seconds={0.6} disabled={dead} act={() => each(false)}>{said.disarmAll}</Hold>
      <button type="button" disabled={dead} onClick={() => each(true)}>{said.armAll}</button>
    </span>
  );
  return (
    <Panel title={`${said.triggers}  ${all.filter((item) => item.armed).length} / ${all.length}`} acts={acts} id="triggers">
      {all.length === 0 && <p class="quiet">{said.noTriggers}</p>}
      <Mutes sources={sources} />
      <ul class="plain">
        {all.map((item) => (
          <li key={item.name} class={item.armed ? "" : "off"} data-trigger={item.name}>
            <span class={item.armed ? (item.holds ? "running-text" : "") : "late-text"} aria-hidden="true">{item.armed ? (item.holds ? "▬" : "●") : "○"}</span>
            <span class="name">{item.name}</span>
            <span class={item.armed ? "quiet" : "late-text"}>{item.armed ? (item.holds ? said.holds : said.armed) : said.off}</span>
            <button type="button" class="small" disabled={dead} aria-label={`${item.armed ? said.disarm : said.arm} ${item.name}`} onClick={() => set(item, !item.armed)}>{item.armed ? said.disarm : said.arm}</button>
            <span class="what">{item.when}{item.lacks ? <span class="late-text"> · {words.value.words(item.lacks)}</span> : ""}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Masters() {
  const masters = Object.entries(view.value?.masters ?? {});
  return (
    <Panel title={words.value.room.masters} id="master-list">
      {masters.map(([name, level]) => (
        <Fader key={name} name={words.value.master(name)} value={level} disabled={!can("Master")} act={(to) => void ask("Master", { name, level: to, over: 0.1 })} />
      ))}
    </Panel>
  );
}

function Values() {
  const find = useSignal("");
  const said = words.value.room;
  const all = Object.entries(view.value?.values ?? {}).filter(([name]) => name.includes(find.value));
  const field = <input type="search" class="find" value={find.value} placeholder={said.filter} aria-label={said.filter} onInput={(event) => (find.value = event.currentTarget.value)} />;
  return (
    <Panel title={said.values} acts={field} id="values">
      <dl class="values">{all.map(([name, value]) => <div key={name}><dt>{name}</dt><dd class="count">{plain(value)}</dd></div>)}</dl>
    </Panel>
  );
}
