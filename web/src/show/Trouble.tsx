// Whether anything is wrong: each trouble a sentence, and one press from it to the device. Then what people hold by hand.

import { may, page, view } from "../store";
import { tagLines, troubleLines } from "../trouble";
import { focusDevice } from "../views/Devices";
import { words } from "../words";

export function Trouble() {
  return (
    <section class="trouble" aria-labelledby="trouble-word" aria-live="polite" tabIndex={0}>
      <h2 id="trouble-word" class="unseen">{words.value.trouble}</h2>
      <ul id="troubles">
        {troubleLines.value.map((item) => (
          <li key={item.name + item.words} class={item.bad ? "" : "late"}>
            <span class={item.more ? "more" : ""}>{item.bad ? "!" : "┄"} {item.name && <><b>{item.name}</b> </>}{item.words}</span>
            {item.device !== undefined && <button type="button" class="small" onClick={() => item.device && focusDevice(item.device)} aria-label={`${words.value.devices}: ${item.name || item.device}`}>→</button>}
          </li>
        ))}
      </ul>
      <ul id="tags">
        {view.value?.saved && may("reload") && (
          <li key="saved"><span>◇ {words.value.saved}</span><button type="button" class="small" onClick={() => (page.value = "edit")} aria-label={words.value.edit.reload}>→</button></li>
        )}
        {tagLines.value.map((item) => (
          <li key={item.words} class={item.late ? "late" : ""} onClick={() => (page.value = "ladder")}>{item.late ? "┄" : "·"} {item.words}</li>
        ))}
      </ul>
    </section>
  );
}
