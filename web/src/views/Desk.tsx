// This device: its keys, its hot cues, its text and light; who sits here and who else does; links for those who only look.

import { effect } from "@preact/signals";
import { ask } from "../acts";
import { Hold } from "../hands";
import { hot, toggleHot } from "../hot";
import { kept } from "../kept";
import { ACTIONS, bindings, resetKeys, spoken, waiting } from "../keys";
import { Dimmer } from "../show/Bar";
import { can, list, lost, view } from "../store";
import { measure } from "../unit";
import { words } from "../words";
import { Login } from "./Login";
import { Panel } from "./parts";

export const large = kept<boolean>("large", false, (value) => typeof value === "boolean");
effect(() => {
  document.documentElement.classList.toggle("large", large.value);
  measure();
});

export function Desk() {
  return (
    <div class="view desk" tabIndex={0} aria-label={words.value.pages.desk}>
      <Keys />
      <HotCues />
      <Layout />
      <Login />
      <People />
      <Day />
    </div>
  );
}

function Keys() {
  const said = words.value.desk;
  return (
    <Panel title={said.keys} id="keys" acts={<button type="button" class="small" onClick={resetKeys}>{said.reset}</button>}>
      <ul class="plain keys">
        {ACTIONS.map((action) => (
          <li key={action}>
            <span class="name">{said.actions[action]}</span>
            <span>{bindings.value[action].map((key) => <kbd key={key}>{spoken(key)}</kbd>)}</span>
            <button type="button" class="small" data-action={action} aria-pressed={waiting.value === action} onClick={(event) => { waiting.value = action; event.currentTarget.blur(); }}>{waiting.value === action ? said.change : "…"}<span class="unseen"> {said.actions[action]}</span></button>
          </li>
        ))}
        <li><span class="name quiet">{words.value.typed("12.5")}</span></li>
      </ul>
      <p class="quiet">{said.fixed}</p>
    </Panel>
  );
}

function Day() {
  const said = words.value.desk;
  return (
    <Panel title={said.day} id="day">
      <p class="quiet">{said.daySays}</p>
      <Hold seconds={1.2} disabled={!can("Reset")} act={() => void ask("Reset", {})}>{said.reset_day}</Hold>
    </Panel>
  );
}

function HotCues() {
  const said = words.value.desk;
  return (
    <Panel title={said.hot} id="hot-cues">
      {hot.value.length === 0 && <p class="quiet">{said.noHot}</p>}
      <ul class="plain">
        {hot.value.map((item) => <li key={`${item.list}/${item.cue}`}><span class="name count">{item.list} {item.cue}</span><button type="button" class="small" onClick={() => toggleHot(item.list, item.cue)}>{said.remove}</button></li>)}
      </ul>
    </Panel>
  );
}

function Layout() {
  const said = words.value.desk;
  return (
    <Panel title={said.layout} id="layout">
      <div class="grip">
        <span>{said.textSize}</span>
        <button type="button" aria-pressed={!large.value} onClick={() => (large.value = false)}>{said.normal}</button>
        <button type="button" aria-pressed={large.value} onClick={() => (large.value = true)}>{said.large}</button>
      </div>
      <Dimmer />
      <p class="quiet">{said.crew}</p>
    </Panel>
  );
}

function People() {
  const said = words.value.desk;
  const here = view.value?.people;
  if (!here) return null;
  const name = list.value?.name ?? "";
  const owner = view.value?.owners?.[name];
  return (
    <Panel title={`${said.people}  ${here.length}`} id="people" acts={view.value?.owners && <button type="button" class="small" disabled={lost.value} aria-pressed={Boolean(owner)} onClick={() => void ask("Own", { list: name, take: !owner })}>{owner ? said.share : said.own}</button>}>
      <ul class="plain">
        {here.map((item, n) => <li key={n}><span class="name">{item.person || "–"}{item.you ? " ←" : ""}</span><span class="quiet">{said.role[item.role] ?? item.role} · {item.list} · {item.address}</span></li>)}
      </ul>
    </Panel>
  );
}
