// Who sits here: a name for the log where nobody has a PIN, and the PIN where people have one.

import { useSignal } from "@preact/signals";
import { send, whyNot } from "../api";
import { link, me, person, roleWords } from "../store";
import type { Me } from "../types";
import { words } from "../words";
import { Panel } from "./parts";

export function Login() {
  const said = words.value.desk;
  const pin = useSignal("");
  const trouble = useSignal("");
  const who = me.value;
  const take = (found: Me) => {
    me.value = found;
    pin.value = "";
    trouble.value = "";
    link.anew();
  };
  return (
    <Panel title={said.yourName} id="login">
      <label class="me"><span>{said.yourName}</span><input type="text" maxLength={60} autocomplete="name" value={person.value} onInput={(event) => (person.value = event.currentTarget.value)} /></label>
      {who && <p>{said.asWho(who.person, roleWords(who.role))}{who.local ? ` · ${said.local}` : ""}</p>}
      {who?.pin && (
        <form class="grip" onSubmit={(event) => { event.preventDefault(); send<Me>("login", { pin: pin.value, person: person.value }).then(take, (error: unknown) => (trouble.value = whyNot(error))); }}>
          <input type="password" inputMode="numeric" autocomplete="current-password" value={pin.value} placeholder={said.pin} aria-label={said.pin} onInput={(event) => (pin.value = event.currentTarget.value)} />
          <button type="submit" disabled={!pin.value}>{said.login}</button>
          <button type="button" onClick={() => send<Me>("logout", {}).then(take, (error: unknown) => (trouble.value = whyNot(error)))}>{said.logout}</button>
        </form>
      )}
      {trouble.value && <p class="lost-text" role="alert">! {trouble.value}</p>}
    </Panel>
  );
}
