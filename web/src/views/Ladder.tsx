// Working light: a lock by name while somebody is on a ladder, parks, lights out of service, and a remote for focusing by phone.

import { useSignal } from "@preact/signals";
import { ask } from "../acts";
import { can, person, tags } from "../store";
import { words } from "../words";
import { Checks } from "./Light";
import { Rdm } from "./Rdm";
import { ageSince as since, Panel } from "./parts";

export function Ladder() {
  const said = words.value.ladder;
  return (
    <div class="view ladder" tabIndex={0} aria-label={words.value.pages.ladder}>
      <label class="me"><span>{said.name}</span><input id="my-name" type="text" maxLength={60} autocomplete="name" value={person.value} onInput={(event) => (person.value = event.currentTarget.value)} /></label>
      <Lock />
      <Remote />
      <Parks />
      <Outs />
      <Rdm />
    </div>
  );
}

function Lock() {
  const said = words.value.ladder;
  const reason = useSignal("");
  const mine = tags.value.maintenance.some((item) => item.person === person.value);
  const named = person.value.trim() !== "";
  return (
    <Panel title={said.lock} id="lock">
      <p class="quiet">{said.lockSays}</p>
      <ul class="plain">
        {tags.value.maintenance.map((item) => (
          <li key={item.person}>
            <span class="late-text" aria-hidden="true">!</span><span class="name">{item.person}{item.reason ? `: ${item.reason}` : ""}</span><span class="quiet">{since(item.since)}</span>
            {item.person !== person.value && <button type="button" class="small" disabled={!can("Park") || !named} onClick={() => void ask("Maintain", { on: false, whose: item.person })}>{said.theirs(item.person)}</button>}
          </li>
        ))}
      </ul>
      <div class="grip">
        {!mine && <input type="text" value={reason.value} placeholder={said.lockWhy} aria-label={said.lockWhy} onInput={(event) => (reason.value = event.currentTarget.value)} />}
        <button type="button" id="lock-button" class={mine ? "late" : ""} disabled={!can("Park") || !named} onClick={() => void ask("Maintain", { on: !mine, reason: reason.value })}>{!named ? said.needName : mine ? said.lockOff : said.lockOn}</button>
      </div>
    </Panel>
  );
}

/** In the hand of whoever stands under the light: light one thing after the other. */
function Remote() {
  const said = words.value.ladder;
  const what = useSignal("");
  const check = (text: string) => void ask("ChannelCheck", { words: text });
  return (
    <Panel title={said.remote} id="remote">
      <form class="grip" onSubmit={(event) => { event.preventDefault(); check(what.value); }}>
        <input type="text" value={what.value} placeholder={said.lights} aria-label={said.lights} onInput={(event) => (what.value = event.currentTarget.value)} />
        <button type="submit" disabled={!can("Park") || !what.value}>{said.on}</button>
      </form>
      <Checks />
      <div class="thumbs">
        <button type="button" disabled={!can("Park")} onClick={() => check("last")}>← {words.value.light.last}</button>
        <button type="button" disabled={!can("Park")} onClick={() => check("next")}>{words.value.light.next} →</button>
      </div>
    </Panel>
  );
}

function Parks() {
  const said = words.value.ladder;
  const what = useSignal("");
  const reason = useSignal("");
  return (
    <Panel title={`${said.parks}  ${tags.value.parked.length || ""}`} id="parks">
      {tags.value.parked.length === 0 && <p class="quiet">{said.noParks}</p>}
      <ul class="plain">
        {tags.value.parked.map((item) => (
          <li key={item.words}><span aria-hidden="true">▪</span><span class="name">{words.value.parked(item)}</span><span class="quiet">{since(item.since)}</span>
            <button type="button" class="small" disabled={!can("Park")} onClick={() => void ask("Unpark", { what: item.fixture })}>{said.unpark}</button></li>
        ))}
      </ul>
      <form class="grip" onSubmit={(event) => { event.preventDefault(); void ask("Park", { what: what.value, reason: reason.value }).then((answer) => answer?.done && (what.value = "")); }}>
        <input type="text" value={what.value} placeholder={said.what} aria-label={said.what} onInput={(event) => (what.value = event.currentTarget.value)} />
        <input type="text" value={reason.value} placeholder={said.why} aria-label={`${said.park}: ${said.why}`} onInput={(event) => (reason.value = event.currentTarget.value)} />
        <button type="submit" disabled={!can("Park") || !what.value}>{said.park}</button>
      </form>
    </Panel>
  );
}

function Outs() {
  const said = words.value.ladder;
  const fixture = useSignal("");
  const reason = useSignal("");
  const until = useSignal("");
  const spare = useSignal("");
  const fields = [
    { signal: fixture, name: said.fixture }, { signal: reason, name: said.why },
    { signal: until, name: said.until }, { signal: spare, name: said.spare },
  ];
  const put = () => ask("OutOfService", { fixture: fixture.value, reason: reason.value, until: until.value, spare: spare.value }).then((answer) => answer?.done && (fixture.value = ""));
  return (
    <Panel title={`${said.out}  ${tags.value.out_of_service.length || ""}`} id="outs">
      {tags.value.out_of_service.length === 0 && <p class="quiet">{said.noOut}</p>}
      <ul class="plain">
        {tags.value.out_of_service.map((item) => (
          <li key={item.fixture}><span class="late-text" aria-hidden="true">○</span><span class="name">{words.value.outOfService(item)}</span><span class="quiet">{since(item.since)}</span>
            <button type="button" class="small" disabled={!can("Park")} onClick={() => void ask("InService", { fixture: item.fixture })}>{said.back}</button></li>
        ))}
      </ul>
      <form class="grip" onSubmit={(event) => { event.preventDefault(); void put(); }}>
        {fields.map((field) => <input key={field.name} type="text" value={field.signal.value} placeholder={field.name} aria-label={`${said.outOf}: ${field.name}`} onInput={(event) => (field.signal.value = event.currentTarget.value)} />)}
        <button type="submit" disabled={!can("Park") || !fixture.value || !reason.value}>{said.outOf}</button>
      </form>
    </Panel>
  );
}
