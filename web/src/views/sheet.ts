// The cue sheet on paper: black on white, made beside the page and handed to the browser's own print, so the desk itself never turns white.
// What a person has to press stands out; what follows by itself is indented. Its head is on every page.

import { time } from "../format";
import { doesWords } from "../show/does";
import { cuesInHand, list, view } from "../store";
import type { Cue } from "../types";
import { words } from "../words";

function cell(row: HTMLTableRowElement, text: string, name: string): void {
  const made = row.insertCell();
  made.textContent = text;
  made.className = `s-${name}`;
}

function part<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, text: string): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

const lengths = (cue: Cue): string => [cue.wait ? words.value.wait(time(cue.wait)) : "", cue.length ? time(cue.length) : ""].filter(Boolean).join("\n");

const then = (cue: Cue): string => (cue.kind === "branch" && cue.to?.length ? `→ ${cue.to.join(" · ")}\n` : "") + (cue.next ? words.value.how(cue.next) : "");

/** Prints the list in hand. Whoever uses the browser's own command gets the same. */
export const printSheet = (): void => window.print();

addEventListener("beforeprint", makeSheet);

function makeSheet(): void {
  document.getElementById("sheet")?.remove();
  const sheet = document.createElement("section");
  sheet.id = "sheet";
  const said = words.value;
  const wall = (view.value?.wall ?? "").slice(0, 16).replace("T", " ");
  const table = document.createElement("table");
  const head = table.createTHead();
  for (const [text, name] of [["", "mark"], ["#", "number"], [said.edit.fields["name"], "label"], [said.sheet.does, "does"], [said.length, "length"], [said.edit.fields["next"], "then"], [said.edit.fields["notes"], "notes"]]) {
    const made = part("th", text ?? "");
    made.scope = "col";
    made.className = `s-${name ?? ""}`;
    (head.rows[0] ?? head.insertRow()).append(made);
  }
  const body = table.createTBody();
  let chained = false;
  for (const cue of cuesInHand.value) {
    const row = body.insertRow();
    row.className = chained ? "by-itself" : "by-hand";
    cell(row, chained ? "" : "▶", "mark");
    cell(row, cue.label, "number");
    cell(row, cue.name, "label");
    cell(row, doesWords(cue.does), "does");
    cell(row, lengths(cue), "length");
    cell(row, then(cue), "then");
    cell(row, cue.notes, "notes");
    chained = Boolean(cue.next) && cue.kind !== "branch";
  }
  sheet.append(part("h1", `${view.value?.show ?? ""} · ${list.value?.label || list.value?.name || ""}`), part("p", said.sheet.says(cuesInHand.value.length, wall)), table);
  document.body.append(sheet);
}
