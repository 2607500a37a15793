// The room from above: zones, lights in their colours, and the people that are tracked. Metres, x to the right, z away from us; a room
// that is deeper than wide is turned where the screen is wider than high, so that it is as large as it can be.

import { lights, view } from "../store";
import { unit, useWidth } from "../unit";
import { words } from "../words";
import { Panel } from "./parts";
import { useWatch } from "./watch";

export interface RoomFacts {
  zones: { name: string; label: string; corners: [number, number][] }[];
  fixtures: { name: string; x: number; z: number; zone: string }[];
  targets: { name: string; x: number; z: number }[];
  triggers?: Record<string, string[]>;
  outputs?: Record<string, string[]>;
}
interface Box { left: number; top: number; right: number; bottom: number }

const MARGIN = 0.6; // metres
const HIGHEST = 0.5; // of the window

export function Plan({ room, trouble }: { room: RoomFacts | null; trouble: string }) {
  useWatch();
  const { box, width: wide } = useWidth();
  const people = view.value?.tracked ?? [];
  const title = people.length ? `${words.value.room.plan}  ${words.value.room.people(people.length)}` : words.value.room.plan;
  return (
    <Panel title={title} id="plan">
      <div ref={box}>{!room ? <p class="quiet">{trouble}</p> : room.zones.length + room.fixtures.length === 0 ? <p class="quiet">{words.value.room.noPlan}</p> : wide.value > 0 && <Drawing room={room} people={people} title={title} width={wide.value} />}</div>
      {room && (
        <p class="legend quiet" aria-hidden="true">
          <span><i class="key lamp" /> {words.value.room.legend.light}</span><span><i class="key person" /> {words.value.room.legend.person}</span><span>+ {words.value.room.legend.target}</span>
        </p>
      )}
    </Panel>
  );
}

function Drawing({ room, people, title, width }: { room: RoomFacts; people: { name: string; x: number; z: number }[]; title: string; width: number }) {
  const flat = flattened(room, width);
  const { at, size, scale } = flat;
  const rem = unit.value / scale; // metres
  const inside = new Map(room.zones.map((zone) => [zone.name, people.filter((one) => within([one.x, one.z], zone.corners)).length]));
  const zones = [...room.zones].sort((a, b) => area(b.corners) - area(a.corners)); // the small ones lie on the large ones
  const names = placedNames(zones, inside, at, rem, size[0]);
  const now = lights.value;
  return (
    <svg class="plan" width={size[0] * scale} height={size[1] * scale} viewBox={`0 0 ${size[0]} ${size[1]}`} role="img" aria-label={title}>
      {zones.map((zone) => <polygon key={zone.name} points={zone.corners.map((corner) => at(corner).join(",")).join(" ")} class={inside.get(zone.name) ? "zone full" : "zone"} stroke-width={rem * 0.08} />)}
      {room.fixtures.map((item) => {
        const [x, y] = at([item.x, item.z]);
        const lit = now[item.name];
        return (
          <g key={item.name}>
            {lit && lit.level > 0.02 && <circle cx={x} cy={y} r={rem * 0.72} fill={lit.color} fill-opacity={lit.level * 0.35} />}
            <circle cx={x} cy={y} r={rem * 0.3} class="lamp" fill={lit ? lit.color : "#000"} fill-opacity={lit ? Math.sqrt(lit.level) : 0} stroke-width={rem * 0.06}><title>{item.name}</title></circle>
          </g>
        );
      })}
      {room.targets.map((item) => {
        const [x, y] = at([item.x, item.z]);
        return <path key={item.name} d={`M${x - rem * 0.3} ${y}h${rem * 0.6}M${x} ${y - rem * 0.3}v${rem * 0.6}`} class="target" stroke-width={rem * 0.07}><title>{item.name}</title></path>;
      })}
      {people.map((one) => {
        const [x, y] = at([one.x, one.z]);
        return <circle key={one.name} cx={x} cy={y} r={rem * 0.4} class="person" stroke-width={rem * 0.14}><title>{one.name}</title></circle>;
      })}
      {names.map((item) => <text key={item.name} x={item.left} y={item.bottom - rem * 0.22} font-size={rem * 0.8} class={item.count ? "zone-name full" : "zone-name"} stroke-width={rem * 0.2}>{item.text}{item.count > 0 && <tspan class="inside"> {item.count}</tspan>}</text>)}
    </svg>
  );
}

/** Where a point of the room is drawn, how large the drawing is in metres, and how many pixels a metre has. */
function flattened(room: RoomFacts, width: number): { at: (point: [number, number]) => [number, number]; size: [number, number]; scale: number } {
  const xs = [...room.zones.flatMap((zone) => zone.corners.map(([x]) => x)), ...room.fixtures.map((item) => item.x)];
  const zs = [...room.zones.flatMap((zone) => zone.corners.map(([, z]) => z)), ...room.fixtures.map((item) => item.z)];
  const [left, right, near, far] = [Math.min(...xs) - MARGIN, Math.max(...xs) + MARGIN, Math.min(...zs) - MARGIN, Math.max(...zs) + MARGIN];
  const height = innerHeight * HIGHEST;
  const upright: [number, number] = [right - left, far - near];
  const fits = ([across, down]: [number, number]) => Math.min(width / across, height / down);
  const turned = fits([upright[1], upright[0]]) > fits(upright) * 1.15;
  const size: [number, number] = turned ? [upright[1], upright[0]] : upright;
  return { at: ([x, z]) => (turned ? [z - near, x - left] : [x - left, far - z]), size, scale: fits(size) };
}

interface Name extends Box { name: string; text: string; count: number }

/** Each zone's name in a corner of it that no other name has taken: the small zones choose first, they have the least room. */
function placedNames(zones: RoomFacts["zones"], inside: Map<string, number>, at: (point: [number, number]) => [number, number], rem: number, width: number): Name[] {
  const found: Name[] = [];
  for (const zone of [...zones].reverse()) {
    const text = (zone.label || zone.name).split(" (")[0] ?? zone.name;
    const count = inside.get(zone.name) ?? 0;
    const wide = ([...text].reduce((sum, letter) => sum + (letter > "⺀" ? 1.05 : 0.6), 0) + (count ? 1.7 : 0)) * rem * 0.8;
    const high = rem * 1.05;
    const points = zone.corners.map(at);
    const [left, top] = [Math.min(...points.map(([x]) => x)) + rem * 0.25, Math.min(...points.map(([, y]) => y)) + rem * 0.15];
    const [right, bottom] = [Math.max(...points.map(([x]) => x)) - rem * 0.25, Math.max(...points.map(([, y]) => y)) - rem * 0.15];
    const spots: [number, number][] = [];
    for (const y of [top, bottom - high, (top + bottom - high) / 2, bottom + rem * 0.3, top - high - rem * 0.3]) for (const x of [left, right - wide, (left + right - wide) / 2]) spots.push([x, y]);
    const boxes = spots.map(([x, y]): Box => ({ left: x, top: y, right: x + wide, bottom: y + high }));
    const free = boxes.find((spot) => spot.left >= 0 && spot.right <= width && spot.top >= 0 && !found.some((other) => spot.left < other.right && other.left < spot.right && spot.top < other.bottom && other.top < spot.bottom));
    if (free) found.push({ ...free, name: zone.name, text, count });
  }
  return found;
}

const area = (corners: [number, number][]): number =>
  Math.abs(corners.reduce((sum, [x, z], n) => {
    const [px, pz] = corners[(n + corners.length - 1) % corners.length] ?? [x, z];
    return sum + px * z - x * pz;
  }, 0));

function within([x, z]: [number, number], corners: [number, number][]): boolean {
  let inside = false;
  corners.forEach(([ax, az], n) => {
    const [bx, bz] = corners[(n + corners.length - 1) % corners.length] ?? [ax, az];
    if (az > z !== bz > z && x < ((bx - ax) * (z - az)) / (bz - az) + ax) inside = !inside;
  });
  return inside;
}
