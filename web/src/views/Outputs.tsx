// Outputs that are muted by hand: sound, film, fog, motion, headsets, or one device. The show runs on as if they were there.

import { useSignal } from "@preact/signals";
import { ask } from "../acts";
import { Hold } from "../hands";
import { can, tags } from "../store";
import { labelOf } from "../show/does";
import type { Muted } from "../types";
import { words } from "../words";
import { ageSince, Panel } from "./parts";

const CLASSES = ["sound", "film", "fog", "motion", "headsets"];

export function Outputs({ outputs }: { outputs: Record<string, string[]> | undefined }) {
  const reason = useSignal("");
  const single = useSignal("");
  const said = words.value.room;
  const names = Object.keys(outputs ?? {});
  const muted = new Map((tags.value.muted ?? []).map((item) => [item.what, item]));
  if (!outputs || !names.length) return null;
  const dead = !can("Mute");
  const set = (what: string, on: boolean) => ask("Mute", { what, on, reason: reason.value.trim() }).then((answer) => answer?.done && (reason.value = ""));
  const others = names.filter((name) => !CLASSES.includes(name));
  return (
    <Panel title={said.outputs} id="outputs">
      <p class="quiet">{said.outputsSay}</p>
      <div class="groups mutes">
        {CLASSES.filter((name) => names.includes(name)).map((name) => <Mute key={name} name={name} members={outputs[name] ?? []} mark={muted.get(name)} dead={dead} set={set} />)}
      </div>
      <ul class="plain">
        {[...muted.values()].map((item) => (
          <li key={item.what}>
            <span class="late-text" aria-hidden="true">○</span>
            <span class="name">{words.value.muted({ ...item, what: nameOf(item.what) })}</span>
            <span class="quiet">{ageSince(item.since)}</span>
            <button type="button" class="small" disabled={dead} onClick={() => void set(item.what, false)}>{said.unmute}</button>
          </li>
        ))}
      </ul>
      <div class="grip">
        <input type="text" value={reason.value} placeholder={said.muteWhy} aria-label={said.muteWhy} onInput={(event) => (reason.value = event.currentTarget.value)} />
        <select value={single.value} aria-label={said.muteOne} onChange={(event) => (single.value = event.currentTarget.value)}>
          <option value="">{said.muteOne}</option>
          {others.map((name) => <option key={name} value={name}>{labelOf(name)}</option>)}
        </select>
        <button type="button" disabled={dead || !single.value || muted.has(single.value)} onClick={() => void set(single.value, true)}>{said.muteIt}</button>
      </div>
    </Panel>
  );
}

const nameOf = (what: string): string => words.value.room.classes[what] ?? labelOf(what);

/** A class of outputs. Muting wants to be held, since an audience would notice; taking it back is a press. */
function Mute({ name, members, mark, dead, set }: { name: string; members: string[]; mark: Muted | undefined; dead: boolean; set: (what: string, on: boolean) => unknown }) {
  const title = members.map(labelOf).join(words.value.comma);
  if (mark) return <button type="button" class="late" aria-pressed="true" disabled={dead} title={title} data-output={name} onClick={() => set(name, false)}>○ {words.value.room.mutedClass(nameOf(name))}</button>;
  return <Hold seconds={0.5} disabled={dead} title={title} data-output={name} act={() => set(name, true)}>{words.value.room.muteClass(nameOf(name))}</Hold>;
}
