// The operator's page: what is running, what GO will do, and whether anything is wrong; and hands for GO and for the stops.

import { drawBar, drawCues, drawHealth, drawList, drawNext, drawNotes, drawRunning, drawTabs, text } from "/static/draw.js";
import { Link } from "/static/link.js";
import { htmlLanguage, otherLanguage, words } from "/static/words.js";

const $ = (id) => document.getElementById(id);
const EVACUATE_HOLD = 1.2; // seconds
const STOP_HOLD = 0.5;
const MOST_NOTES = 50;
const NEED_LINK = ["go", "back", "pause", "stop", "rearm"]; // panic and evacuate are tried whatever happens

let view = null; // what the show said last
let cues = {}; // list -> its cues
let notes = [];
let chosen = ""; // the list in hand: GO acts on it
let presses = 0;
const page = crypto.getRandomValues(new Uint32Array(2)).join("-");

const link = new Link({
  hello(said) {
    view = said.view;
    notes = said.notes;
    cues = Object.fromEntries(view.lists.map((list) => [list.name, list.cues]));
    if (!cues[chosen]) chosen = cues[localStorage.getItem("list")] ? localStorage.getItem("list") : view.main_list;
    document.title = `${view.show} · showctl`;
    draw(true);
  },
  update(said) {
    Object.assign(view, said.view);
    if (said.notes.length) {
      notes = [...notes, ...said.notes].slice(-MOST_NOTES);
      drawNotes(notes);
    }
    draw(false);
  },
  lost(age) {
    document.body.classList.add("lost");
    for (const id of NEED_LINK) $(id).disabled = true;
    text($("lost-words"), age === null ? words().connecting : words().lost(age < 10 ? age.toFixed(1) : Math.round(age)));
    if (view) drawHealth(view, true);
  },
  found() {
    document.body.classList.remove("lost");
    for (const id of NEED_LINK) $(id).disabled = false;
  },
});

// --- Drawing ------------------------------------------------------------------------------------------------------------

function draw(anew) {
  const list = view.lists.find((item) => item.name === chosen) ?? view.lists[0];
  chosen = list.name;
  drawBar(view);
  drawTabs(view, chosen, choose);
  if (anew) {
    drawCues(list, cues[chosen]);
    drawNotes(notes);
  } else drawList(list);
  drawRunning(view);
  drawNext(list, cues[chosen]);
  drawHealth(view, !link.good);
  drawHands(list);
}

function drawHands(list) {
  const paused = view.lists.some((item) => item.paused);
  $("pause").setAttribute("aria-pressed", String(paused));
  text($("pause"), paused ? `▶ ${words().resume}` : `‖ ${words().pause}`);
  $("latch").hidden = !view.latched;
  $("go").classList.toggle("latched", Boolean(view.latched));
  if (view.latched) {
    text($("latch-words"), `! ${words().latched[view.latched] ?? view.latched}`);
    $("latch-name").hidden = view.latched !== "evacuate";
  }
  text($("panic"), view.latched === "panic" ? words().panicAgain : words().panic);
}

function drawWords() {
  const said = words();
  document.documentElement.lang = htmlLanguage();
  const fixed = {
    "brightness-word": said.brightness, "cues-word": said.cues, "running-word": said.running, "next-word": said.next,
    back: `↶ ${said.back}`, stop: said.stop, evacuate: said.evacuate, panic: said.panic, rearm: said.rearm, language: said.language,
    pause: said.pause,
  };
  for (const [id, value] of Object.entries(fixed)) text($(id), value);
  $("latch-name").placeholder = said.rearmName;
  $("latch-name").setAttribute("aria-label", said.rearmName);
  $("brightness").setAttribute("aria-label", said.brightness);
  if (view) draw(true);
}

function choose(list) {
  chosen = list;
  localStorage.setItem("list", list);
  draw(true);
}

// --- GO -------------------------------------------------------------------------------------------------------------------

async function go(surface) {
  const button = $("go");
  if (!link.good) return;
  flash(button, "pressed", 90);
  presses += 1;
  try {
    const answer = await link.ask("Go", { list: chosen, token: `${page}-${presses}`, origin: { surface } });
    if (answer.refused) refuse(answer.refused);
    else {
      say(answer.started ? words().started(answer.started.cue) : "", false);
      flash(button, "taken", 400);
    }
  } catch {
    refuse(words().notSent("GO"));
  }
}

function refuse(reason) {
  say(reason, true);
  flash($("go"), "refused", 400);
}

let saying = 0;
function say(what, no) {
  clearTimeout(saying);
  text($("go-said"), what);
  $("go").classList.toggle("said-no", no);
  saying = setTimeout(() => say("", false), no ? 6000 : 3000);
  if (!what) clearTimeout(saying);
}

function flash(node, className, ms) {
  node.classList.remove(className);
  void node.offsetWidth;
  node.classList.add(className);
  clearTimeout(node[className]);
  node[className] = setTimeout(() => node.classList.remove(className), ms);
}

// Everything but GO: what was refused is said in the same place.
async function ask(request, fields = {}) {
  try {
    const answer = await link.ask(request, { origin: { surface: "console" }, ...fields });
    if (answer.refused) say(answer.refused, true);
  } catch {
    say(words().notSent(request), true);
  }
}

async function panic(surface) {
  flash($("panic"), "pressed", 200);
  try {
    const answer = await link.insist("Panic", { origin: { surface } });
    if (answer.straight) say(words().straight, true);
  } catch {
    say(words().notSent(words().panic), true);
  }
}

// --- Hands ------------------------------------------------------------------------------------------------------------------

// A mouse acts when it is pressed, a finger when it is lifted in place (it may have wanted to scroll).
function press(button, act) {
  let by = "";
  button.addEventListener("pointerdown", (event) => {
    by = event.pointerType;
    if (by !== "touch" && event.button === 0) act();
  });
  button.addEventListener("click", (event) => {
    if (by === "touch" || event.detail === 0) act();
    by = "";
  });
}

function hold(button, seconds, act) {
  let timer = 0;
  const begin = () => {
    if (timer) return;
    button.style.setProperty("--hold", `${seconds}s`);
    button.classList.add("holding");
    timer = setTimeout(() => {
      end();
      flash(button, "pressed", 300);
      act();
    }, seconds * 1000);
  };
  const end = () => {
    clearTimeout(timer);
    timer = 0;
    button.classList.remove("holding");
  };
  button.addEventListener("pointerdown", (event) => event.button === 0 && begin());
  for (const kind of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(kind, end);
  button.addEventListener("keydown", (event) => event.key === "Enter" && begin());
  button.addEventListener("keyup", end);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
}

press($("go"), () => go("console"));
press($("panic"), () => panic("console"));
$("back").addEventListener("click", () => ask("Back", { list: chosen }));
$("pause").addEventListener("click", pauseOrResume);
hold($("stop"), STOP_HOLD, () => ask("Stop"));
hold($("evacuate"), EVACUATE_HOLD, () =>
  link.insist("Evacuate", { origin: { surface: "console" } }).catch(() => say(words().notSent(words().evacuate), true)),
);
$("latch").addEventListener("submit", (event) => {
  event.preventDefault();
  ask("Rearm", { origin: { surface: "console", person: $("latch-name").value.trim() } });
  $("latch-name").value = "";
  $("latch-name").blur();
});

function pauseOrResume() {
  ask(view?.lists.some((item) => item.paused) ? "Resume" : "Pause");
}

// Standby is moved by a double click, or by a long press on glass.
let pressing = 0;
$("cues").addEventListener("dblclick", (event) => standby(event.target));
$("cues").addEventListener("touchstart", (event) => (pressing = setTimeout(() => standby(event.target), 600)), { passive: true });
for (const kind of ["touchend", "touchmove", "touchcancel"]) {
  $("cues").addEventListener(kind, () => clearTimeout(pressing), { passive: true });
}
function standby(node) {
  const row = node.closest(".cue");
  if (row) ask("Standby", { list: chosen, cue: row.dataset.cue });
}

// --- Keys -------------------------------------------------------------------------------------------------------------------

const typing = (event) => event.target.matches?.("input[type=text], textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.preventDefault();
    if (!event.repeat) panic("key");
    return;
  }
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.repeat) event.preventDefault(); // a button that has the focus fires once
  const act = {
    " ": () => (event.shiftKey ? ask("Back", { list: chosen }) : go("key")),
    Backspace: () => ask("Back", { list: chosen }),
    "[": () => ask("Pause"),
    "]": () => ask("Resume"),
    ArrowDown: () => ask("StandbyMove", { list: chosen, by: 1 }),
    ArrowUp: () => ask("StandbyMove", { list: chosen, by: -1 }),
  }[event.key];
  if (!act || (event.target.matches?.("input[type=range]") && event.key !== " ")) return;
  event.preventDefault();
  if (!event.repeat || event.key.startsWith("Arrow")) act();
});
// A button that has the focus is clicked when the space bar comes up; the bar has done its work by then.
document.addEventListener("keyup", (event) => event.key === " " && !typing(event) && event.preventDefault());

// --- The page ---------------------------------------------------------------------------------------------------------------

function brighten(value) {
  document.documentElement.style.setProperty("--bright", `${value}%`);
  $("brightness").value = value;
  localStorage.setItem("brightness", value);
}
$("brightness").addEventListener("input", (event) => brighten(event.target.value));
$("language").addEventListener("click", () => {
  otherLanguage();
  drawWords();
});
$("devices").addEventListener("toggle", () => view && drawHealth(view, !link.good));
$("health").addEventListener("click", (event) => {
  event.preventDefault();
  $("devices").open = !$("devices").open;
  $("devices").scrollIntoView({ block: "nearest" });
});
brighten(localStorage.getItem("brightness") ?? 100);
drawWords();
navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {}));
