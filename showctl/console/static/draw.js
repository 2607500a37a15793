// Draws the desk from what the show said. Only what has changed is touched; nothing here asks for anything.

import { longTime, time, words } from "/static/words.js";

const $ = (id) => document.getElementById(id);
const COLORS = {
  red: "#c9574c", amber: "#c99a45", orange: "#cc7b3a", yellow: "#c9bb52", green: "#63a06f", cyan: "#5aa7a7",
  blue: "#5b82c4", purple: "#8d6cc0", magenta: "#b45f9b", pink: "#c0788d", white: "#c9c4bb", grey: "#77726a", gray: "#77726a",
};
const SHAPES = { running: "▬", waiting: "┄", paused: "‖", post_wait: "▬", standby: "▶" };

export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function bar() {
  return make("span", "track", make("i"));
}

function fill(track, part) {
  track.firstChild.style.transform = `scaleX(${part})`;
}

// Whether there is something left to count down to.
function counts(run) {
  return run.remaining !== null && run.state !== "post_wait";
}

function part(run) {
  return run.duration ? Math.min(run.elapsed / run.duration, 1) : run.duration === 0 ? 1 : 0;
}

// --- The list -----------------------------------------------------------------------------------------------------------

let rows = new Map();
let drawnStandby;

export function drawCues(list, cues) {
  drawnStandby = undefined;
  rows = new Map();
  const all = cues.map((cue) => {
    const how = cue.next ? words().how(cue.next) : cue.wait ? words().wait(time(cue.wait)) : "";
    const row = make("li", "cue", make("span", "shape"), make("span", "number count", cue.label), make("span", "name", cue.name));
    row.append(make("span", "how", how), bar());
    row.dataset.cue = cue.label;
    row.dataset.how = how;
    row.title = cue.notes;
    if (COLORS[cue.color]) row.style.setProperty("--edge", COLORS[cue.color]);
    rows.set(cue.label, row);
    return row;
  });
  $("cues").replaceChildren(...all);
  drawList(list);
}

export function drawList(list) {
  const runs = new Map(list.running.map((run) => [run.cue, run]));
  for (const [label, row] of rows) {
    const run = runs.get(label);
    const standby = label === list.standby;
    const state = run ? run.state : standby ? "standby" : "";
    let className = "cue";
    if (standby) className += " standby";
    if (label === list.last) className += " last";
    if (run) className += state === "paused" ? " runs held" : state === "waiting" ? " runs waits" : " runs";
    if (row.className !== className) {
      row.className = className;
      row.toggleAttribute("aria-current", standby);
    }
    text(row.children[0], standby ? SHAPES.standby : (SHAPES[state] ?? ""));
    if (run) {
      text(row.children[3], counts(run) ? `−${time(run.remaining)}` : words().states[state]);
      fill(row.children[4], part(run));
    } else if (row.children[3].textContent !== row.dataset.how) {
      text(row.children[3], row.dataset.how);
      fill(row.children[4], 0);
    }
  }
  if (list.standby !== drawnStandby) {
    drawnStandby = list.standby;
    show(rows.get(list.standby) ?? rows.get(list.last));
  }
}

// A trouble, or a panic, takes room from the list. What stands by stays in view, if it was.
let room = 0;
new ResizeObserver(() => {
  const row = rows.get(drawnStandby);
  const box = $("cues");
  const top = row ? row.offsetTop - box.offsetTop - box.scrollTop : -1;
  if (top >= 0 && top < room) show(row);
  room = box.clientHeight;
}).observe($("cues"));

// Brings a row to the upper third within 120 ms.
function show(row) {
  if (!row) return;
  const box = $("cues");
  const target = Math.max(0, row.offsetTop - box.offsetTop - box.clientHeight * 0.36);
  const start = box.scrollTop;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || Math.abs(target - start) > 4 * box.clientHeight;
  if (still) {
    box.scrollTop = target;
    return;
  }
  const began = performance.now();
  const move = (now) => {
    const done = Math.min((now - began) / 120, 1);
    box.scrollTop = start + (target - start) * done * (2 - done);
    if (done < 1) requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
}

// --- What runs ------------------------------------------------------------------------------------------------------------

const drawnRuns = new Map();

export function drawRunning(view) {
  const wanted = view.lists.flatMap((list) => list.running.map((run) => ({ ...run, list: list.name })));
  const box = $("running");
  for (const [number, row] of drawnRuns) {
    if (!wanted.some((run) => run.run === number)) {
      row.remove();
      drawnRuns.delete(number);
    }
  }
  for (const run of wanted) {
    let row = drawnRuns.get(run.run);
    if (!row) {
      row = make("li", "", make("span", "who count"), make("span", "name"), make("span", "state"), make("span", "left count"), bar());
      drawnRuns.set(run.run, row);
      box.append(row);
    }
    row.className = `${run.state}${run.parent ? " child" : ""}`;
    text(row.children[0], `${run.parent ? "└ " : ""}${run.list} ${run.cue}`);
    text(row.children[1], run.name);
    const shape = SHAPES[run.state] ?? "";
    text(row.children[2], `${shape} ${words().states[run.state] ?? run.state} ${counts(run) ? time(run.elapsed) : ""}`);
    text(row.children[3], counts(run) ? `−${time(run.remaining)}` : time(run.elapsed));
    fill(row.children[4], part(run));
  }
  let none = box.querySelector(".none");
  if (!wanted.length && !none) box.append((none = make("li", "none")));
  if (wanted.length) none?.remove();
  else text(none, words().noneRuns);
  text($("running-count"), wanted.length > 1 ? String(wanted.length) : "");
}

// --- What GO will do ----------------------------------------------------------------------------------------------------

export function drawNext(list, cues) {
  const cue = cues.find((item) => item.label === list.standby);
  text($("next-number"), cue ? cue.label : "");
  text($("next-name"), cue ? cue.name : words().nothing);
  text($("next-notes"), cue ? cue.notes : words().atEnd);
  const how = cue ? [cue.wait ? words().wait(time(cue.wait)) : "", cue.next ? words().then(words().how(cue.next)) : words().toGo] : [];
  text($("next-how"), how.filter(Boolean).join(" · "));
  const coming = byItself(list, cues);
  text($("next-first"), coming && coming !== cue ? words().first(`${coming.label} ${coming.name}`) : "");
  const window = list.go_window;
  $("go").style.setProperty("--window", window.seconds ? String(window.remaining / window.seconds) : "0");
  $("go").classList.toggle("empty", !cue);
  text($("go-list"), words().list(list.label || list.name));
}

// The cue that will come without GO, where the list says so: the one after what started last, while that still has to hand on.
function byItself(list, cues) {
  const at = cues.findIndex((cue) => cue.label === list.last);
  const waits = at >= 0 && list.running.some((run) => run.cue === list.last && run.state !== "paused");
  return waits && cues[at].next && !cues[at].next.startsWith("branch") ? cues[at + 1] : undefined;
}

// --- Whether anything is wrong ----------------------------------------------------------------------------------------------

export function drawHealth(view, lost) {
  const found = troubles(view);
  const worst = found.some((item) => item.bad) ? "bad" : found.length ? "late" : "";
  $("health").className = `health ${lost ? "late" : worst}`;
  text($("health"), lost ? `┄ ${words().lostLink}` : found.length ? `! ${words().ill(found.length)}` : `● ${words().well}`);
  const box = $("troubles");
  while (box.children.length > found.length) box.lastChild.remove();
  found.forEach((item, n) => {
    const row = box.children[n] ?? box.appendChild(make("li"));
    row.className = item.bad ? "" : "late";
    text(row, `${item.bad ? "!" : "┄"} ${item.words}`);
  });
  drawTags(view);
  drawDevices(view.devices);
}

// What people have put on the show by hand: locks and overdue lights first, and no more lines than a glance takes.
const MOST_TAGS = 4;
function drawTags(view) {
  const today = (view.wall ?? "").slice(0, 10);
  const tags = view.tags ?? {};
  const lines = [];
  for (const item of tags.maintenance ?? []) lines.push({ late: true, words: words().maintenance(item) });
  for (const item of tags.out_of_service ?? []) {
    const late = Boolean(item.until) && item.until < today;
    lines.push({ late, words: words().outOfService(item) + (late ? words().overdue : "") });
  }
  for (const item of tags.checking ?? []) lines.push({ late: false, words: words().checking(item) });
  for (const item of tags.parked ?? []) lines.push({ late: false, words: words().parked(item) });
  lines.sort((a, b) => b.late - a.late);
  const more = lines.length - MOST_TAGS;
  const shown = more > 0 ? [...lines.slice(0, MOST_TAGS), { late: false, words: words().moreTags(more) }] : lines;
  const box = $("tags");
  while (box.children.length > shown.length) box.lastChild.remove();
  shown.forEach((item, n) => {
    const row = box.children[n] ?? box.appendChild(make("li"));
    row.className = item.late ? "late" : "";
    text(row, `${item.late ? "┄" : "·"} ${item.words}`);
  });
}

function troubles(view) {
  const found = [];
  for (const device of view.devices) {
    if (device.health === "ok" || device.health === "unknown") continue;
    const name = device.label || device.name;
    const why = device.why.startsWith(name) ? device.why : `${name}: ${device.why || words().health[device.health]}`;
    const age = device.age === null ? null : Math.round(device.age);
    const silent = device.age === null || device.age > 2 ? ` ${words().silent(age)}` : "";
    found.push({ bad: device.health === "lost", words: why.replace(/\.?$/, ".") + silent });
  }
  if (view.wire.connected === false) found.push({ bad: true, words: words().noLight(view.wire.why) });
  else if (missedLately(view)) found.push({ bad: false, words: words().missed(view.wire.missed) });
  if (view.journal?.trouble) found.push({ bad: true, words: words().unrecorded(view.journal.trouble) });
  else if (view.journal?.late) found.push({ bad: false, words: words().late });
  return found.sort((a, b) => b.bad - a.bad);
}

// A missed frame is worth a line for a minute; the count stays in the status.
let missed = { count: 0, at: -Infinity };
function missedLately(view) {
  if (view.wire.missed > missed.count) missed = { count: view.wire.missed, at: view.now };
  return view.wire.missed > 0 && view.now - missed.at < 60;
}

function drawDevices(devices) {
  const heard = devices.filter((device) => !device.silent); // what has no voice (an sACN node) says neither
  const well = heard.filter((device) => device.health === "ok").length;
  text($("devices-word"), `${words().devices}  ${well} / ${heard.length}`);
  if (!$("devices").open) return;
  const box = $("device-list");
  while (box.children.length > devices.length) box.lastChild.remove();
  const worst = ["lost", "degraded", "unknown", "ok"];
  const sorted = [...devices].sort((a, b) => worst.indexOf(a.health) - worst.indexOf(b.health));
  sorted.forEach((device, n) => {
    const row =
      box.children[n] ??
      box.appendChild(make("li", "", make("span"), make("span"), make("span"), make("span", "quiet count"), make("span", "what")));
    const shape = { ok: "●", degraded: "┄", lost: "!", unknown: "○" }[device.health];
    for (const n of [0, 2]) row.children[n].className = device.health;
    text(row.children[0], shape);
    text(row.children[1], device.label || device.name);
    text(row.children[2], words().health[device.health]);
    text(row.children[3], words().heard(device.age === null ? null : device.age < 10 ? device.age.toFixed(1) : Math.round(device.age)));
    text(row.children[4], [device.why, ...compared(device)].filter(Boolean).join("   "));
  });
}

function compared(device) {
  const names = [...new Set([...Object.keys(device.desired), ...Object.keys(device.reported)])].sort();
  const say = (value) => (typeof value === "number" ? Math.round(value * 100) / 100 : String(value));
  return names.map((name) => {
    const [wanted, said] = [device.desired[name], device.reported[name]];
    if (wanted === undefined) return `${name} ${say(said)}`;
    if (said === undefined) return `${name}: ${words().wanted} ${say(wanted)}`;
    if (wanted === said || (typeof wanted === "number" && Math.abs(wanted - said) < 0.5)) return `${name} ${say(said)}`;
    return `${name}: ${words().wanted} ${say(wanted)}, ${words().said} ${say(said)}`;
  });
}

// --- The bar and the notes ------------------------------------------------------------------------------------------------

export function drawBar(view) {
  text($("show"), view.show);
  text($("clock"), longTime(view.now));
  const codes = Object.entries(view.timecode).map(([name, state]) => words().timecode(name, state));
  $("timecode").hidden = !codes.length;
  text($("timecode"), codes.join("  "));
  const masters = [];
  if (view.masters.blackout > 0) masters.push(words().blackout);
  if (view.masters.grand < 1) masters.push(words().grand(Math.round(view.masters.grand * 100)));
  $("masters").hidden = !masters.length;
  text($("masters"), masters.join("  "));
}

export function drawTabs(view, chosen, choose) {
  const box = $("lists");
  while (box.children.length > view.lists.length) box.lastChild.remove();
  view.lists.forEach((list, n) => {
    let tab = box.children[n];
    if (!tab) {
      tab = make("button", "", make("span"), make("span", "mark"));
      tab.type = "button";
      tab.setAttribute("role", "tab");
      tab.addEventListener("click", () => choose(tab.dataset.list));
      box.append(tab);
    }
    tab.dataset.list = list.name;
    tab.setAttribute("aria-selected", String(list.name === chosen));
    text(tab.children[0], list.label || list.name);
    tab.children[1].className = list.paused ? "mark held" : "mark";
    text(tab.children[1], list.paused ? "‖" : list.running.length ? `▬ ${list.running.length}` : "");
  });
}

export function drawNotes(notes) {
  const latest = notes.slice(-4).reverse();
  $("notes").replaceChildren(
    ...latest.map((note) => make("li", "", make("time", "count", longTime(note.instant)), note.words)),
  );
}
