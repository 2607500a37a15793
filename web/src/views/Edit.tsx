// Cues edited in the page: what is written is what was shown, and nothing more of the file changes. Show mode locks all of it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { say } from "../acts";
import { Refused, read, send, whyNot } from "../api";
import type { Requests } from "../generated/messages";
import { Hold } from "../hands";
import { cuesInHand, editing, list, lost, selected, standby, view } from "../store";
import { words } from "../words";
import { Reload } from "./Reload";
import { Diff, Panel } from "./parts";
import { printSheet } from "./sheet";

interface Problem { file: string; line: number; column: number; message: string; hint?: string }
interface Proposed { done?: boolean; refused: string; hint?: string; problems?: Problem[]; summary: string; diff: string; seen: string[]; notes?: string[]; revision: string }
interface Written { list: string; cue: string; place: string; text: string; fields: Record<string, string> }
type Wanted = Requests["edit"];

const FIELDS = ["name", "notes", "wait", "time", "next", "light"] as const;
type Field = (typeof FIELDS)[number];
const LONG: readonly Field[] = ["notes", "light"];
const SOON = 350; // ms after the last letter until what was typed is checked

export function Edit() {
  const said = words.value.edit;
  const mode = view.value?.mode;
  const lock = (show: boolean) => send("mode", { show }).catch((error: unknown) => say(whyNot(error), true));
  const label = selected.value ?? standby.value ?? "";
  return (
    <div class="view edit" tabIndex={0} aria-label={words.value.pages.edit}>
      <div class="groups">
        {mode !== undefined && <span class={editing.value ? "late-text" : ""}>{editing.value ? "◇" : "■"} {said.mode[editing.value ? "edit" : "show"]}</span>}
        {mode === "edit" && <button type="button" disabled={lost.value} onClick={() => void lock(true)}>{said.toShow}</button>}
        {mode === "show" && <Hold seconds={0.8} disabled={lost.value} act={() => void lock(false)}>{said.toEdit}</Hold>}
        <label><span class="unseen">{said.which}</span>
          <select id="edit-cue" value={label} onChange={(event) => (selected.value = event.currentTarget.value)}>
            {cuesInHand.value.map((cue) => <option key={cue.label} value={cue.label}>{`${cue.label} ${cue.name}`}</option>)}
          </select>
        </label>
        <button type="button" onClick={printSheet}>{said.sheet}</button>
      </div>
      <Reload />
      {!editing.value && <p class="quiet">{said.locked}</p>}
      {label ? <Cue key={`${list.value?.name}/${label}/${editing.value}`} label={label} locked={!editing.value} /> : <p class="quiet">{said.first}</p>}
    </div>
  );
}

function Cue({ label, locked }: { label: string; locked: boolean }) {
  const said = words.value.edit;
  const name = list.value?.name ?? "";
  const written = useSignal<Written | null>(null);
  const error = useSignal("");
  const wanted = useSignal<Wanted | null>(null);
  const found = useSignal<Proposed | null>(null);
  const fresh = useSignal("");
  /** What has been typed and not been written yet, by field. */
  const typed = useSignal<Partial<Record<Field, string>>>({});
  const round = useSignal(0);
  useEffect(() => {
    read<Written>("cue", { list: name, cue: label }).then(
      (told) => {
        written.value = told;
        typed.value = {};
      },
      (why: unknown) => (error.value = why instanceof Refused && why.status === 404 && !why.message.includes(label) ? said.none : whyNot(why)),
    );
  }, [round.value]);
  // Checked as it is typed, by the checker that reads the show: nothing is written until somebody says so.
  useEffect(() => {
    const now = wanted.value;
    found.value = null;
    if (!now) return undefined;
    const timer = setTimeout(() => {
      send<Proposed>("edit", now).then(
        (told) => wanted.value === now && (found.value = told),
        (why: unknown) => (error.value = whyNot(why)),
      );
    }, SOON);
    return () => clearTimeout(timer);
  }, [wanted.value]);
  const want = (edit: Omit<Wanted, "list" | "cue">) => {
    error.value = "";
    wanted.value = { ...edit, list: name, cue: label };
  };
  const write = () => {
    const [edit, proposed] = [wanted.value, found.value];
    if (!edit || !proposed) return;
    send<Proposed>("edit", { ...edit, revision: proposed.revision }).then(
      (told) => {
        found.value = told;
        if (told.done) round.value += 1;
      },
      (why: unknown) => (error.value = whyNot(why)),
    );
  };
  const undo = () => send<{ refused: string }>("undo", {}).then((told) => {
    error.value = words.value.finding(told.refused);
    wanted.value = null;
    round.value += 1;
  }, (why: unknown) => (error.value = whyNot(why)));
  const now = written.value;
  const valueOf = (field: Field) => typed.value[field] ?? now?.fields[field] ?? "";
  const type = (field: Field, value: string) => {
    typed.value = { [field]: value }; // one edit at a time: what is written is what was shown
    want(field === "name" ? { do: "rename", value } : { do: "set", field, value });
  };
  const at = cuesInHand.value.findIndex((cue) => cue.label === label);
  const [before, after] = [cuesInHand.value[at - 1]?.label, cuesInHand.value[at + 1]?.label];
  if (!now) return <p class={error.value ? "lost-text" : "quiet"}>{error.value || said.reading}</p>;
  return (
    <Panel title={`${label} ${cuesInHand.value[at]?.name ?? ""}`} id="cue-edit" acts={<span class="quiet">{now.place}</span>}>
      {FIELDS.map((field) => (
        <label key={field} class="field">
          <span>{said.fields[field]}</span>
          {LONG.includes(field)
            ? <textarea data-field={field} readOnly={locked} rows={Math.min(8, valueOf(field).split("\n").length + 1)} value={valueOf(field)} onInput={(event) => type(field, event.currentTarget.value)} />
            : <input type="text" data-field={field} readOnly={locked} value={valueOf(field)} onInput={(event) => type(field, event.currentTarget.value)} />}
        </label>
      ))}
      {error.value && <p class="lost-text" role="alert">! {error.value}</p>}
      {found.value && <Shown found={found.value} write={write} />}
      {!locked && <div class="grip">
        <button type="button" disabled={!before} onClick={() => before && want({ do: "move", beside: before, after: false, keep_looks: true })}>↑ {said.moveUp}</button>
        <button type="button" disabled={!after} onClick={() => after && want({ do: "move", beside: after, after: true, keep_looks: true })}>↓ {said.moveDown}</button>
        <input type="text" class="short" value={fresh.value} placeholder={said.number} aria-label={said.number} onInput={(event) => (fresh.value = event.currentTarget.value)} />
        <button type="button" disabled={!fresh.value} onClick={() => want({ do: "insert", label: fresh.value })}>{said.insert}</button>
        <button type="button" disabled={!fresh.value} onClick={() => want({ do: "renumber", label: fresh.value })}>{said.renumber}</button>
        <Hold seconds={0.8} act={() => want({ do: "delete", keep_looks: true })}>{said.remove}</Hold>
        <button type="button" onClick={() => void undo()}>{said.undo}</button>
      </div>}
      <details><summary>{said.text}</summary><pre class="diff">{now.text}</pre></details>
    </Panel>
  );
}

function Shown({ found, write }: { found: Proposed; write: () => void }) {
  const said = words.value.edit;
  const problems = found.problems ?? [];
  if (found.refused || problems.length) {
    return (
      <div id="edit-refused" role="status" ref={(box) => box?.scrollIntoView({ block: "nearest" })}>
        {found.refused && !problems.length && <p class="lost-text">! {words.value.finding(found.refused)}</p>}
        {found.hint && !problems.length && <p class="quiet">{words.value.finding(found.hint)}</p>}
        {problems.map((item) => <p key={`${item.file}${item.line}${item.message}`} class="lost-text">! {item.file}:{item.line}:{item.column} {words.value.finding(item.message)}{item.hint ? ` (${words.value.finding(item.hint)})` : ""}</p>)}
      </div>
    );
  }
  return (
    <div id="edit-shown">
      <p>{words.value.lines(found.summary)} <span class="quiet">· {said.checked}</span></p>
      <p class="quiet">{found.seen.length ? said.seen : said.same}</p>
      {found.seen.length > 0 && <pre class="seen">{found.seen.map(words.value.lines).join("\n")}</pre>}
      {(found.notes ?? []).map((line) => <p key={line} class="late-text">┄ {words.value.finding(line)}</p>)}
      <Diff text={found.diff} />
      {found.done ? <p class="running-text" id="edit-written" role="status">● {said.written}</p> : <button type="button" id="edit-write" disabled={lost.value} onClick={write}>{said.write}</button>}
    </div>
  );
}
