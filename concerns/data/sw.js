// Keeps the emergency card and the style sheet it names, for when there is no network. Keeps nothing else, ever.
const SHELF = "emergency-card";
const CARD = "/emergency/";
const PATIENCE_MS = 3000;
const STYLE = /<link rel="stylesheet" href="(\/static\/[^"]+\.css)">/g;

const tooLong = () => new Promise((_, refuse) => setTimeout(refuse, PATIENCE_MS));
const soon = (promise) => Promise.race([promise, tooLong()]);
const kept = async (path) => (await caches.open(SHELF)).match(path);

async function fetchCard() {
  const card = await fetch(CARD, { cache: "no-store", credentials: "omit" });
  if (card.ok && !card.redirected) await keep(card.clone());
  return card;
}

async function keep(card) {
  const shelf = await caches.open(SHELF);
  const styles = [...(await card.clone().text()).matchAll(STYLE)].map((found) => found[1]);
  await shelf.put(CARD, card);
  const missing = await Promise.all(styles.map(async (path) => !(await shelf.match(path))));
  await shelf.addAll(styles.filter((_, i) => missing[i])).catch(() => {});
  const wanted = new Set([CARD, ...styles]);
  for (const { url } of await shelf.keys()) if (!wanted.has(new URL(url).pathname)) await shelf.delete(url);
}

async function answer(event, path) {
  const fresh = path === CARD ? fetchCard() : fetch(event.request);
  event.waitUntil(fresh.catch(() => {}));
  const first = event.request.mode === "navigate" && path !== CARD ? fresh : soon(fresh);
  return first.catch(async () => (await kept(path)) || (event.request.mode === "navigate" && (await kept(CARD))) || fresh);
}

self.addEventListener("install", (event) => event.waitUntil(fetchCard().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const ours = event.request.mode === "navigate" || pathname === CARD || pathname.endsWith(".css");
  if (event.request.method === "GET" && origin === self.location.origin && ours) event.respondWith(answer(event, pathname));
});
