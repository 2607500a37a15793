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
    <li ref={row} class={`device ${wanted ? "sought" : ""}`} data-device={device.name}>
      <span class={look} aria-hidden="true">{device.silent ? "·" : SHAPES[device.health]}</span>
      <span class="name">{device.label || device.name}</span>
      <span class={look}>{device.silent ? words.value.noVoice : words.value.health[device.health]}</span>
      <span class="quiet count">{device.silent ? "" : words.value.heard(device.age === null ? "" : age(device.age))}</span>
      <span class="what">{[device.health === "ok" ? "" : words.value.words(device.why), ...compared(device.desired, device.reported)].filter(Boolean).join("   ")}</span>
    </li>
  );
}

function compared(desired: Facts, reported: Facts): string[] {
  const names = [...new Set([...Object.keys(desired), ...Object.keys(reported)])].sort();
  return names.map((name) => {
    const [wanted, said] = [desired[name], reported[name]];
    if (wanted === undefined) return `${name} ${plain(said ?? "")}`;
    if (said === undefined) return `${name}: ${words.value.wanted} ${plain(wanted)}`;
    const same = wanted === said || (typeof wanted === "number" && typeof said === "number" && Math.abs(wanted - said) < 0.5);
    return same ? `${name} ${plain(said)}` : `${name}: ${words.value.wanted} ${plain(wanted)}, ${words.value.said} ${plain(said)}`;
  });
}
