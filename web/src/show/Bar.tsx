// The top of the page: which show, how long it has run, timecode, and in one word whether all is well. Then the views.

import { effect } from "@preact/signals";
import { longTime } from "../format";
import { kept } from "../kept";
import { lost, me, page, PAGES, person, roleWords, view } from "../store";
import { Strip } from "../strip";
import { stands } from "../trouble";
import { otherLanguage, words } from "../words";

export const brightness = kept<number>("brightness", 100, (value) => typeof value === "number" && value >= 5 && value <= 100);
effect(() => document.documentElement.style.setProperty("--bright", `${brightness.value}%`));

export function Bar() {
  const seen = view.value;
  const codes = Object.entries(seen?.timecode ?? {});
  return (
    <header class="bar">
      <h1 id="show">{seen?.show ?? "showctl"}</h1>
      <span class="fact"><span class="quiet">{words.value.pages.show}</span> <span id="clock" class="count">{longTime(seen?.now ?? 0)}</span></span>
      <span class="fact wall"><span class="quiet">{words.value.wall}</span> <span id="wall" class="count">{(seen?.wall ?? "").slice(11, 16)}</span></span>
      {codes.length > 0 && (
        <span class="fact" id="timecode">
          {codes.map(([name, state]) => <span key={name} class={`code ${state}`}>{state === "locked" ? "●" : state === "lost" ? "!" : "┄"} {name} <span class="count">{longTime(seen?.timecode_at?.[name] ?? 0)}</span> {state} </span>)}
        </span>
      )}
      <Coming />
      <span class="space" />
      <Health />
      {me.value?.role && (me.value.pin || person.value) && <button type="button" class="small who" onClick={() => (page.value = "desk")}>{me.value.person || person.value || roleWords(me.value.role)}</button>}
      <Dimmer id="brightness" />
      <button id="language" type="button" class="small" lang={words.value.language === "中文" ? "zh-Hans" : "en"} onClick={otherLanguage}>{words.value.language}</button>
    </header>
  );
}

/** How bright this screen is. In the bar where there is room for it, and among what belongs to this device. */
export function Dimmer({ id }: { id?: string }) {
  return (
    <label class="dimmer">
      <span>{words.value.brightness}</span>
      <input {...(id ? { id } : {})} type="range" min="5" max="100" step="1" value={brightness.value} onInput={(event) => (brightness.value = Number(event.currentTarget.value))} />
    </label>
  );
}

/** What the wall clock will begin. Within ten minutes it is counted down. */
function Coming() {
  const next = view.value?.schedule?.[0];
  if (!next) return null;
  return <span class="fact quiet" id="coming">{next.at} {next.name}{next.in < 600 ? <> · <span class="count">{longTime(Math.max(next.in, 0))}</span></> : ""}</span>;
}

/** Whether all is well. Panic, evacuation, a pause and a blackout are said here, too: nothing is well while the show is held from its audience. */
function Health() {
  const found = lost.value ? [{ words: `┄ ${words.value.lostLink}`, look: "late" as const }] : stands.value;
  const worst = found.some((item) => item.look === "bad") ? "bad" : found.length ? "late" : "";
  return (
    <button id="health" type="button" class={`health ${worst}`} onClick={() => (page.value = page.value === "room" ? "show" : "room")}>
      {found.length ? found.map((item) => item.words).join("  ") : `● ${words.value.well}`}
    </button>
  );
}

export function Views() {
  return (
    <Strip nav class="views" label={words.value.views} current={page.value}>
      {PAGES.map((name) => (
        <button key={name} type="button" data-view={name} aria-current={page.value === name ? "page" : undefined} onClick={() => (page.value = name)}>
          {words.value.pages[name]}
        </button>
      ))}
    </Strip>
  );
}
