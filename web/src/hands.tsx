// Buttons for hands in the dark: one that acts when it is pressed, and one that wants to be held.
// A mouse acts when it goes down, a finger when it is lifted in place (it may have wanted to scroll). No press acts twice.

import type { ButtonHTMLAttributes } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

type Plain = Omit<ButtonHTMLAttributes, "onClick" | "onPointerDown" | "type" | "class" | "disabled" | "style"> & {
  disabled?: boolean; class?: string; style?: Record<string, string>;
};

/** Acts on the press itself. For GO and panic; everything else may be an ordinary click. */
export function Press({ act, ...rest }: Plain & { act: () => void }) {
  const by = useRef("");
  return (
    <button
      {...rest}
      type="button"
      onPointerDown={(event) => {
        by.current = event.pointerType;
        if (event.pointerType !== "touch" && event.button === 0) act();
      }}
      onClick={(event) => {
        if (by.current === "touch" || event.detail === 0) act();
        by.current = "";
      }}
    />
  );
}

/** Acts after it was held for `seconds`, by pointer or by Enter; a bar fills meanwhile. */
export function Hold({ act, seconds, children, ...rest }: Plain & { act: () => void; seconds: number }) {
  const timer = useRef(0);
  const [state, setState] = useState<"" | "holding" | "pressed">("");
  const end = () => {
    clearTimeout(timer.current);
    timer.current = 0;
    setState((now) => (now === "holding" ? "" : now));
  };
  const begin = () => {
    if (timer.current || rest.disabled) return;
    setState("holding");
    timer.current = setTimeout(() => {
      timer.current = 0;
      setState("pressed");
      setTimeout(() => setState(""), 300);
      act();
    }, seconds * 1000);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <button
      {...rest}
      type="button"
      class={`hold ${rest.class ?? ""} ${state}`}
      style={{ "--hold": `${seconds}s` }}
      onPointerDown={(event) => event.button === 0 && begin()}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onBlur={end}
      onKeyDown={(event) => event.key === "Enter" && begin()}
      onKeyUp={end}
      onContextMenu={(event) => event.preventDefault()}
    >
      {children}
    </button>
  );
}
