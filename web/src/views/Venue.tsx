// The simulated venue of a show that runs on one: what happens there, in the words of a script. A show on its real rig has none.

import { useSignal } from "@preact/signals";
import { send, whyNot } from "../api";
import { labelOf } from "../show/does";
import { can, view } from "../store";
import { words } from "../words";
import { Panel, useTold } from "./parts";

const VERBS = ["fault", "set", "press", "guests"] as const;
/** What every device knows; what else one knows it says when it does not understand. */
const FAULTS = ["power lost for 20s", "hang for 10s", "silent for 10s", "slow 300ms for 10s", "babbles for 10s", "reboot", "back"];

export function Venue() {
  const told = useTold<{ there: boolean }>("venue");
  const what = useSignal<string>("fault");
  const line = useSignal("");
  const answer = useSignal<{ done: string; refused: string }>({ done: "", refused: "" });
  const said = words.value.venue;
  if (!told.value?.there) return null;
  const happen = async (event: Event) => {
    event.preventDefault();
    const spoken = line.value.trim();
    if (!spoken) return;
    try {
      await send("venue", { what: what.value, words: spoken });
      answer.value = { done: `${what.value} ${spoken}`, refused: "" };
    } catch (error) {
      answer.value = { done: "", refused: whyNot(error) };
    }
  };
  const devices = view.value?.devices ?? [];
  const fill = (name: string) => (line.value = name && `${name} ${FAULTS[0]}`);
  return (
    <Panel title={said.title} id="venue">
      <p class="quiet">{said.says}</p>
      <form class="grip" onSubmit={(event) => void happen(event)}>
        <select value={what.value} aria-label={said.what} onChange={(event) => (what.value = event.currentTarget.value)}>
          {VERBS.map((verb) => <option key={verb} value={verb}>{said.verbs[verb]}</option>)}
        </select>
        <select value="" aria-label={said.device} onChange={(event) => fill(event.currentTarget.value)}>
          <option value="">{said.device}</option>
          {devices.map((device) => <option key={device.name} value={device.name}>{labelOf(device.name)}</option>)}
        </select>
        <input type="text" list="venue-faults" value={line.value} placeholder={`sound ${FAULTS[0]}`} aria-label={said.line} onInput={(event) => (line.value = event.currentTarget.value)} />
        <datalist id="venue-faults">
          {FAULTS.map((fault) => <option key={fault} value={`${line.value.split(" ")[0] || "sound"} ${fault}`} />)}
        </datalist>
        <button type="submit" disabled={!can("act") || !line.value.trim()}>{said.happen}</button>
      </form>
      <p role="status" class={answer.value.refused ? "late-text" : "quiet"}>{answer.value.refused ? `! ${answer.value.refused}` : answer.value.done && said.done(answer.value.done)}</p>
    </Panel>
  );
}
