// Each device: what the show wants of it, what it says, and how old that is, side by side. What is ill stands first.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { age, plain } from "../format";
import { devices, page } from "../store";
import type { Device, Facts, Health } from "../types";
import { words } from "../words";
import { Panel } from "./parts";

const SHAPES: Record<Health, string> = { ok: "●", degraded: "┄", lost: "!", unknown: "○" };
const WORST: Health[] = ["lost", "degraded", "unknown", "ok"];
const sought = signal("");

/** Goes to the device, from wherever it was named. */
export function focusDevice(name: string): void {
  sought.value = name;
  page.value = "room";
}

export function Devices() {
  const heard = devices.value.filter((device) => !device.silent); // what has no voice (an sACN node) says neither
  const well = heard.filter((device) => device.health === "ok").length;
  const rank = (device: Device) => (device.silent ? WORST.length : WORST.indexOf(device.health));
  const sorted = [...devices.value].sort((a, b) => rank(a) - rank(b));
  return (
    <Panel title={`${words.value.devices}  ${well} / ${heard.length}`} id="devices">
      <ol id="device-list">{sorted.map((device) => <One key={device.name} device={device} />)}</ol>
    </Panel>
  );
}

function One({ device }: { device: Device }) {
  const row = useRef<HTMLLIElement>(null);
  const wanted = sought.value === device.name;
  const look = device.silent ? "quiet" : device.health;
  useEffect(() => {
    if (wanted) row.current?.scrollIntoView({ block: "center" });
  }, [wanted]);
  return (
    <li ref={row} class={`device ${look} ${wanted ? "sought" : ""}`} data-device={device.name}>
      <span class={look} aria-hidden="true">{device.silent ? "·" : SHAPES[device.health]}</span>
      <span class="name" title={device.name}>{device.label || device.name}</span>
      <span class={look}>{device.silent ? words.value.noVoice : words.value.health[device.health]}</span>
      <span class="quiet count">{device.silent ? "" : words.value.heard(device.age === null ? "" : age(device.age))}</span>
      {device.health !== "ok" && device.why && <span class="what">{words.value.words(device.why)}</span>}
      <Compared desired={device.desired} reported={device.reported} />
    </li>
  );
}

/** Facts side by side. What is not as it is wanted says both; a thing that says nothing of it may be as wanted, or not. */
function Compared({ desired, reported }: { desired: Facts; reported: Facts }) {
  const names = [...new Set([...Object.keys(reported), ...Object.keys(desired)])].filter((name) => desired[name] !== undefined || reported[name] !== "");
  if (!names.length) return null;
  return (
    <dl class="facts">
      {names.map((name) => {
        const [wanted, said] = [desired[name], reported[name]];
        const unsaid = said === undefined;
        const same = unsaid || wanted === undefined || wanted === said || (typeof wanted === "number" && typeof said === "number" && Math.abs(wanted - said) < 0.5);
        const now = (value: number | string | boolean | undefined) => words.value.fact(plain(value ?? ""));
        return (
          <div key={name} class={same ? (unsaid ? "unsaid" : "") : "differs"}>
            <dt>{words.value.fact(name)}</dt>
            <dd class="count">{unsaid ? `${words.value.wanted} ${now(wanted)}` : same ? now(said) : `${words.value.wanted} ${now(wanted)} · ${words.value.said} ${now(said)}`}</dd>
          </div>
        );
      })}
    </dl>
  );
}
