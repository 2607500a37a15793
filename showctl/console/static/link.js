// The connection: what the show says, what it is asked, and how long it has been silent.
// Nothing is ever queued for a broken connection: a GO that comes late is worse than one that does not come.

const SILENCE = 450; // ms; the show speaks every 100
const GIVE_UP = 2500; // ms of silence after which the connection is made anew
const ANSWER_WITHIN = 3000;
const HANGS = 600; // ms without an answer to panic, after which the wire is told by its own door

export class Link {
  constructor({ hello, update, lost, found }) {
    this.on = { hello, update, lost, found };
    this.heard = null;
    this.good = false;
    this.waiting = new Map();
    this.number = 0;
    this.retry = 200;
    setInterval(() => this.look(), 100);
    this.open();
  }

  open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.socket = socket;
    this.opened = performance.now();
    socket.onmessage = (message) => this.take(socket, message);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.break();
      setTimeout(() => this.socket === null && this.open(), this.retry);
      this.retry = Math.min(this.retry * 1.6, 2000);
    };
  }

  take(socket, message) {
    if (this.socket !== socket) return;
    this.heard = performance.now();
    this.retry = 200;
    const said = JSON.parse(message.data);
    if (said.type === "hello") this.on.hello(said);
    else if (said.type === "update") this.on.update(said);
    else if (said.type === "answer") this.answered(said);
    if (!this.good) {
      this.good = true;
      this.on.found();
    }
  }

  look() {
    const now = performance.now();
    if (this.good && now - this.heard > SILENCE) this.break();
    if (this.socket && now - Math.max(this.heard ?? 0, this.opened) > GIVE_UP) {
      const old = this.socket;
      this.socket = null;
      old.close();
      this.open();
    }
    if (!this.good) this.on.lost(this.heard === null ? null : (now - this.heard) / 1000);
  }

  break() {
    this.good = false;
    for (const { reject } of this.waiting.values()) reject(new Error("lost"));
    this.waiting.clear();
    this.on.lost(this.heard === null ? null : (performance.now() - this.heard) / 1000);
  }

  // Gives {done, refused, started, standby}; rejects where it could not be asked, or was not answered.
  ask(request, fields = {}) {
    if (!this.good || this.socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error("lost"));
    const id = ++this.number;
    this.socket.send(JSON.stringify({ id, request, ...fields }));
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      setTimeout(() => this.waiting.delete(id) && reject(new Error("no answer")), ANSWER_WITHIN);
    });
  }

  // Panic takes every way there is: the connection, a request of its own, and, past an engine that hangs, the wire's own door.
  insist(request, fields = {}) {
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
        return response.json();
      });
      if (request !== "Panic") return asked;
      const door = `${location.protocol}//${location.hostname}:${Number(location.port || 80) + 1}/panic`;
      const straight = new Promise((resolve) => setTimeout(resolve, HANGS))
        .then(() => (answered ? asked : fetch(door, { method: "POST", mode: "no-cors", keepalive: true })))
        .then((answer) => (answered ? answer : { done: true, straight: true }));
      return Promise.any([asked, straight]);
    });
  }

  answered(said) {
    const waiting = this.waiting.get(said.id);
    this.waiting.delete(said.id);
    waiting?.resolve(said.answer ?? { done: false, refused: said.error });
  }
}
