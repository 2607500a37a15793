// Lamps that answer over their own cable (RDM): who was found, against the patch. What is otherwise than patched stands first; a lamp shows
// itself on a press. Refused while a cue runs, since light and questions share the cable.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { send, whyNot } from "../api";
import { can } from "../store";
import { words } from "../words";
import { Panel, useTold } from "./parts";

interface Lamp { uid: string; universe: string; light: string | null; address: number | null; mode_name: string; maker: string; model: string; words: string }
/** Empty where a show has nothing to ask with. */
type Table = { doing: string; searched: string[]; devices: Lamp[]; missing: string[]; troubles: string[] } | { doing?: never; devices?: never };

const LOOK = 1500; // ms between two looks while somebody searches

export function Rdm() {
  const said = words.value.rdm;
  const told = useTold<Table>("rdm");
  const shown = useSignal("");
  const all = useSignal(false);
  const answer = useSignal({ words: "", no: false });
  const table = told.value;
  const busy = Boolean(table?.doing);
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(told.again, LOOK);
    return () => clearInterval(timer);
  }, [busy]);
  const ask = (verb: string, what = "") => send<{ refused?: string; words?: string }>("rdm", { verb, what }).then(
    (back) => {
      answer.value = { words: back.refused || back.words || "", no: Boolean(back.refused) };
      if (verb === "identify" && !back.refused) shown.value = what === "off" ? "" : what;
      told.again();
    },
    (error: unknown) => (answer.value = { words: whyNot(error), no: true }),
  );
  if (!table?.devices) return null;
  const other = table.devices.filter((item) => item.words || !item.light);
  const rows = all.value ? table.devices : other;
  return (
    <Panel title={`${said.title}  ${table.devices.length || ""}`} id="rdm" acts={<button type="button" disabled={!can("rdm") || busy} onClick={() => void ask("discover")}>{said.search}</button>}>
      {busy && <p role="status">▬ {table.doing}</p>}
      {answer.value.words && !busy && <p class={answer.value.no ? "lost-text" : "quiet"} role="status">{answer.value.no ? "! " : ""}{words.value.words(answer.value.words)}</p>}
      {table.troubles.map((line) => <p key={line} class="late-text">┄ {line}</p>)}
      {table.searched.length === 0 && !busy && <p class="quiet">{said.none}</p>}
      {table.missing.length > 0 && <p class="late-text">┄ {said.missing(table.missing.length)}: {table.missing.join(", ")}</p>}
      {table.devices.length > 0 && <p class="quiet">{said.found(table.devices.length - other.length, other.length)} <button type="button" class="small" aria-pressed={all.value} onClick={() => (all.value = !all.value)}>{said.all}</button>{shown.value && <button type="button" class="small" onClick={() => void ask("identify", "off")}>{said.off}</button>}</p>}
      <ul class="plain">
        {rows.map((item) => (
          <li key={item.uid}>
            <span aria-hidden="true" class={item.words ? "late-text" : "running-text"}>{item.words ? "┄" : "●"}</span>
            <span class="name">{item.light ?? said.stranger}</span>
            <span class="quiet count">{item.universe}{item.address === null ? "" : `.${item.address}`} {item.mode_name}</span>
            <button type="button" class="small" disabled={!can("rdm") || busy} aria-pressed={shown.value === item.uid} onClick={() => void ask("identify", item.uid)}>{said.show}</button>
            <span class="what">{[item.words, `${item.maker} ${item.model} ${item.uid}`].filter(Boolean).join("\n")}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
