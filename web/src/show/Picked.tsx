// What can be done with the row that was touched: a strip below the list, never above GO. Nothing here is needed in a show.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, standBy } from "../acts";
import { read, whyNot } from "../api";
import { Hold } from "../hands";
import { isHot, toggleHot } from "../hot";
import { disarmed, places, rows, runsByCue } from "../rows";
import { can, editing, list, may, page, selected } from "../store";
import { words } from "../words";

export function Picked() {
  const label = selected.value;
  const why = useSignal<string[] | null>(null);
  useEffect(() => {
    why.value = null;
  }, [label]);
  const at = label === null ? undefined : places.value.get(label);
  const row = at === undefined ? undefined : rows.value[at];
  if (!row || label === null) return null;
  const name = list.value?.name ?? "";
  const run = runsByCue.value.get(label);
  const off = row.cue.armed === false || disarmed.value.has(label);
  const said = words.value.row;
  const cue = { list: name, cue: label };
  const dead = !can("Start");
  const member = row.member !== "";
  const ask_why = () =>
    read<{ words: string[] }>("why", { cue: label, list: name })
      .then((told) => (why.value = told.words))
      .catch((error: unknown) => (why.value = [whyNot(error)]));
  return (
    <div id="picked" class="picked" role="group" aria-label={said.title(label)}>
      <div class="picked-head">
        <strong><span class="count">{label}</span> {member ? row.memberName : row.cue.name}</strong>
        <button type="button" class="small" onClick={() => (selected.value = null)} aria-label={said.close}>×</button>
      </div>
      {!member && row.cue.notes && <p class="picked-notes">{row.cue.notes}</p>}
      <div class="picked-acts">
        {!member && <button type="button" disabled={dead} onClick={() => standBy(label)}>▶ {said.standby}</button>}
        {run && <button type="button" disabled={dead} onClick={() => ask(run.state === "paused" ? "Resume" : "Pause", cue)}>{run.state === "paused" ? said.resume : `‖ ${said.pause}`}</button>}
        {run && <Hold seconds={0.4} disabled={dead} act={() => ask("Stop", cue)}>■ {said.stop}</Hold>}
        {!run && !member && <button type="button" disabled={dead} onClick={() => ask("Start", cue)}>{said.start}</button>}
        {!run && !member && <button type="button" disabled={!can("Preview")} onClick={() => ask("Preview", cue)}>{said.preview}</button>}
        {!member && <Hold seconds={0.8} disabled={dead} act={() => ask("Locate", cue)}>{said.locate}</Hold>}
        {row.cue.armed !== false && <button type="button" disabled={dead} onClick={() => ask("Arm", { name: label, list: name, armed: off })}>{off ? said.arm : `○ ${said.disarm}`}</button>}
        <button type="button" onClick={ask_why}>{said.why}</button>
        {!member && <button type="button" aria-pressed={isHot(name, label)} onClick={() => toggleHot(name, label)}>{isHot(name, label) ? said.unpin : said.pin}</button>}
        {!member && editing.value && may("edit") && <button type="button" onClick={() => (page.value = "edit")}>{said.edit}</button>}
      </div>
      {why.value && <pre class="picked-why">{why.value.map(words.value.lines).join("\n")}</pre>}
    </div>
  );
}
