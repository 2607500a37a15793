// What could hurt, and the machine that stands between it and a cue: which step it is at, what it waits for, and who may take the next.

import { ask } from "../acts";
import { time } from "../format";
import { Hold } from "../hands";
import { can, me, person, view } from "../store";
import type { Hazard } from "../types";
import { words } from "../words";
import { Panel } from "./parts";

const SHAPES: Record<string, string> = { safe: "○", enabled: "┄", armed: "◇", fire: "▬" };
const HOLD = 0.8; // seconds: arming is done on purpose

export function Hazards() {
  const all = view.value?.hazards ?? [];
  const said = words.value.room;
  return (
    <Panel title={said.hazards} id="hazards">
      {all.length === 0 && <p class="quiet">{said.noHazards}</p>}
      <ul class="machines">{all.map((item) => <Machine key={item.name} item={item} />)}</ul>
    </Panel>
  );
}

function Machine({ item }: { item: Hazard }) {
  const said = words.value.room;
  const steps = item.kind === "attended" ? ["safe", "enabled", "armed", "fire"] : ["safe", "enabled", "fire"];
  return (
    <li data-hazard={item.name} class={item.state}>
      <span class="name">{item.name}</span>
      <ol class="steps" aria-label={`${item.name}: ${said.hazardStates[item.state] ?? item.state}`}>
        {steps.map((step) => <li key={step} class={step} aria-current={step === item.state ? "step" : undefined}><span aria-hidden="true">{SHAPES[step]}</span> {said.hazardStates[step]}</li>)}
      </ol>
      {item.lacks ? <p class="late-text">┄ {said.lacks(words.value.words(item.lacks))}</p> : <p class="quiet">{said.permit}: {item.permit}</p>}
      <p class="quiet">{[said.who[item.kind] ?? "", item.budget_left === null ? "" : said.budget(time(item.budget_left))].filter(Boolean).join(" · ")}</p>
      {item.kind === "attended" && <Arm item={item} />}
    </li>
  );
}

/** A named person arms what is attended; somebody at another desk fires it, within the minute. */
function Arm({ item }: { item: Hazard }) {
  const said = words.value.room;
  const named = Boolean(me.value?.person || person.value.trim());
  if (item.state === "armed") {
    return (
      <div class="grip">
        <span class="late-text">◇ {said.armedBy(item.armed_on ?? "", time(item.expires ?? null))}</span>
        <button type="button" disabled={!can("Arm")} onClick={() => void ask("Arm", { name: item.name, armed: false })}>{said.disarm}</button>
      </div>
    );
  }
  return (
    <div class="grip">
      <Hold seconds={HOLD} disabled={!can("Arm") || !named || item.state !== "enabled"} act={() => void ask("Arm", { name: item.name, armed: true })}>{named ? said.armHazard : words.value.ladder.needName}</Hold>
    </div>
  );
}
