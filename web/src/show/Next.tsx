// What GO will do: the cue that stands by, larger than anything that runs; its notes; what it needs, and whether that is ready.

import { time } from "../format";
import { hot, type Hot } from "../hot";
import { ask } from "../acts";
import { can, cues, cuesInHand, devices, list, standbyCue } from "../store";
import type { Cue } from "../types";
import { doesParts, labelOf, shortly } from "./does";
import { typed } from "../keys";
import { words } from "../words";
import { comingByItself, goDoes } from "./forecast";
import { Kinds } from "./Kinds";

const MOST_NEEDED = 4; // devices that are ready: those that are not are all named

export function Next() {
  const cue = standbyCue.value;
  const said = words.value;
  return (
    <section class="next" aria-labelledby="next-word" tabIndex={0}>
      <h2 id="next-word">{said.next}</h2>
      <p class="next-label"><span id="next-number" class="count">{cue?.label}</span> <span id="next-name">{cue ? cue.name : said.nothing}</span></p>
      {typed.value && <p class="typed" role="status">{said.typed(typed.value)}</p>}
      <p id="next-notes" class="next-notes">{cue ? cue.notes : said.atEnd}</p>
      <ByItself />
      <p id="next-how" class="next-how">{cue ? [cue.wait ? said.wait(time(cue.wait)) : "", handsOn(cue)].filter(Boolean).join(" · ") : ""}</p>
      {cue?.does && <Does cue={cue} />}
      <GoDoes />
      <HotCues />
    </section>
  );
}

/** What follows it, by its name: the number alone says nothing to whoever did not write the show. */
function handsOn(cue: Cue): string {
  const said = words.value;
  if (!cue.next) return said.toGo;
  const after = cuesInHand.value[cuesInHand.value.findIndex((item) => item.label === cue.label) + 1];
  if (cue.kind === "branch" && cue.to?.length) return said.then(`${cue.to.join(" · ")}`, said.how(cue.next));
  return said.then(after ? `${after.label} ${after.name}` : "", said.how(cue.next));
}

/** In short what the cue does, and whether the devices that it asks are there. */
function Does({ cue }: { cue: Cue }) {
  const does = cue.does;
  if (!does) return null;
  const said = words.value;
  const parts = [...doesParts(does), cue.length ? time(cue.length) : ""].filter(Boolean);
  const needed = does.devices.map((name) => devices.value.find((device) => device.name === name)).filter((device) => device !== undefined).sort((a, b) => Number(a.health === "ok") - Number(b.health === "ok"));
  const shown = needed.slice(0, Math.max(MOST_NEEDED, needed.filter((device) => device.health !== "ok").length));
  return (
    <p class="does" id="next-does">
      <Kinds does={does} />
      {parts.length > 0 && <span class="parts">{parts.join(" · ")}</span>}
      {shown.map((device) => (
        <span key={device.name} class={`need ${device.health}`}>
          {device.health === "ok" ? "●" : device.health === "lost" ? "!" : "┄"} {device.health === "ok" ? labelOf(device.name) : said.notReady(labelOf(device.name), said.health[device.health] ?? "")}
        </span>
      ))}
      {shown.length < needed.length && <span class="quiet">{said.forecastMore(needed.length - shown.length)}</span>}
    </p>
  );
}

function ByItself() {
  const coming = comingByItself.value;
  if (!coming) return null;
  return <p id="next-first" class="next-how first">{words.value.byItself(coming.words, coming.in > 0 ? time(coming.in) : "")}</p>;
}

/** In full what GO does, for whoever looks twice: small, and below everything that must be read. */
function GoDoes() {
  const lines = shortly(goDoes.value);
  if (!lines.length) return null;
  return <ul id="go-does" class="go-does">{lines.map((line) => <li key={line}>{line}</li>)}</ul>;
}

function HotCues() {
  if (!hot.value.length) return null;
  const start = (item: Hot) => ask("Start", item);
  return (
    <div class="hot">
      {hot.value.map((item) => {
        const cue = cues.value[item.list]?.find((one) => one.label === item.cue);
        const name = item.list === list.value?.name ? item.cue : `${item.list} ${item.cue}`;
        return <button key={`${item.list}/${item.cue}`} type="button" disabled={!can("Start") || !cue} onClick={() => start(item)}><span class="count">{name}</span> {cue?.name ?? ""}</button>;
      })}
    </div>
  );
}
