// The connection: what the show says, what it is asked, and how long it has been silent.
// Nothing is ever queued for a broken connection: a GO that comes late is worse than one that does not come.

import type { Requests } from "./generated/messages";
import type { Answer, Said } from "./types";

const SILENCE = 450; // ms; the show speaks every 100
const GIVE_UP = 2500; // ms of silence after which the connection is made anew
const ANSWER_WITHIN = 3000;
const HANGS = 600; // ms without an answer to panic, after which the wire is told by its own door

export interface Ears {
  said(message: Said): void;
  /** Not connected; `age` is how long ago the show was last heard, in seconds (null: never). Called again as it grows. */
  lost(age: number | null): void;
  found(): void;
}

interface Waiting { resolve(answer: Answer): void; reject(why: Error): void }

export class Link {
  good = false;
  private socket: WebSocket | null = null;
  private heard: number | null = null;
  private opened = 0;
  private retry = 200;
  private number = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(private readonly ears: Ears) {
    setInterval(() => this.look(), 100);
    this.open();
  }

  /** Gives the show's answer; rejects where it could not be asked, or was not answered. */
  ask<Name extends keyof Requests>(request: Name, fields: Requests[Name] & { origin?: object }): Promise<Answer> {
    const socket = this.socket;
    if (!this.good || socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error("lost"));
    const id = ++this.number;
    socket.send(JSON.stringify({ id, request, ...fields }));
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      setTimeout(() => this.waiting.delete(id) && reject(new Error("no answer")), ANSWER_WITHIN);
    });
  }

  /** Panic takes every way there is: the connection, a request of its own, and, past a show that hangs, the wire's own door. */
  insist(request: "Panic" | "Evacuate", fields: { origin?: object } = {}): Promise<Answer> {
    return this.ask(request, fields).catch(() => {
      let answered = false;
      const asked = fetch("/api/ask", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ request, ...fields }),
        keepalive: true,
      }).then((response) => {
        answered = true;
        if (!response.ok) throw new Error("refused");
        return response.json() as Promise<Answer>;
      });
      if (request !== "Panic") return asked;
      const door = `${location.protocol}//${location.hostname}:${Number(location.port || 80) + 1}/panic`;
      const straight = new Promise((resolve) => setTimeout(resolve, HANGS)).then(async (): Promise<Answer> => {
        if (answered) return asked;
        await fetch(door, { method: "POST", mode: "no-cors", credentials: "include", keepalive: true });
        return { done: true, refused: "", straight: true };
      });
      return Promise.any([asked, straight]);
    });
  }

  /** Comes in again: who sits here has changed, and a socket is of whoever opened it. */
  anew(): void {
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.open();
  }

  private open(): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.socket = socket;
    this.opened = performance.now();
    socket.onmessage = (message) => this.take(socket, String(message.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.break();
      setTimeout(() => this.socket === null && this.open(), this.retry);
      this.retry = Math.min(this.retry * 1.6, 2000);
    };
  }

  private take(socket: WebSocket, data: string): void {
    if (this.socket !== socket) return;
    this.heard = performance.now();
    this.retry = 200;
    const said = JSON.parse(data) as Said;
    if (said.type === "answer") this.answered(said.id, said.answer ?? { done: false, refused: said.error ?? "" });
    else this.ears.said(said);
    if (!this.good && said.type !== "answer") {
      this.good = true;
      this.ears.found();
    }
  }

  private look(): void {
    const now = performance.now();
    if (this.good && now - (this.heard ?? 0) > SILENCE) this.break();
    if (this.socket && now - Math.max(this.heard ?? 0, this.opened) > GIVE_UP) {
      this.anew();
    }
    if (!this.good) this.ears.lost(this.age());
  }

  private break(): void {
    this.good = false;
    for (const { reject } of this.waiting.values()) reject(new Error("lost"));
    this.waiting.clear();
    this.ears.lost(this.age());
  }

  private age(): number | null {
    return this.heard === null ? null : (performance.now() - this.heard) / 1000;
  }

  private answered(id: number, answer: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.resolve(answer);
  }
}
