// The cue sheet on paper: black on white, made beside the page and handed to the browser's own print, so the desk itself never turns white.

import { time } from "../format";
import { cuesInHand, list, view } from "../store";
import { words } from "../words";

function cell(row: HTMLTableRowElement, text: string): void {
  row.insertCell().textContent = text;
}

/** Prints the list in hand. */
export function printSheet(): void {
  document.getElementById("sheet")?.remove();
  const sheet = document.createElement("section");
  sheet.id = "sheet";
  const title = document.createElement("h1");
  title.textContent = `${view.value?.show ?? ""} · ${list.value?.label || list.value?.name || ""} · ${(view.value?.wall ?? "").slice(0, 10)}`;
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  const said = words.value;
  for (const text of ["#", said.edit.fields["name"], said.edit.fields["wait"], said.edit.fields["time"], said.forecast, said.edit.fields["notes"]]) cell(head, text ?? "");
  const body = table.createTBody();
  for (const cue of cuesInHand.value) {
    const row = body.insertRow();
    for (const text of [cue.label, cue.name, cue.wait ? time(cue.wait) : "", time(cue.length), cue.next ? said.how(cue.next) : said.toGo, cue.notes]) cell(row, text);
  }
  sheet.append(title, table);
  document.body.append(sheet);
  window.print();
}
