// The operator's page: what is running, what GO will do, and whether anything is wrong; hands for GO and for the stops; and the rest of the
// house one step away at the left, never on top of these.

import { effect } from "@preact/signals";
import { render } from "preact";
import { listen } from "./keys";
import { lost, me, notes, page, view } from "./store";
import { stands } from "./trouble";
import { Bar, Views } from "./show/Bar";
import { CueList } from "./show/CueList";
import { Forecast } from "./show/Forecast";
import { Hands } from "./show/Hands";
import { Next } from "./show/Next";
import { Running } from "./show/Running";
import { Trouble } from "./show/Trouble";
import { Ladder } from "./views/Ladder";
import { Light } from "./views/Light";
import { Login } from "./views/Login";
import { Log } from "./views/Log";
import { Desk } from "./views/Desk";
import { Edit } from "./views/Edit";
import { Rehearse } from "./views/Rehearse";
import { Room } from "./views/Room";
import { Apart } from "./views/parts";
import { longTime } from "./format";
import { htmlLanguage, words } from "./words";

function Left() {
  if (me.value?.role === null) return <div class="view"><Login /></div>;
  switch (page.value) {
    case "show": return <><CueList /><Running /></>;
    case "room": return <Room />;
    case "light": return <Light />;
    case "ladder": return <Ladder />;
    case "log": return <Log />;
    case "edit": return <Edit />;
    case "rehearse": return <Rehearse />;
    case "desk": return <Desk />;
  }
}

function Page() {
  return (
    <>
      <Bar />
      <Views />
      <main data-view={page.value}>
        <div class="left"><Apart key={page.value} name={words.value.pages[page.value]}><Left /></Apart></div>
        <div class="right">
          <Apart name={words.value.next}><Next /></Apart>
          <Apart name={words.value.trouble}><Trouble /></Apart>
          <Hands />
        </div>
      </main>
      <footer class="foot">
        <Apart name={words.value.forecast}><Forecast /></Apart>
        <ol id="notes" class="notes" aria-label={words.value.pages.log}>
          {notes.value.filter((note) => !note.cue?.includes(":")).slice(-4).reverse().map((note) => <li key={`${note.instant}${note.words}`}><time class="count">{longTime(note.instant)}</time> {words.value.words(note.words)}</li>)}
        </ol>
      </footer>
    </>
  );
}

effect(() => {
  document.body.classList.toggle("lost", lost.value);
});
effect(() => {
  const name = view.value?.show;
  if (name) document.title = `${lost.value || stands.value.length ? "! " : ""}${name} · showctl`; // also seen where the page is not
});
effect(() => {
  document.documentElement.lang = htmlLanguage.value;
});

const root = document.getElementById("page");
if (root) render(<Page />, root);
listen();

const awake = (): void => void navigator.wakeLock?.request("screen").catch(() => undefined);
awake();
document.addEventListener("visibilitychange", () => document.hidden || awake());
if ("serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => undefined);
