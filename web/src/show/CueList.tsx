// The list in hand: thousands of cues, of which only those in sight exist. Standby is unmistakable; chains and branches are drawn.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { standBy } from "../acts";
import { time } from "../format";
import { typed } from "../keys";
import { cuesInHand, choose, list, listName, lists, selected, standby } from "../store";
import { counts, disarmed, fold, LINKS, part, places, rows, runsByCue, SHAPES, type Row } from "../rows";
import { words } from "../words";
import { phone, rowHeight } from "../unit";
import { doesWords } from "./does";
import { Kinds } from "./Kinds";
import { Strip } from "../strip";
import { Picked } from "./Picked";

const BEYOND = 8; // rows drawn above and below what is in sight
const GLIDE = 120; // ms
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const COLORS: Record<string, string> = {
  red: "#c9574c", amber: "#c99a45", orange: "#cc7b3a", yellow: "#c9bb52", green: "#63a06f", cyan: "#5aa7a7", blue: "#5b82c4", purple: "#8d6cc0",
  magenta: "#b45f9b", pink: "#c0788d", white: "#c9c4bb", grey: "#77726a", gray: "#77726a",
};

export function CueList() {
  return (
    <section class="cues" aria-labelledby="cues-word">
      <h2 id="cues-word" class="unseen">{words.value.cues}</h2>
      <Tabs />
      <div class="heads" aria-hidden="true"><span /><span /><span /><span>{words.value.cues}</span><span /><span>{words.value.length}</span><span>{words.value.edit.fields["next"]}</span></div>
      <Scroll />
      <Picked />
    </section>
  );
}

function Tabs() {
  return (
    <Strip id="lists" class="tabs" label={words.value.lists} current={listName.value}>
      {lists.value.map((item) => (
        <button key={item.name} type="button" aria-pressed={item.name === list.value?.name} onClick={() => choose(item.name)}>
          <span>{item.label || item.name}</span>
          <span class={item.paused ? "mark held" : "mark"}>{item.paused ? "‖" : item.running.length ? `▬ ${item.running.length}` : ""}</span>
        </button>
      ))}
    </Strip>
  );
}

function Scroll() {
  const box = useRef<HTMLOListElement>(null);
  const top = useSignal(0);
  const room = useSignal(600);
  const high = rowHeight;
  const shown = useRef<string | null>(null);

  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const seer = new ResizeObserver(() => {
      // A trouble, or a panic, takes room from the list. What stands by stays in view, if it was.
      const at = places.value.get(standby.value ?? "");
      const before = room.value;
      room.value = node.clientHeight;
      const above = at === undefined ? -1 : at * high.value - node.scrollTop;
      if (above >= 0 && above < before && above + high.value > node.clientHeight) bring(node, at! * high.value, true);
    });
    seer.observe(node);
    return () => seer.disconnect();
  }, []);

  useSignalEffect(() => {
    const label = standby.value ?? list.value?.last ?? null;
    const key = `${list.value?.name} ${label} ${cuesInHand.value.length}`;
    const at = places.value.get(label ?? "");
    if (!box.current || at === undefined || shown.current === key) return;
    const first = shown.current === null;
    shown.current = key;
    const node = box.current;
    requestAnimationFrame(() => bring(node, at * high.value, first));
  });

  const all = rows.value;
  const from = Math.max(0, Math.floor(top.value / high.value) - BEYOND);
  const to = Math.min(all.length, Math.ceil((top.value + room.value) / high.value) + BEYOND);
  const style = { paddingTop: `${from * high.value}px`, paddingBottom: `${(all.length - to) * high.value}px` };
  const pressing = useRef(0);
  const rowOf = (event: Event) => (event.target as HTMLElement).closest<HTMLElement>(".cue")?.dataset["cue"];
  return (
    <ol
      id="cues"
      ref={box}
      tabIndex={0}
      aria-labelledby="cues-word"
      style={{ "--row": `${high.value}px` }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !typed.value && event.target === event.currentTarget && !event.repeat) selected.value = standby.value;
      }}
      onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
      onClick={(event) => {
        const label = rowOf(event);
        if (label !== undefined) selected.value = label;
      }}
      onDblClick={(event) => {
        const label = rowOf(event);
        if (label !== undefined) void standBy(label);
      }}
      onTouchStart={(event) => {
        const label = rowOf(event);
        if (label !== undefined) pressing.current = setTimeout(() => void standBy(label), 600);
      }}
      onTouchEnd={() => clearTimeout(pressing.current)}
      onTouchMove={() => clearTimeout(pressing.current)}
      onTouchCancel={() => clearTimeout(pressing.current)}
    >
      <li class="space" style={{ height: style.paddingTop }} aria-hidden="true" />
      {all.slice(from, to).map((row) => <Line key={row.member || row.cue.label} row={row} last={list.value?.last ?? null} />)}
      <li class="space" style={{ height: style.paddingBottom }} aria-hidden="true" />
    </ol>
  );
}

function Line({ row, last }: { row: Row; last: string | null }) {
  const { cue } = row;
  const label = row.member || cue.label;
  const run = runsByCue.value.get(label);
  const stands = standby.value === label;
  const off = cue.armed === false || disarmed.value.has(label);
  const member = row.member !== "";
  const how = member ? (cue.group?.mode === "timeline" ? `+${time(row.at)}` : "") : howOf(row);
  const state = stands ? "standby" : (run?.state ?? (off ? "disarmed" : ""));
  const names = ["cue"];
  if (stands) names.push("standby");
  if (label === last) names.push("last");
  if (run) names.push("runs", ...(run.state === "paused" ? ["held"] : run.state === "waiting" ? ["waits"] : []));
  if (member) names.push("member");
  if (off) names.push("off");
  if (selected.value === label) names.push("touched");
  if (!member && row.chained) names.push("chained");
  if (!member && cue.next) names.push("chains", cue.kind ?? "");
  const edge = COLORS[cue.color];
  return (
    <li class={names.join(" ")} data-cue={label} title={member ? row.memberName : cue.notes} aria-current={stands ? "step" : undefined} style={edge ? { "--edge": edge } : {}}>
      <span class="shape" aria-hidden={state === ""}>
        {SHAPES[state] ?? ""}
        {stands && <span class="unseen">{words.value.standingBy}</span>}
      </span>
      <span class="number count">{label}</span>
      <Link kind={member ? "" : (cue.kind ?? "")} />
      <span class="name">
        {row.open !== null && (
          <button type="button" class="fold" aria-expanded={row.open} aria-label={words.value.row.members(cue.group?.members.length ?? 0, words.value.modes[cue.group?.mode ?? ""] ?? "")}
            onClick={(event) => { event.stopPropagation(); fold(cue.label, !row.open); }}>
            {row.open ? "▾" : "▸"}
          </button>
        )}
        {member ? row.memberName || doesWords(row.does) : cue.name}
        {!member && cue.wait > 0 && <span class="chip">{words.value.wait(time(cue.wait))}</span>}
        {off && <span class="chip late">{words.value.disarmed}</span>}
      </span>
      <Kinds does={row.does} />
      <span class="length count">{member || !cue.length ? "" : time(cue.length)}</span>
      <span class="how">{run ? (counts(run) ? `−${time(run.remaining)}` : (words.value.states[run.state] ?? run.state)) : phone.value ? "" : how}</span>
      <span class="track" aria-hidden="true"><i style={{ transform: `scaleX(${run ? part(run) : 0})` }} /></span>
    </li>
  );
}

function Link({ kind }: { kind: string }) {
  const path = LINKS[kind];
  return <span class="link">{path && <svg viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg>}</span>;
}

function howOf({ cue }: Row): string {
  if (cue.kind === "branch" && cue.to?.length) return `→ ${cue.to.join(" · ")}`;
  return cue.next ? words.value.how(cue.next) : "";
}

let glides = 0;

/** Brings a row to the upper third within 120 ms; a later wish takes the place of one that is still gliding. */
function bring(box: HTMLElement, row: number, atOnce: boolean): void {
  const mine = ++glides;
  const target = Math.max(0, row - box.clientHeight * 0.36);
  const start = box.scrollTop;
  if (atOnce || calm.matches || Math.abs(target - start) > 4 * box.clientHeight) {
    box.scrollTop = target;
    return;
  }
  const began = performance.now();
  const move = (now: number) => {
    if (mine !== glides) return;
    const done = Math.min((now - began) / GLIDE, 1);
    box.scrollTop = start + (target - start) * done * (2 - done);
    if (done < 1) requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
}
