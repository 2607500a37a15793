// A fader that a finger may drag: it stays under the finger, asks at most twenty times a second, and always for where it came to rest.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const LEAST = 50; // ms between two requests
const SETTLES = 600; // ms after which what the show says is shown again

export function Fader({ name, value, disabled, act }: { name: string; value: number; disabled: boolean; act: (level: number) => void }) {
  const held = useSignal<number | null>(null);
  const next = useRef(0);
  const rest = useRef(0);
  const asked = useRef(0);
  useEffect(() => () => { clearTimeout(next.current); clearTimeout(rest.current); }, []);
  const move = (percent: number) => {
    held.value = percent;
    clearTimeout(next.current);
    clearTimeout(rest.current);
    next.current = setTimeout(() => { asked.current = performance.now(); act(percent / 100); }, Math.max(0, LEAST - (performance.now() - asked.current)));
    rest.current = setTimeout(() => (held.value = null), SETTLES);
  };
  const shown = held.value ?? Math.round(value * 100);
  return (
    <label class="fader">
      <span>{name}</span>
      <input type="range" min="0" max="100" step="1" value={shown} disabled={disabled} onInput={(event) => move(Number(event.currentTarget.value))} />
      <span class="count">{shown} %</span>
    </label>
  );
}
