// Levels of lights are told only to pages that look at them.

import { useEffect } from "preact/hooks";
import { link, lost } from "../store";

let watchers = 0;

/** While the component is there, `lights` is kept up to date. */
export function useWatch(): void {
  const dead = lost.value;
  useEffect(() => {
    if (dead) return undefined;
    watchers += 1;
    if (watchers === 1) void link.ask("Watch", { lights: true }).catch(() => undefined);
    return () => {
      watchers -= 1;
      if (watchers === 0) void link.ask("Watch", { lights: false }).catch(() => undefined);
    };
  }, [dead]);
}
