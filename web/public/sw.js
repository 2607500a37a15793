// Keeps what the page is made of, so that it opens and says "not connected" where the show's machine is away. Newest first: what the
// server gives is used and kept; what was kept is used only where nobody answers. Nothing that the show says is ever kept: not /api,
// not the socket.

const KEPT = "showctl-1";
const PARTS = ["/", "/static/console.js", "/static/findings.js", "/static/style.css", "/static/icon.svg", "/static/manifest.webmanifest"];

self.addEventListener("install", (event) => event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PARTS)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) =>
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim())),
);
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !PARTS.includes(pathname)) return;
  event.respondWith(
    fetch(event.request)
      .then((fresh) => {
        const copy = fresh.clone();
        if (fresh.ok) event.waitUntil(caches.open(KEPT).then((kept) => kept.put(pathname, copy)));
        return fresh;
      })
      .catch(() => caches.match(pathname).then((old) => old ?? Response.error())),
  );
});
