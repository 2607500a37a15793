// Every word on the page, in English: sentence case, the booth's vocabulary. `zh.ts` has the same, by meaning.

import type { Checking, Muted, OutOfService, Parked, Tag } from "../types";

/** An age with its unit: minutes say themselves. */
const secs = (age: string): string => (age.includes(":") ? age : `${age} s`);

export const en = {
  language: "中文",
  brightness: "brightness",
  pages: { show: "Show", room: "Room", light: "Light", ladder: "Ladder", log: "Log", edit: "Edit", rehearse: "Rehearse", desk: "Desk" },
  wall: "time",
  views: "Views",

  // the desk
  cues: "cues",
  running: "RUNNING",
  next: "NEXT",
  devices: "Devices",
  nothing: "Nothing stands by",
  atEnd: "the list is at its end",
  noneRuns: "nothing runs",
  list: (name: string) => `list: ${name}`,
  back: "back",
  pause: "pause",
  resume: "resume",
  stop: "hold to stop",
  evacuate: "hold to evacuate",
  panic: "PANIC  (Esc)",
  panicAgain: "again: cut",
  rearm: "re-arm",
  rearmName: "who has looked",
  latched: { panic: "Panic is in force.", evacuate: "Evacuated. A person re-arms, by name." } as Record<string, string>,
  connecting: "Not connected yet",
  lost: (age: string) => `Not connected, last seen ${secs(age)} ago`,
  lostMore: "GO is off until the show is heard again. Panic and evacuate try every way.",
  partFailed: (part: string) => `This part of the page has failed: ${part}. The rest goes on.`,
  notSent: (what: string) => `${what} was not sent: there is no connection`,
  started: (cue: string) => `started ${cue}`,
  states: { running: "running", waiting: "wait", paused: "paused", post_wait: "then next", done: "done" } as Record<string, string>,
  toGo: "waits for GO",
  byItself: (cue: string, left: string) => `by itself${left ? ` in ${left}` : ""}: ${cue}`,
  wait: (time: string) => `wait ${time}`,
  how: (how: string) => how,
  then: (what: string, how: string) => ["then", [what, how].filter(Boolean).join(" · ")].join(" "),
  length: "length",
  standingBy: "stands by",
  disarmed: "disarmed",
  typed: (digits: string) => `stand by ${digits} · Enter`,
  noCue: (label: string) => `there is no cue ${label} in this list`,
  top: "to the top",
  goHeld: "paused: what GO starts stands still until resume",
  inForce: { panic: "PANIC", evacuate: "EVACUATED" } as Record<string, string>,
  allPaused: "all paused",
  pausedList: (names: string) => `paused: ${names}`,
  comma: ", ",
  fullStop: ". ",
  lists: "lists",
  goOwned: (person: string) => `GO belongs to ${person}`,
  trouble: "trouble",
  does: {
    light: (n: number) => `light ${n}`, effect: (n: number) => (n > 1 ? `${n} effects` : "effect"), sound: "sound", film: "film", group: "group",
    set: "sets values", other: "cues",
    takes: (n: number) => (n === 1 ? "takes one thing over from another cue" : `takes ${n} things over from other cues`),
  },
  ready: (device: string) => `${device} ready`,
  notReady: (device: string, health: string) => `${device} ${health}`,

  // one row of the list
  row: {
    title: (cue: string) => `Cue ${cue}`, standby: "stand by", start: "start now", preview: "preview", locate: "hold: locate", arm: "arm", disarm: "disarm",
    why: "why not yet?", pin: "hot cue", unpin: "no hot cue", close: "close", edit: "edit", stop: "stop", pause: "pause", resume: "resume",
    members: (n: number, mode: string) => `${n} in it, ${mode}`,
  },
  modes: {
    all: "all at once", sequence: "one after the other", timeline: "on a timeline", random: "one each time", first_enters: "entered by GO",
  } as Record<string, string>,

  // what is to come
  forecast: "what happens next",
  forecastMore: (n: number) => `and ${n} more`,
  forecastNow: "now",
  forecastNothing: "nothing happens by itself",
  afterGo: "after GO",
  ends: (cue: string) => `${cue} ends`,
  untilInput: "then a person decides",

  // health
  well: "all well",
  ill: (count: number) => (count === 1 ? "1 trouble" : `${count} troubles`),
  lostLink: "not connected",
  health: { ok: "well", degraded: "not ready", lost: "lost", unknown: "not heard yet" } as Record<string, string>,
  heard: (age: string) => (age === "" ? "never heard" : `${secs(age)} ago`),
  silent: (age: string) => (age === "" ? "Never heard." : `Last heard ${secs(age)} ago.`),
  noVoice: "says nothing",
  wanted: "wanted",
  said: "says",
  needs: "The next cue needs it.",
  needsIn: (cue: string, time: string, afterGo: boolean) => `${cue} needs it ${afterGo ? `${time} after GO` : `in ${time}`}.`,
  moreIll: (count: number) => `${count} more:`,
  muted: (item: Muted) => `Muted: ${item.what} (${[item.person, item.reason].filter(Boolean).join(": ")})`,
  fact: (name: string) => name.replaceAll("_", " "),
  act: (verb: string) => verb.replace(/^\w+/, (word) => word.replaceAll("_", " ")),
  master: (name: string) => name,
  span: secs,
  noLight: (why: string) => `Light is not being sent${why ? `: ${why}` : "."}`,
  missed: (count: number) => (count === 1 ? "A frame of light was missed." : `${count} frames of light were missed.`),
  late: "The record of the show is behind; the show goes on.",
  straight: "The show does not answer; the light goes to the safe look by itself.",
  unrecorded: (why: string) => `${why.charAt(0).toUpperCase()}${why.slice(1)}. The show goes on.`,
  maintenance: (item: Tag) => `Maintenance: ${item.person}${item.reason ? `, ${item.reason}` : ""}. Nothing starts by itself.`,
  outOfService: (item: OutOfService) => item.words,
  checking: (item: Checking) => item.words,
  parked: (item: Parked) => item.words,
  saved: "The show's files were saved since: look at what would change.",
  overdue: ", overdue",
  moreTags: (count: number) => `and ${count} more by hand`,
  words: (said: string) => said,
  lines: (said: string) => said,
  finding: (said: string) => said,
  grand: (level: string) => `grand ${level} %`,
  blackout: "blackout",
  people: (count: number) => (count === 1 ? "1 here" : `${count} here`),

  // room
  room: {
    plan: "Plan", noPlan: "This show draws no zones.", people: (n: number) => `${n} tracked`, universes: "Light on the wire",
    wire: { frames: "frames", packets: "packets", dropped: "dropped", skew_us: "skew us", refused_changes: "refused changes" } as Record<string, string>,
    frames: (late: string, missed: number) => `frames late ${late} ms (99 %), ${missed} missed`, triggers: "Triggers", armed: "armed", holds: "holds now",
    mute: (what: string, n: number) => `mute ${what} (${n})`,
    sources: { mqtt: "buttons and sensors", osc: "OSC", zone_count: "zones", guests: "guest count", gesture: "gestures" } as Record<string, string>,
    off: "disarmed", arm: "arm", disarm: "disarm", disarmAll: "hold: disarm all", armAll: "arm all", hazards: "Hazards", permit: "needs",
    lacks: (what: string) => `not now: ${what}`,
    who: {
      interlocked: "a cue runs it while this holds; nobody arms it", attended: "a named person arms it here; somebody at another desk fires it within the minute",
    } as Record<string, string>,
    armHazard: "hold: arm", armedBy: (where: string, left: string) => `armed at ${where || "a desk"}${left ? `, ${left} s left` : ""}: fire it from another`,
    outputs: "Outputs", outputsSay: "What is muted is neither heard nor seen; the show runs on. Panic and evacuation are never muted.",
    classes: { sound: "sound", film: "film", fog: "fog", motion: "moving heads", headsets: "headsets" } as Record<string, string>,
    muteClass: (what: string) => `hold: mute ${what}`, mutedClass: (what: string) => `${what} is muted`, unmute: "un-mute", muteWhy: "why it is muted", muteOne: "one device",
    muteIt: "mute", legend: { light: "light", person: "person", target: "focus point" },
    budget: (left: string) => `${left} s left`, values: "Values", masters: "Masters", noTriggers: "This show has no triggers.", noHazards: "Nothing here can hurt.",
    filter: "find", hazardStates: { safe: "safe", enabled: "may run", armed: "armed", fire: "running" } as Record<string, string>,
    kinds: { interlocked: "interlocked", attended: "attended" } as Record<string, string>,
  },

  venue: {
    title: "Simulated venue", says: "This show runs on a simulated venue: break something, and see what the show does. Words as in a rehearsal.", what: "what happens",
    verbs: { fault: "fault", set: "set", press: "press", guests: "guests" } as Record<string, string>, device: "device", line: "in words", happen: "let it happen",
    done: (line: string) => `Happened: ${line}`,
  },

  // light
  light: {
    all: "all", groups: (n: number) => `${n} groups`, find: "find a light", none: "nothing chosen: press lights or a group", chosen: (n: number) => (n === 1 ? "1 light" : `${n} lights`),
    full: "full", half: "50", out: "out", home: "home", grab: "take over", release: "give back", releaseAll: "give all back", highlight: "blink 10 s", level: "level",
    check: "channel check", checkHere: "check these", next: "next", last: "last", off: "end check", owner: "who holds it", why: "why is it so?",
    record: "keep this look as", recordGo: "show what would be written", name: "name of a look", write: "write it", dropped: "not now",
    clear: "choose none", color: "colour", noLights: "This server does not tell of lights.", by: {
      cue: "cue", person: "by hand", safe: "safe state", parked: "parked", service: "out of service", default: "nobody",
    } as Record<string, string>,
  },

  // on the ladder
  ladder: {
    lock: "Maintenance lock", lockOn: "lock: I am at work", lockOff: "take my lock off", lockWhy: "where, and what for",
    lockSays: "Schedule and triggers start nothing, hazards are safe, heads stand still. GO still works.", name: "your name", needName: "say your name first",
    parks: "Parked", noParks: "Nothing is parked.", park: "park", unpark: "free", what: "light, or light.parameter at level", why: "why",
    out: "Out of service", noOut: "Every light is in service.", outOf: "out of service", back: "back in service", fixture: "light", until: "until (2026-12-24)",
    spare: "what stands in for it", remote: "Focus remote", lights: "lights: 1 thru 12 at 50, a name, a group", on: "light them", since: (age: string) => `for ${age}`,
    theirs: (person: string) => `take ${person}'s lock off`,
  },

  rdm: {
    title: "Lamps that answer (RDM)", search: "search", none: "Nobody has searched yet. It takes a minute, and is refused while a cue runs.", stranger: "not patched",
    found: (well: number, other: number) => `${well} as patched, ${other} otherwise.`, missing: (n: number) => `${n} patched and not found`, all: "show all", show: "show itself", off: "all be themselves",
  },

  // log
  log: {
    find: "find in the log", who: "who", everybody: "everybody", download: "download", from: (name: string) => `from ${name}`, none: "nothing yet", noneFits: "nothing of that kind", refresh: "look again",
    which: { cues: "cues and hands", hands: "hands", trouble: "trouble", all: "everything" },
    saved: "Only what this page has heard: this server keeps the whole log for the command line (showctl log).",
  },

  // editing
  edit: {
    locked: "Show mode: nothing can be edited.", mode: { show: "show mode", edit: "edit mode" }, toShow: "lock: show mode", toEdit: "hold: edit mode",
    which: "cue", fields: { name: "label", notes: "notes", wait: "pre-wait", time: "time", next: "then", light: "light" } as Record<string, string>, text: "as it is written",
    look: "show what would change", write: "write it", undo: "take the last edit back", seen: "What an audience would see change",
    same: "An audience would see no difference.", diff: "In the file", written: "Written. It runs after a reload.", moveUp: "earlier", moveDown: "later",
    insert: "new cue after this", remove: "hold: delete", number: "new number", renumber: "renumber", reading: "reading the show", first: "Choose a cue in the list, or here.",
    reload: "Reload", reloadLook: "what was saved since?", reloadNow: "run what was shown", reloadSays: "What runs now ends as it began.", reloaded: "This runs now.", reloadSame: "What runs is what is saved.", checked: "no problems",
    none: "This server does not edit shows: use showctl cue.", sheet: "print cue sheet",
  },

  sheet: { does: "does", says: (n: number, when: string) => `${n} cues, printed ${when}. ▶ is started by hand; the others follow by themselves.` },

  rehearse: {
    run: "run all", runOne: "run", running: (done: number, of: number) => `${done} of ${of} done`, passed: "passed", failed: "failed", never: "not run yet",
    seconds: (n: string) => `${n} of show`, none: "This show has no rehearsals.", report: "look through the report", download: "download it", role: "A programmer runs rehearsals: you look on.", unable: "Rehearsals run on the command line here: showctl rehearse.",
    says: "They run beside the show, in the simulated venue: nothing here moves.",
  },

  desk: {
    keys: "Keys", change: "press a key", reset: "keys as they were", hot: "Hot cues", noHot: "Choose a cue in the list and press “hot cue”.", remove: "remove",
    layout: "This device", textSize: "text", normal: "normal", large: "large", crew: "Crew view: showctl people link NAME makes a link that can only look; showctl people add gives a PIN.", people: "Who is here",
    login: "log in", logout: "log out", pin: "PIN", name: "name", role: { viewer: "viewer", operator: "operator", technician: "technician", programmer: "programmer" } as Record<string, string>,
    asWho: (person: string, role: string) => `${person || "nobody by name"}, ${role}`, local: "at the show's own machine", own: "GO is mine alone", share: "share GO",
    day: "The day", reset_day: "hold: as before the first show", daySays: "Lists go to the top, nothing runs, what guests and shows have set is forgotten.",
    yourName: "your name", actions: {
      go: "GO", back: "back", panic: "panic", pause: "pause", resume: "resume", stop: "stop the list", up: "standby up", down: "standby down", help: "keys",
      list: "next list",
    } as Record<string, string>, space: "Space", fixed: "Esc is always panic.",
  },
};

export type Words = typeof en;
