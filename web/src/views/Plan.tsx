// The room from above: zones, lights in their colours, and the people that are tracked. Metres, x to the right, z away from us.

import { lights, view } from "../store";
import { words } from "../words";
import { Panel, useTold } from "./parts";
import { useWatch } from "./watch";

interface RoomFacts {
  zones: { name: string; label: string; corners: [number, number][] }[];
  fixtures: { name: string; x: number; z: number; zone: string }[];
  targets: { name: string; x: number; z: number }[];
}

const MARGIN = 0.6; // metres

export function Plan() {
  const told = useTold<RoomFacts>("room");
  useWatch();
  const room = told.value;
  const people = view.value?.tracked ?? [];
  const title = people.length ? `${words.value.room.plan}  ${words.value.room.people(people.length)}` : words.value.room.plan;
  if (told.missing) return null;
  if (!room) return <Panel title={title}><p class="quiet">{told.error}</p></Panel>;
  const xs = [...room.zones.flatMap((zone) => zone.corners.map(([x]) => x)), ...room.fixtures.map((item) => item.x)];
  const zs = [...room.zones.flatMap((zone) => zone.corners.map(([, z]) => z)), ...room.fixtures.map((item) => item.z)];
  if (!xs.length) return <Panel title={title}><p class="quiet">{words.value.room.noPlan}</p></Panel>;
  const [left, right, near, far] = [Math.min(...xs) - MARGIN, Math.max(...xs) + MARGIN, Math.min(...zs) - MARGIN, Math.max(...zs) + MARGIN];
  const unit = Math.max(right - left, far - near) / 100;
  const y = (z: number) => far + near - z;
  return (
    <Panel title={title} id="plan">
      <svg class="plan" viewBox={`${left} ${near} ${right - left} ${far - near}`} role="img" aria-label={title}>
        {room.zones.map((zone) => {
          const inside = people.filter((one) => within([one.x, one.z], zone.corners)).length;
          const [cx, cz] = corner(zone.corners);
          return (
            <g key={zone.name}>
              <polygon points={zone.corners.map(([x, z]) => `${x},${y(z)}`).join(" ")} class={inside ? "zone full" : "zone"} stroke-width={unit * 0.25} />
              <text x={cx + unit * 0.8} y={y(cz) + unit * 2.8} font-size={unit * 2.3} class="zone-name">{(zone.label || zone.name).split(" (")[0]}{inside ? ` ${inside}` : ""}</text>
            </g>
          );
        })}
        {room.fixtures.map((item) => {
          const now = lights.value[item.name];
          return <circle key={item.name} cx={item.x} cy={y(item.z)} r={unit * 0.8} class="lamp" fill={now ? now.color : "#000"} fill-opacity={now ? now.level : 0} stroke-width={unit * 0.18}><title>{item.name}</title></circle>;
        })}
        {room.targets.map((item) => <path key={item.name} d={`M${item.x - unit} ${y(item.z)}h${unit * 2}M${item.x} ${y(item.z) - unit}v${unit * 2}`} class="target" stroke-width={unit * 0.2}><title>{item.name}</title></path>)}
        {people.map((one) => <rect key={one.name} x={one.x - unit * 0.9} y={y(one.z) - unit * 0.9} width={unit * 1.8} height={unit * 1.8} rx={unit * 0.4} class="person"><title>{one.name}</title></rect>)}
      </svg>
    </Panel>
  );
}

/** The corner where a zone's name stands: at the left of the far side, and clear of the zones within it. */
const corner = (corners: [number, number][]): [number, number] => [Math.min(...corners.map(([x]) => x)), Math.max(...corners.map(([, z]) => z))];

function within([x, z]: [number, number], corners: [number, number][]): boolean {
  let inside = false;
  corners.forEach(([ax, az], n) => {
    const [bx, bz] = corners[(n + corners.length - 1) % corners.length] ?? [ax, az];
    if (az > z !== bz > z && x < ((bx - ax) * (z - az)) / (bz - az) + ax) inside = !inside;
  });
  return inside;
}
