// Whether anything is wrong: each trouble a sentence, and one press from it to the device. Then what people hold by hand.

import { page } from "../store";
import { tagLines, troubles } from "../trouble";
import { focusDevice } from "../views/Devices";
import { words } from "../words";

const MOST = 6;

export function Trouble() {
  return (
    <section class="trouble" aria-labelledby="trouble-word" aria-live="polite" tabIndex={0}>
      <h2 id="trouble-word" class="unseen">{words.value.trouble}</h2>
      <ul id="troubles">
        {troubles.value.slice(0, MOST).map((item) => (
          <li key={item.words} class={item.bad ? "" : "late"}>
            <span>{item.bad ? "!" : "┄"} {item.words}</span>
            {item.device !== undefined && <button type="button" class="small" onClick={() => item.device && focusDevice(item.device)} aria-label={`${words.value.devices}: ${item.device}`}>→</button>}
          </li>
        ))}
      </ul>
      <ul id="tags">
        {tagLines.value.map((item) => (
          <li key={item.words} class={item.late ? "late" : ""} onClick={() => (page.value = "ladder")}>{item.late ? "┄" : "·"} {item.words}</li>
        ))}
      </ul>
    </section>
  );
}
