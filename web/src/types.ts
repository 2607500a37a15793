// What the show says of itself, as far as the page reads it (docs/developers/console-messages.md). A part that a server does not
// send is not there, and the page lives without it.

import type { Role } from "./generated/messages";

export type RunState = "waiting" | "running" | "paused" | "post_wait" | "done";

export interface Run {
  run: number; cue: string; name: string; parent: number; state: RunState; rate: number;
  elapsed: number; remaining: number | null; duration: number | null; endless: boolean;
}

export type HowKind = "" | "after_start" | "after_end" | "when" | "branch";

export interface Does { light: number; effects: number; devices: string[]; cues: number; sets: number }

export interface Cue {
  label: string; name: string; notes: string; wait: number; next: string; color: string; place: string;
  kind?: HowKind; to?: string[]; does?: Does; length?: number | null; armed?: boolean;
  group?: { mode: string; members: { label: string; name: string; at: number; does?: Does }[] } | null;
}

export interface List {
  name: string; label: string; standby: string | null; standby_delay: number; last: string | null; paused: boolean; rate: number;
  go_window: { seconds: number; remaining: number }; loaded: Record<string, number>; running: Run[]; disarmed?: string[];
  cues?: Cue[];
}

export type Health = "ok" | "degraded" | "lost" | "unknown";
export type Facts = Record<string, number | string | boolean>;

export interface Device {
  name: string; kind: string; label: string; health: Health; why: string; desired: Facts; reported: Facts; age: number | null;
  silent?: boolean; round_trip?: number | null;
}

export interface Tag { person: string; reason: string; since: number | null; words: string }
export interface OutOfService extends Tag { fixture: string; until: string | null; spare: string | null }
export interface Parked extends Tag { fixture: string; parameters: Record<string, unknown> }
export interface Muted extends Tag { what: string }
export interface Checking { person: string; what: string; at: number; of: number; by: number; level: number; fixtures: string[]; words: string }
export interface Tags { maintenance: Tag[]; muted?: Muted[]; checking: Checking[]; parked: Parked[]; out_of_service: OutOfService[] }

export interface Hazard {
  name: string; state: string; permit: string; kind: string; budget_left: number | null;
  /** What keeps it safe, in words; on what it was armed, and for how long still. */
  lacks?: string; armed_on?: string; expires?: number | null;
}
export interface Trigger { name: string; armed: boolean; holds: boolean; when: string; only_if?: string; lacks?: string }
export interface Person { person: string; role: string; address: string; list: string; you?: boolean }
export interface Verdict {
  name: string; passed: boolean; show_seconds: number; failures: { file: string; line: number; moment: string | number; message: string }[];
}

export interface View {
  show: string; now: number; main_list: string; latched: string; lists: List[]; values: Facts; masters: Record<string, number>;
  timecode: Record<string, string>; timecode_at?: Record<string, number>; tags: Tags; hazards: Hazard[]; triggers: Trigger[]; devices: Device[];
  wire: { connected: boolean; why: string; frames: number; missed: number; late_p99_us: number } & Record<string, number | string | boolean>;
  journal: { late: boolean; trouble: string }; wall: string;
  people?: Person[]; owners?: Record<string, string>; tracked?: { name: string; x: number; y: number; z: number }[];
  mode?: "show" | "edit"; schedule?: { name: string; at: string; in: number }[];
  /** The show's files are no longer those that run. */
  saved?: boolean;
  rehearsing?: { running: string[]; done: number; of: number; verdicts: Verdict[] } | null;
}

export interface Note { instant: number; what: string; words: string; cue: string | null }
export interface Me { person: string; role: Role | null; local: boolean; pin: boolean }
export interface Answer {
  done: boolean; refused: string; words?: string; started?: { list: string; cue: string } | null;
  standby?: { list: string; cue: string } | null; straight?: boolean;
}

export interface LightNow { level: number; color: string; owner: string; by: string }
export interface ToldParameter { index: number; name: string; low?: number; high?: number; unit?: string; level?: number; output?: number }
export interface FixtureFacts {
  name: string; label: string; type: string; address: string; zone: string; at: number[] | null; parameters: ToldParameter[];
}

export type Said =
  | { type: "hello"; version?: number; view: View; notes: Note[]; me?: Me }
  | { type: "update"; view: Partial<View>; notes: Note[] }
  | { type: "lights"; lights: Record<string, LightNow>; levels?: Record<string, number>; all?: boolean }
  | { type: "answer"; id: number; answer?: Answer; error?: string };
