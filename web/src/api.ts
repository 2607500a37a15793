// Questions and edits go over HTTP, each with its own answer; GO and the stops never do, but for panic past a broken socket (link.ts).

import { words } from "./words";

export class Refused extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
  }
}

async function told<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const why = body && typeof body === "object" && "error" in body ? String(body.error) : `${response.status} ${response.statusText}`;
  throw new Refused(why, response.status);
}

export async function read<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return told<T>(await fetch(`/api/${path}${asked ? `?${asked}` : ""}`));
}

export async function send<T>(path: string, body: object): Promise<T> {
  return told<T>(
    await fetch(`/api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );
}

/** The sentence to show for whatever went wrong. */
export function whyNot(error: unknown): string {
  return words.value.words(error instanceof Error ? error.message : String(error));
}
