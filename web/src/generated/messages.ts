// Made by tools/make_messages.py from showctl/console/messages.py. Edit that, and run `make web`.

export const VERSION = 2;
export type Role = "viewer" | "operator" | "technician" | "programmer";
export const ROLES: readonly Role[] = ["viewer", "operator", "technician", "programmer"];

/** The lowest role that may send each message. */
export const MAY = {
  Go: "operator",
  Standby: "operator",
  StandbyMove: "operator",
  Start: "operator",
  Preview: "programmer",
  Load: "operator",
  Stop: "operator",
  Pause: "operator",
  Resume: "operator",
  Rate: "operator",
  Back: "operator",
  Locate: "operator",
  Panic: "operator",
  Evacuate: "operator",
  Rearm: "operator",
  Reset: "operator",
  Master: "operator",
  Grab: "technician",
  Ungrab: "technician",
  Ask: "technician",
  Arm: "operator",
  ChannelCheck: "technician",
  Identify: "technician",
  Park: "technician",
  Unpark: "technician",
  OutOfService: "technician",
  InService: "technician",
  Maintain: "technician",
  Mute: "operator",
  Watch: "viewer",
  Here: "viewer",
  Own: "operator",
  view: "viewer",
  status: "viewer",
  why: "viewer",
  explain: "viewer",
  lights: "viewer",
  room: "viewer",
  seen: "programmer",
  log: "viewer",
  cue: "viewer",
  rehearsals: "viewer",
  report: "viewer",
  me: "viewer",
  login: "viewer",
  logout: "viewer",
  rdm_table: "viewer",
  rdm: "technician",
  venue: "viewer",
  act: "technician",
  metrics: "viewer",
  openapi: "viewer",
  edit: "programmer",
  undo: "programmer",
  record: "programmer",
  mode: "programmer",
  reload: "programmer",
  rehearse: "programmer",
} as const satisfies Record<string, Role>;

export interface Requests {
  /** ws: GO on ``list`` ("" = the main list): fires the standing-by cue, or jumps to ``cue`` first. */
  Go: { list?: string; cue?: string | null; token?: string };
  /** ws: Puts ``cue`` of ``list`` in standby; None: nothing stands by. Starts nothing. */
  Standby: { list: string; cue: string | null };
  /** ws: Moves the standby by ``by`` cues (arrow keys). */
  StandbyMove: { list: string; by: number };
  /** ws: Starts ``cue`` without moving the standby. */
  Start: { list: string; cue: string };
  /** ws: Starts ``cue`` without its pre-wait, without moving the standby and without chaining. */
  Preview: { list: string; cue: string };
  /** ws: Prepares ``cue`` so that it begins ``at`` into itself, pre-wait counted; negative: so far before its end. */
  Load: { list: string; cue: string; at?: number };
  /** ws: Stops a list's running cues ("" = every list): their light falls back to what is underneath, over ``over``. */
  Stop: { list?: string; cue?: string | null; over?: number | null };
  /** ws: Stops the clock of ``list`` ("" = every list) or of one running ``cue``. */
  Pause: { list?: string; cue?: string | null };
  /** ws: Lets the clock of ``list`` ("" = every list) or of one paused ``cue`` run on. */
  Resume: { list?: string; cue?: string | null };
  /** ws: Lets ``list`` ("" = every list), or one running ``cue``, go at ``num`` / ``den`` of its speed: 0 to 2000 %. */
  Rate: { list?: string; cue?: string | null; num?: number; den?: number };
  /** ws: Restores the state the show had at the previous GO of ``list``; the cue undone stands by (R7). */
  Back: { list?: string };
  /** ws: Makes the room as if ``list`` had been played up to and including ``cue`` (R10, R14). */
  Locate: { list: string; cue: string };
  /** ws: Fades to each zone's safe state over the panic time; pressed again, cuts (R5). */
  Panic: {};
  /** ws: Safe states at once, latched, until a named person re-arms (R5). */
  Evacuate: {};
  /** ws: Ends panic or evacuation. ``origin.person`` must be named after an evacuation. */
  Rearm: {};
  /** ws: Everything as at the first show of the day: lists to the top, nothing running, party and show variables initial (R15). */
  Reset: {};
  /** ws: Takes a master (``grand``, ``blackout`` or a submaster) to ``level`` (0..65535) over ``over``. */
  Master: { name: string; level: number; over?: number };
  /** ws: A person takes parameters over (an override) until ``Ungrab``; ``park`` holds them after every master. */
  Grab: { parameters: number[]; levels: number[]; park?: boolean; reason?: string };
  /** ws: Gives grabbed or parked parameters back; empty: all of them. */
  Ungrab: { parameters?: number[]; park?: boolean };
  /** ws: A person asks a device for a verb, outside any cue. */
  Ask: { device: string; verb: string; arguments?: Record<string, boolean | number | string> };
  /** ws: Arms or disarms a cue (``cue`` set) or a trigger (by name). */
  Arm: { name: string; armed: boolean; list?: string };
  /** ws: Lights one thing after another for a technician: ``1 thru 12 at 50``, ``next``, ``off`` (``engine/checking.py``). */
  ChannelCheck: { words?: string };
  /** ws: Blinks a light, or all that hangs on a node or universe, for ``over``; 0 ends every blinking. */
  Identify: { what?: string; over?: number };
  /** ws: Holds what ``what`` says (``tuyere_1.red at 20``; without a level: where it stands) after every master. */
  Park: { what: string; reason?: string };
  /** ws: Gives back what is parked of ``what`` ("" = everything). */
  Unpark: { what?: string };
  /** ws: Takes a light out of service ``until`` a day ("": until further notice); ``spare`` does its work meanwhile. */
  OutOfService: { fixture: string; reason: string; until?: string; spare?: string };
  /** ws: A light is in service again. */
  InService: { fixture: string };
  /** ws: Puts a person's maintenance lock on, or takes it off (``whose``, where it is another's). */
  Maintain: { on: boolean; reason?: string; whose?: string };
  /** ws: Mutes an output (``on`` false: no more): sound, film, fog, motion, headsets, a device or an interlock. */
  Mute: { what: string; on?: boolean; reason?: string };
  /** ws: Lights are told as they change, too. */
  Watch: { lights?: boolean; seldom?: boolean };
  /** ws: Who sits here and which list is in hand. */
  Here: { list?: string; person?: string };
  /** ws: GO of a list belongs to this console alone. */
  Own: { list: string; take: boolean };
  /** GET /api/view: Everything a page shows. */
  view: { full?: 0 | 1 };
  /** GET /api/status: The status object of the command line. */
  status: {};
  /** GET /api/why: Why it is so. */
  why: { fixture?: string; cue?: string; list?: string };
  /** GET /api/explain: What GO would do. */
  explain: { list?: string };
  /** GET /api/lights: Groups, fixtures and their parameters. */
  lights: {};
  /** GET /api/room: The plan: zones, fixtures, targets. */
  room: {};
  /** GET /api/seen: Where the parameters of lights stand. */
  seen: { fixtures: string };
  /** GET /api/log: As run. */
  log: { words?: string; who?: string; most?: number };
  /** GET /api/cue: A cue as it is written. */
  cue: { list: string; cue: string };
  /** GET /api/rehearsals: The show's rehearsals and the last verdicts. */
  rehearsals: {};
  /** GET /api/report: What the last rehearsals found, as a page. */
  report: { download?: 0 | 1 };
  /** GET /api/me: Who is logged in here, and what they may send. */
  me: {};
  /** POST /api/login: A session begins. */
  login: { pin: string; person?: string };
  /** POST /api/logout: The session ends. */
  logout: {};
  /** GET /api/rdm: Who was found over RDM, against the patch. */
  rdm_table: {};
  /** POST /api/rdm: RDM. */
  rdm: { verb: string; what?: string; value?: string };
  /** GET /api/venue: Whether the show runs on a simulated venue. */
  venue: {};
  /** POST /api/venue: What happens in the simulated venue, in the words of a script. */
  act: { what: "fault" | "set" | "press" | "guests"; words: string };
  /** GET /metrics: How well the show is, in Prometheus' text form. */
  metrics: {};
  /** GET /api/openapi.json: The HTTP side, for programs. */
  openapi: {};
  /** POST /api/edit: An edit of the folder: shown first; with the revision that was shown, written. */
  edit: { do: "set" | "rename" | "move" | "copy" | "delete" | "insert" | "renumber"; list: string; cue: string; field?: "name" | "notes" | "wait" | "time" | "next" | "light"; value?: string; label?: string; beside?: string; after?: boolean; keep_looks?: boolean; revision?: string };
  /** POST /api/undo: Takes the last edit from a page back. */
  undo: {};
  /** POST /api/record: What is seen becomes a look or a cue's light: shown first. */
  record: { into: "look" | "cue"; name: string; list?: string; fixtures?: string[]; revision?: string };
  /** POST /api/mode: Show mode locks every edit; edit mode opens it. */
  mode: { show: boolean };
  /** POST /api/reload: What was saved, against what runs. */
  reload: { revision?: string };
  /** POST /api/rehearse: Runs rehearsals beside the show. */
  rehearse: { names?: string[] };
}
export type MessageName = keyof Requests & keyof typeof MAY;
