"use strict";
// The page of a rehearsal's verdicts: what it shows is in the JSON above, and it asks nobody for anything more.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const el = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};
const clock = (seconds) => {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600), hours = Math.floor(minutes / 60);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
};
// [since, health, why]. Unknown is no trouble: some devices never say a word.
const isIll = ([, health]) => health === "degraded" || health === "lost";
const percent = (seconds) => `${Math.min(Math.max(seconds / shown.length, 0), 1) * 100}%`;
let shown = null, now = 0, moving = false;

// --- the list of rehearsals: those that failed first --------------------------------------------------------------------
function list() {
  const rows = data.rehearsals.map((item, index) => ({ item, index }));
  rows.sort((a, b) => a.item.passed - b.item.passed || a.index - b.index);
  $("list").replaceChildren(...rows.map(({ item, index }) =>
    el("button", { type: "button", "data-stem": item.stem, onclick: () => choose(index, true) },
      el("span", { class: `sign ${item.passed ? "ok" : "bad"}` }, item.passed ? "✓" : "✗"),
      el("span", { class: "name" }, item.name),
      el("span", { class: "long" }, clock(item.show_seconds)))));
  return rows.length ? rows[0].index : -1;
}

function choose(index, byHand) {
  const item = data.rehearsals[index];
  const line = item.timeline;
  shown = { item, line, length: Math.max(line ? line.length : item.show_seconds, 0.001), starts: [] };
  for (const button of $("list").children) button.setAttribute("aria-current", button.dataset.stem === item.stem);
  $("main").replaceChildren(
    el("h2", {}, item.name),
    el("p", { class: "quiet" }, `${item.stem}.yaml, ${clock(item.show_seconds)} of show, ${item.checked} lines judged, digest ${item.digest.slice(0, 16)}`),
    failures(item), line ? scrubber() : null, line ? tracks(line) : null,
    line ? el("div", { id: "now", "aria-live": "off" }) : null, ...transcript(item));
  if (line) drawStrips(line);
  move(item.failures.length ? item.failures[0].moment : 0, false);
  if (byHand) { $("main").focus({ preventScroll: true }); if (innerWidth < 760) $("main").scrollIntoView(); history.replaceState(null, "", `#${item.stem}`); }
}

function failures(item) {
  if (!item.failures.length) return el("p", { class: "ok" }, "Every line held.");
  return el("ul", { class: "failures" }, ...item.failures.map((failure, n) => el("li", {},
    el("button", { type: "button", "data-failure": n, onclick: () => { move(failure.moment, true); markFailure(n); } },
      el("span", { class: "where" }, `${failure.file}:${failure.line} at ${clock(failure.moment)}`),
      el("span", { class: "what" }, failure.message)))));
}

function markFailure(n) {
  for (const button of document.querySelectorAll("[data-failure]")) button.setAttribute("aria-current", button.dataset.failure === String(n));
}

// --- the timeline -----------------------------------------------------------------------------------------------------------
function scrubber() {
  return el("div", { id: "scrub" },
    el("input", { id: "at", type: "range", min: 0, max: shown.length, step: Math.min(0.1, shown.length / 1000), value: 0,
      "aria-label": "Moment of the rehearsal", oninput: (event) => move(Number(event.target.value), true) }),
    el("span", { id: "clock" }, "0:00.0"));
}

function track(label, ...lane) {
  return el("div", { class: "track" }, el("div", { class: "label", title: label }, label), el("div", { class: "lane" }, ...lane));
}

function heading(words) {
  const made = el("div", { class: "track head" }, el("div", { class: "label" }, words));
  made.style.gridTemplateColumns = "1fr";
  return made;
}

function tracks(line) {
  const box = el("div", { id: "tracks" });
  const head = track("");
  head.classList.add("head");
  const step = [5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200].find((n) => shown.length / n <= 9) || 14400;
  for (let at = step; at < shown.length * 0.97; at += step) head.lastChild.append(el("span", { class: "hour", style: `left:${percent(at)}` }, clock(at).replace(/\.0$/, "")));
  box.append(head);
  const lists = [...new Set(line.cues.map((cue) => cue[0]))];
  for (const name of lists) {
    const mine = line.cues.filter((cue) => cue[0] === name);
    box.append(track(name, ...mine.map((cue, n) => {
      const end = Math.min(cue[4] === null ? shown.length : cue[4], n + 1 < mine.length ? mine[n + 1][3] : shown.length);
      return el("div", { class: "cue", style: `left:${percent(cue[3])};width:calc(${percent(Math.max(end - cue[3], 0))} - 1px)`,
        title: `${cue[0]}/${cue[1]} ${cue[2]} at ${clock(cue[3])}` }, cue[1]);
    })));
  }
  const acts = line.acts.filter((act) => !["guests", "press"].includes(act[1]));
  const marks = line.acts.map((act) => el("div", { class: `tick ${["fault", "panic", "evacuate"].includes(act[1]) ? "" : "quiet"}`,
    style: `left:${percent(act[0])}`, title: `${act[1]} ${act[2]} at ${clock(act[0])}` }));
  const broken = shown.item.failures.map((failure) => el("div", { class: "tick bad", style: `left:${percent(failure.moment)}`, title: failure.message }));
  box.append(track("script, faults", ...marks, ...broken));
  shown.acts = acts;
  const zones = Object.entries(line.zones);
  const strips = (of, title, shows) => {
    const some = zones.filter(([, rows]) => shows(rows));
    if (some.length) box.append(heading(title), ...some.map(([zone]) => track(zone, el("canvas", { "data-zone": zone, "data-of": of }))));
  };
  strips("light", "Light", (rows) => Math.max(...rows.light) > 0);
  strips("sound", "Sound", (rows) => Math.max(...rows.sound) - Math.min(...rows.sound) > 1);
  const devices = Object.entries(line.devices);
  const ill = devices.filter(([, told]) => told.some(isIll));
  if (devices.length) box.append(heading(ill.length === devices.length ? "Devices" : ill.length ? `Devices (${devices.length - ill.length} more were well throughout)` : `Devices: all ${devices.length} were well throughout`));
  for (const [device, told] of ill) {
    box.append(track(device, ...told.map((entry, n) => {
      const end = n + 1 < told.length ? told[n + 1][0] : shown.length;
      return el("div", { class: `health ${entry[1]}`, style: `left:${percent(entry[0])};width:${percent(end - entry[0])}`, title: `${entry[1]} at ${clock(entry[0])}: ${entry[2]}` });
    })));
  }
  box.append(el("div", { id: "cursor" }));
  const drag = (event) => {
    const lane = box.querySelector(".track:not(.head) .lane").getBoundingClientRect();
    move(((event.clientX - lane.left) / lane.width) * shown.length, true);
  };
  box.addEventListener("pointerdown", (event) => { moving = true; box.setPointerCapture(event.pointerId); drag(event); });
  box.addEventListener("pointermove", (event) => { if (moving) drag(event); });
  box.addEventListener("pointerup", () => { moving = false; });
  return box;
}

function drawStrips(line) {
  for (const cue of document.querySelectorAll(".cue")) cue.classList.toggle("narrow", cue.clientWidth < 8 + 7 * cue.textContent.length);
  const style = getComputedStyle(document.documentElement);
  for (const canvas of document.querySelectorAll("canvas[data-zone]")) {
    const rows = line.zones[canvas.dataset.zone], of = canvas.dataset.of;
    const wide = Math.max(canvas.clientWidth, 10), scale = devicePixelRatio || 1;
    canvas.width = wide * scale; canvas.height = 24 * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const most = of === "light" ? Math.max(...Object.values(line.zones).flatMap((zone) => zone.light), 1) : Math.max(...rows.sound), least = of === "light" ? 0 : Math.min(...rows.sound);
    for (let n = 0; n < rows.t.length; n++) {
      const left = Math.floor((rows.t[n] / shown.length) * wide);
      const right = Math.floor(((n + 1 < rows.t.length ? rows.t[n + 1] : shown.length) / shown.length) * wide);
      // Eyes see the square root of light, or less: a tenth of the most is still plainly there.
      const high = of === "light" ? Math.sqrt(rows.light[n] / most) * 24 : ((rows.sound[n] - least) / Math.max(most - least, 1)) * 24;
      pen.fillStyle = of === "light" ? rows.color[n] : style.getPropertyValue("--mark");
      if (of === "light" && rows.light[n] > 0) { pen.fillRect(left, 24 - high, Math.max(right - left, 1), high); pen.fillStyle = style.getPropertyValue("--ink"); pen.fillRect(left, 24 - high, Math.max(right - left, 1), 1); }
      if (of === "sound") { pen.globalAlpha = 0.7; pen.fillRect(left, 24 - high, Math.max(right - left, 1), high); pen.globalAlpha = 1; }
    }
  }
}

// --- a moment ---------------------------------------------------------------------------------------------------------------
const last = (told, at) => { let found = null; for (const entry of told) { if (entry[0] > at) break; found = entry; } return found; };

function move(at, byHand) {
  now = Math.min(Math.max(at, 0), shown.length);
  const line = shown.line;
  if (line) {
    $("at").value = now;
    $("clock").textContent = clock(now);
    const box = $("tracks").getBoundingClientRect(), lane = $("tracks").querySelector(".lane").getBoundingClientRect();
    $("cursor").style.left = `${lane.left - box.left + (now / shown.length) * lane.width}px`;
    $("now").replaceChildren(...moment(line));
  }
  follow(byHand);
}

function moment(line) {
  const cues = line.cues.filter((cue) => cue[3] <= now && (cue[4] === null || cue[4] > now));
  const latest = [...new Set(line.cues.map((cue) => cue[0]))].map((name) => line.cues.filter((cue) => cue[0] === name && cue[3] <= now).pop()).filter(Boolean);
  const zones = Object.entries(line.zones).map(([name, rows]) => {
    let n = 0;
    while (n + 1 < rows.t.length && rows.t[n + 1] <= now) n++;
    return el("dd", {}, el("span", { class: "swatch", style: `background:${rows.color[n]}` }), `${name}: ${rows.light[n]} lx, ${rows.sound[n]} dB(A)` + (rows.guests[n] ? `, ${rows.guests[n]} guests` : ""));
  });
  const playing = Object.entries(line.playing).map(([name, told]) => [name, last(told, now)]).filter(([, entry]) => entry && entry[1]);
  const troubles = Object.entries(line.devices).map(([name, told]) => [name, last(told, now)]).filter(([, entry]) => entry && isIll(entry));
  const done = shown.acts.filter((act) => act[0] <= now).slice(-3);
  const part = (title, rows, none) => el("dl", {}, el("dt", {}, title), ...(rows.length ? rows : [el("dd", { class: "quiet" }, none)]));
  return [
    part("Each list stands at", latest.map((cue) => el("dd", {}, `${cue[0]}/${cue[1]} ${cue[2]}` + (cues.includes(cue) ? "" : " (complete)"))), "nothing has started"),
    part("In the room", zones, "this venue has no zones"),
    part("Playing", playing.map(([name, entry]) => el("dd", {}, `${name}: ${entry[1]}`)), "silence, and no picture"),
    part("Troubles", troubles.map(([name, entry]) => el("dd", { class: entry[1] === "lost" ? "bad" : "warn" }, `${name} is ${entry[1]}: ${entry[2]}`)), "every device is well"),
    part("The script did last", done.map((act) => el("dd", {}, `${clock(act[0])} ${act[1]} ${act[2]}`)), "nothing yet"),
  ];
}

// --- the transcript -----------------------------------------------------------------------------------------------------------
function transcript(item) {
  const box = el("div", { id: "transcript", tabindex: 0, "aria-label": "What happened" });
  let at = 0;
  for (const text of item.transcript.split("\n")) {
    if (!text) continue;
    const found = /^\s*(\d+):(\d\d\.\d+)/.exec(text);
    if (found) at = Number(found[1]) * 60 + Number(found[2]);
    const when = at;
    shown.starts.push(when);
    box.append(el("div", { class: (text.includes("  > ") ? "script" : "") + (/ (is lost|refused|lost:)/.test(text) ? " said-bad" : ""), onclick: () => move(when, false) }, text));
  }
  const find = el("input", { type: "search", placeholder: "Find in what happened", "aria-label": "Find in what happened", oninput: (event) => {
    const word = event.target.value.toLowerCase();
    for (const line of box.children) line.hidden = Boolean(word) && !line.textContent.toLowerCase().includes(word);
  } });
  return [el("h3", {}, "What happened"), el("div", { class: "find" }, find), box];
}

function follow(scroll) {
  const box = $("transcript");
  if (!box) return;
  let n = -1;
  while (n + 1 < shown.starts.length && shown.starts[n + 1] <= now + 0.0005) n++;
  const before = box.querySelector(".here");
  if (before) before.classList.remove("here");
  const here = box.children[Math.max(n, 0)];
  if (!here) return;
  here.classList.add("here");
  if (scroll || shown.item.failures.length) box.scrollTop = here.offsetTop - box.offsetTop - box.clientHeight / 2;
}

// --- coverage -----------------------------------------------------------------------------------------------------------------
function coverage() {
  if (!data.coverage) return;
  const kinds = Object.entries(data.coverage).filter(([, found]) => found && typeof found === "object" && found.of);
  $("coverage").append(el("h3", {}, "What the rehearsals reached"),
    el("table", {}, el("tr", {}, ...["", "reached", "of", ""].map((word) => el("th", {}, word))), ...kinds.map(([kind, found]) =>
      el("tr", {}, el("td", {}, kind), el("td", {}, String(found.reached)), el("td", {}, String(found.of)),
        el("td", { class: found.missed.length ? "warn" : "ok" }, found.missed.length ? `${found.missed.length} missed` : "all")))),
    ...kinds.filter(([, found]) => found.missed.length).map(([kind, found]) => el("details", {}, el("summary", {}, `${kind} that no rehearsal reached`),
      el("ul", {}, ...found.missed.map((goal) => el("li", {}, goal.file ? `${goal.file}:${goal.line}: ${goal.what}` : goal.what))))));
  const broken = data.coverage.broken;
  if (!broken || !broken.machines) return;
  const faults = Object.entries(broken.faults);
  $("coverage").append(el("h3", {}, "What was broken, and felt"),
    faults.length ? el("table", {}, ...faults.map(([fault, machines]) => el("tr", {}, el("td", {}, fault),
      el("td", {}, `${machines.length} of ${broken.machines}`), el("td", {}, machines.join(", "))))) : el("p", {}, "Nothing."));
  if (broken.not_met.length) $("coverage").append(el("p", { class: "warn" }, `Said, and nobody met it: ${broken.not_met.join(", ")}`));
}

$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  if (shown && shown.line) drawStrips(shown.line);
});
addEventListener("resize", () => { if (shown && shown.line) { drawStrips(shown.line); move(now, false); } });
const first = list();
const named = data.rehearsals.findIndex((item) => `#${item.stem}` === decodeURIComponent(location.hash));
coverage();
if (first >= 0) choose(named >= 0 ? named : first, false);
