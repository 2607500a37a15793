// A row of buttons that may be longer than the screen: the one in hand is brought into sight, and an end that goes on fades.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Plain { class: string; label: string; current: string; children: ComponentChildren; id?: string; nav?: boolean }

export function Strip({ current, children, label, id, nav = false, class: looks }: Plain) {
  const box = useRef<HTMLDivElement>(null);
  const [ends, setEnds] = useState("");
  const look = () => {
    const node = box.current;
    if (node) setEnds(`${node.scrollLeft > 4 ? " before" : ""}${node.scrollLeft + node.clientWidth < node.scrollWidth - 4 ? " beyond" : ""}`);
  };
  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const seer = new ResizeObserver(look);
    for (const child of [node, ...node.children]) seer.observe(child);
    return () => seer.disconnect();
  }, []);
  useEffect(() => {
    box.current?.querySelector("[aria-pressed=true], [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
    look();
  }, [current]);
  return (
    <div {...(id ? { id } : {})} ref={box} role={nav ? "navigation" : "group"} aria-label={label} class={`${looks}${ends}`} onScroll={look}>
      {children}
    </div>
  );
}
