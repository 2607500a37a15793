// What a cue has to do with, drawn: light, sound, picture, machines, other cues. A shape each; the words stand beside it for who cannot see it.

import { deviceFacts } from "../store";
import type { Does } from "../types";
import { doesWords } from "./does";

export type Kind = "light" | "sound" | "picture" | "machine" | "cues";

/** Lines in a box of 16. */
const PATHS: Record<Kind, string> = {
  light: "M8 2.2a3.9 3.9 0 0 1 2.3 7v1.6H5.7V9.2A3.9 3.9 0 0 1 8 2.2zM6.2 13.4h3.6",
  sound: "M2.8 6.2h2.5l3.4-2.8v9.2l-3.4-2.8H2.8zM11 6a3 3 0 0 1 0 4M12.7 4.2a5.6 5.6 0 0 1 0 7.6",
  picture: "M2.2 3.6h11.6v8.8H2.2zM6.7 6v4l3.4-2z",
  machine: "M8 5.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6zM8 1.8v2.4M8 11.8v2.4M1.8 8h2.4M11.8 8h2.4M3.6 3.6l1.7 1.7M10.7 10.7l1.7 1.7M12.4 3.6l-1.7 1.7M5.3 10.7l-1.7 1.7",
  cues: "M3 4.4h10M3 8h10M3 11.6h6",
};

const OF: Record<string, Kind> = {
  sound_player: "sound", mpv_sound: "sound", adm_osc: "sound", ds100: "sound", l_isa: "sound", qlab: "sound",
  film_server: "picture", gauze_player: "picture", mpv: "picture", resolume: "picture", millumin: "picture", media_server: "picture",
  projector: "picture", xr_engine: "picture",
};

export function kindsOf(does: Does): Kind[] {
  const found = new Set<Kind>();
  if (does.light || does.effects) found.add("light");
  for (const name of does.devices) found.add(OF[deviceFacts.value.get(name)?.kind ?? ""] ?? "machine");
  if (does.cues) found.add("cues");
  return (Object.keys(PATHS) as Kind[]).filter((kind) => found.has(kind));
}

export function Kinds({ does }: { does: Does | undefined }) {
  if (!does) return <span class="kinds" />;
  return (
    <span class="kinds" title={doesWords(does)}>
      {kindsOf(does).map((kind) => <svg key={kind} viewBox="0 0 16 16" aria-hidden="true"><path d={PATHS[kind]} /></svg>)}
    </span>
  );
}
