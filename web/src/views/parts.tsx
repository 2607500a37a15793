// Small things that the views share: a panel with a heading, and a question whose answer may not exist on this server.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary } from "preact/hooks";
import { Refused, read, whyNot } from "../api";
import { age } from "../format";
import { lost, view } from "../store";
import { words } from "../words";

export function Panel({ title, children, acts, id }: { title: string; children: ComponentChildren; acts?: ComponentChildren; id?: string }) {
  return (
    <section class="panel" id={id} aria-label={title}>
      <header><h2>{title}</h2>{acts}</header>
      {children}
    </section>
  );
}

/** What fails in one part of the page stays there: GO, the stops and everything else go on. */
export function Apart({ name, children }: { name: string; children: ComponentChildren }) {
  const [failed, again] = useErrorBoundary((error: unknown) => console.error(error));
  if (failed === undefined) return <>{children}</>;
  return (
    <section class="panel" role="alert">
      <p class="lost-text">! {words.value.partFailed(name)}</p>
      <p class="quiet">{whyNot(failed)}</p>
      <button type="button" onClick={again}>{words.value.log.refresh}</button>
    </section>
  );
}

export interface Told<T> { value: T | null; error: string; missing: boolean; again: () => void }

/** Asks `path` once, and again when the connection comes back or `again` is called. `missing`: this server has no such thing. */
export function useTold<T>(path: string, query: Record<string, string> = {}): Told<T> {
  const value = useSignal<T | null>(null);
  const error = useSignal("");
  const missing = useSignal(false);
  const round = useSignal(0);
  const key = JSON.stringify(query);
  const dead = lost.value;
  useEffect(() => {
    if (dead) return undefined;
    let wanted = true;
    read<T>(path, query).then(
      (found) => {
        if (!wanted) return;
        value.value = found;
        error.value = "";
      },
      (why: unknown) => {
        if (!wanted) return;
        missing.value = why instanceof Refused && why.status === 404;
        error.value = whyNot(why);
      },
    );
    return () => {
      wanted = false;
    };
  }, [path, key, dead, round.value]);
  return { value: value.value, error: error.value, missing: missing.value, again: () => (round.value += 1) };
}

/** Lines of a difference as text: what comes and what goes are told apart by their sign, and by colour besides. */
export function Diff({ text }: { text: string }) {
  return (
    <pre class="diff">
      {text.split("\n").map((line, n) => <span key={n} class={/^(\+\+\+|---|@)/.test(line) ? "quiet" : line.startsWith("+") ? "more" : line.startsWith("-") ? "less" : ""}>{`${line}\n`}</span>)}
    </pre>
  );
}

/** How long ago something was done by hand (seconds since 1970); "" where nobody knows. */
export function ageSince(from: number | null): string {
  const now = Date.parse(view.value?.wall ?? "") / 1000;
  return from === null || Number.isNaN(now) ? "" : words.value.ladder.since(words.value.span(age(Math.max(now - from, 0))));
}
