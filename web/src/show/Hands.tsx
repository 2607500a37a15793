// The hands: GO, the largest thing on the page, and the ways to stop. They stand in the same place in every view; nothing is drawn on them.

import { useSignal } from "@preact/signals";
import { ask, back, evacuate, go, goFeels, panic, panicFeels, pauseOrResume, said } from "../acts";
import { age } from "../format";
import { Hold, Press } from "../hands";
import { can, latched, list, lostFor, me, pausedAny, person, standbyCue, view } from "../store";
import { words } from "../words";

const EVACUATE_HOLD = 1.2; // seconds
const STOP_HOLD = 0.5;

export function Hands() {
  return (
    <section class="hands" aria-label="GO">
      <Latch />
      <LostWords />
      <Go />
      <Stops />
    </section>
  );
}

function Go() {
  const window = list.value?.go_window;
  const owner = list.value ? view.value?.owners?.[list.value.name] : undefined;
  const names = ["go", goFeels.value];
  if (said.value.no) names.push("said-no");
  if (!standbyCue.value) names.push("empty");
  if (latched.value) names.push("latched");
  const held = !latched.value && list.value?.paused === true;
  if (held) names.push("held");
  return (
    <Press
      id="go"
      class={names.filter(Boolean).join(" ")}
      disabled={!can("Go")}
      style={{ "--window": window?.seconds ? String(window.remaining / window.seconds) : "0" }}
      act={() => void go("console")}
    >
      <span class="go-word">GO</span>
      <span id="go-list" class="go-list">{list.value ? words.value.list(list.value.label || list.value.name) : ""}{standbyCue.value ? ` · ${standbyCue.value.label}` : ""}</span>
      <span id="go-said" class="go-said" role="status">{said.value.text || (owner && owner !== (me.value?.person || person.value) ? words.value.goOwned(owner) : held ? words.value.goHeld : "")}</span>
    </Press>
  );
}

function Stops() {
  const dead = !can("Pause");
  const paused = pausedAny.value;
  return (
    <div class="buttons">
      <button id="back" type="button" disabled={dead} onClick={() => back()}>↶ {words.value.back}</button>
      <button id="pause" type="button" disabled={dead} aria-pressed={paused} onClick={pauseOrResume}>{paused ? `▶ ${words.value.resume}` : `‖ ${words.value.pause}`}</button>
      <Hold id="stop" seconds={STOP_HOLD} disabled={dead} act={() => void ask("Stop", {})}>{words.value.stop}</Hold>
      <Hold id="evacuate" class="evacuate" seconds={EVACUATE_HOLD} act={evacuate}>{words.value.evacuate}</Hold>
      <Press id="panic" class={`panic${panicFeels.value ? " pressed" : ""}`} act={() => void panic("console")}>
        {latched.value === "panic" ? words.value.panicAgain : words.value.panic}
      </Press>
    </div>
  );
}

/** Panic or evacuation is in force: who ends it, and by what name. */
function Latch() {
  const name = useSignal("");
  if (!latched.value) return null;
  return (
    <form
      id="latch"
      class="latch"
      onSubmit={(event) => {
        event.preventDefault();
        void ask("Rearm", {}, "console", name.value.trim());
        name.value = "";
        (document.activeElement as HTMLElement | null)?.blur();
      }}
    >
      <span id="latch-words">! {words.value.latched[latched.value] ?? latched.value}</span>
      {latched.value === "evacuate" && (
        <input id="latch-name" type="text" maxLength={80} autocomplete="name" placeholder={words.value.rearmName} aria-label={words.value.rearmName} value={name.value} onInput={(event) => (name.value = event.currentTarget.value)} />
      )}
      <button id="rearm" type="submit" disabled={!can("Rearm")}>{words.value.rearm}</button>
    </form>
  );
}

function LostWords() {
  const silent = lostFor.value;
  const text = silent === undefined ? "" : silent === null ? words.value.connecting : words.value.lost(age(silent));
  return <p id="lost-words" class="lost-words" role="status">{text}{typeof silent === "number" && <small>{words.value.lostMore}</small>}</p>;
}
