// The light as it is: every fixture with its level, its colour and who holds it; hands on it, channel check, and keeping a look.

import { computed, signal, useSignal } from "@preact/signals";
import { ask } from "../acts";
import { read, whyNot } from "../api";
import { percent } from "../format";
import { can, lights, tags } from "../store";
import type { FixtureFacts } from "../types";
import { words } from "../words";
import { Fader } from "./Fader";
import { Record } from "./Record";
import { Panel, useTold } from "./parts";
import { useWatch } from "./watch";

const EMITTERS = ["red", "green", "blue", "white"];

interface Facts { groups: Record<string, string[]>; fixtures: FixtureFacts[] }

const picked = signal<ReadonlySet<string>>(new Set());
const why = signal<string[] | null>(null);
export const pickedNames = computed(() => [...picked.value]);

export function Light() {
  const told = useTold<Facts>("lights");
  useWatch();
  const group = useSignal("");
  const find = useSignal("");
  const open = useSignal(false);
  const said = words.value.light;
  const facts = told.value;
  if (!facts) return <div class="view light"><p class="quiet">{told.missing ? said.noLights : told.error}</p></div>;
  const members = group.value ? new Set(facts.groups[group.value] ?? []) : null;
  const shown = facts.fixtures.filter((item) => (!members || members.has(item.name)) && `${item.name} ${item.label} ${item.address}`.includes(find.value));
  const pick = (names: string[], on: boolean) => {
    const next = new Set(picked.value);
    for (const name of names) if (on) next.add(name); else next.delete(name);
    picked.value = next;
    why.value = null;
  };
  return (
    <div class="view light" tabIndex={0} aria-label={words.value.pages.light}>
      <div class="groups">
        <input type="search" class="find" value={find.value} placeholder={said.find} aria-label={said.find} onInput={(event) => (find.value = event.currentTarget.value)} />
        <button type="button" aria-pressed={group.value === ""} onClick={() => (group.value = "")}>{said.all}</button>
        <button type="button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>{open.value ? "▾" : "▸"} {said.groups(Object.keys(facts.groups).length)}</button>
        {picked.value.size === 0 && <span class="quiet">{said.none}</span>}
      </div>
      <div class={open.value ? "groups strip open" : "groups strip"} role="group" aria-label={said.groups(Object.keys(facts.groups).length)} tabIndex={0}>
        {Object.keys(facts.groups).map((name) => <button key={name} type="button" aria-pressed={group.value === name} onClick={() => { group.value = name; pick([...picked.value], false); pick(facts.groups[name] ?? [], true); }}>{name}</button>)}
      </div>
      <ul class="lamps">
        {shown.map((item) => <Lamp key={item.name} item={item} on={picked.value.has(item.name)} pick={() => pick([item.name], !picked.value.has(item.name))} />)}
      </ul>
      {why.value && <pre class="picked-why">{why.value.map(words.value.lines).join("\n")}</pre>}
      <Record />
      <Grip fixtures={facts.fixtures} />
    </div>
  );
}

function Lamp({ item, on, pick }: { item: FixtureFacts; on: boolean; pick: () => void }) {
  const now = lights.value[item.name];
  const out = tags.value.out_of_service.some((tag) => tag.fixture === item.name);
  const parked = tags.value.parked.some((tag) => tag.fixture === item.name);
  return (
    <li>
      <button type="button" class={`lamp ${now?.by ?? ""}`} aria-pressed={on} onClick={pick} title={`${item.label} ${item.type} ${item.address}`.trim()} data-fixture={item.name}>
        <span class="glow" style={now ? { "--lit": now.color, "--level": `${Math.round(now.level * 100)}%` } : {}} aria-hidden="true" />
        <span class="name">{on ? "✓ " : ""}{item.name}</span>
        <span class="count level">{now ? percent(now.level) : "–"}</span>
        <span class="owner">{out ? words.value.light.by["service"] : parked ? words.value.light.by["parked"] : now ? now.owner.replace(/^(grabbed|parked) by /, "") || words.value.light.by[now.by] : ""}</span>
      </button>
    </li>
  );
}

/** What hands do to the lights that are chosen. A level that a person holds is an override with that person's name. */
function Grip({ fixtures }: { fixtures: FixtureFacts[] }) {
  const said = words.value.light;
  const chosen = fixtures.filter((item) => picked.value.has(item.name));
  const dead = !can("Grab") || chosen.length === 0;
  const color = useSignal("#ffb060");
  const names = pickedNames.value.join(", ");
  const grab = (want: (name: string, light: string) => number | null) => {
    const parameters: number[] = [];
    const levels: number[] = [];
    for (const item of chosen) for (const parameter of item.parameters) {
      const to = want(parameter.name, item.name);
      if (to !== null) {
        parameters.push(parameter.index);
        levels.push(to);
      }
    }
    if (parameters.length) void ask("Grab", { parameters, levels, reason: "" });
  };
  /** To a level. What has no colour yet gets white: who asks for light wants to see it. */
  const dim = (to: number) => {
    const dark = new Set(chosen.filter((item) => lights.value[item.name]?.color === "#000000").map((item) => item.name));
    grab((name, light) => (name === "intensity" ? to : EMITTERS.includes(name) && to > 0 && dark.has(light) ? 1 : null));
  };
  const release = () => void ask("Ungrab", { parameters: chosen.flatMap((item) => item.parameters.map((one) => one.index)) });
  const tint = () => {
    const part = (at: number) => parseInt(color.value.slice(at, at + 2), 16) / 255;
    const to: Record<string, number> = { red: part(1), green: part(3), blue: part(5), white: 0, amber: 0 };
    grab((name) => to[name] ?? null);
  };
  const explain = () => {
    const first = chosen[0];
    if (first) read<{ words: string[] }>("why", { fixture: first.name }).then((told) => (why.value = told.words)).catch((error: unknown) => (why.value = [whyNot(error)]));
  };
  const heldByHand = Object.values(lights.value).some((one) => one.by === "person");
  const giveAll = <button type="button" disabled={!can("Ungrab")} onClick={() => void ask("Ungrab", { parameters: [] })}>{said.releaseAll}</button>;
  if (!chosen.length) return heldByHand || tags.value.checking.length ? <section class="panel" id="grip" aria-label={said.none}>{heldByHand && <span class="acts">{giveAll}</span>}<Checks /></section> : null;
  return (
    <Panel title={chosen.length ? said.chosen(chosen.length) : said.none} id="grip" acts={chosen.length > 0 && <button type="button" class="small" onClick={() => (picked.value = new Set())}>{said.clear}</button>}>
      <div class="grip">
        <Fader name={said.level} value={lights.value[chosen[0]?.name ?? ""]?.level ?? 0} disabled={dead} act={dim} />
        <button type="button" disabled={dead} onClick={() => dim(1)}>{said.full}</button>
        <button type="button" disabled={dead} onClick={() => dim(0.5)}>{said.half}</button>
        <button type="button" disabled={dead} onClick={() => dim(0)}>{said.out}</button>
        <label class="swatch"><span>{said.color}</span><input type="color" value={color.value} disabled={dead} onInput={(event) => (color.value = event.currentTarget.value)} onChange={tint} /></label>
        <button type="button" disabled={dead} onClick={release}>{said.release}</button>
        {heldByHand && giveAll}
        <button type="button" disabled={dead} onClick={() => chosen.forEach((item) => void ask("Identify", { what: item.name, over: 10 }))}>{said.highlight}</button>
        <button type="button" disabled={dead} onClick={() => void ask("ChannelCheck", { words: `${names} at 50` })}>{said.checkHere}</button>
        <button type="button" disabled={dead} onClick={explain}>{said.why}</button>
      </div>
      <Checks />
    </Panel>
  );
}

/** Channel checks under way, with hands for the next and the last light: also on the ladder. */
export function Checks() {
  const said = words.value.light;
  return (
    <>
      {tags.value.checking.map((item) => (
        <div key={item.person} class="check">
          <span>{words.value.checking(item)}</span>
          <span class="acts">
            <button type="button" disabled={!can("ChannelCheck")} onClick={() => void ask("ChannelCheck", { words: "last" })}>← {said.last}</button>
            <button type="button" disabled={!can("ChannelCheck")} onClick={() => void ask("ChannelCheck", { words: "next" })}>{said.next} →</button>
            <button type="button" disabled={!can("ChannelCheck")} onClick={() => void ask("ChannelCheck", { words: "off" })}>{said.off}</button>
          </span>
        </div>
      ))}
    </>
  );
}
