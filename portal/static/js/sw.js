// @ts-check
// Without network: the screens where people work still open, as they were last seen here. What they hold is kept by the
// screens themselves (IndexedDB); this worker only brings pages and our own files. It is served at /sw.js with the
// build's name and files in front.
/* global BUILD, FILES, sendInBackground */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const FILES_CACHE = `files-${BUILD}`;
const PAGES_CACHE = "pages";
const SOUNDS_CACHE = "notices";
const PATIENCE = 8000; // milliseconds
const ANSWERS_WITHIN = 3000; // milliseconds: a page that is asked to send
// How a notice sounds is nobody's secret: kept, so that it is heard where there is no network.
const NOTICE = /^\/speakers\/notice\/[^/]+(\/[0-9])?\.ogg$/;
const PAGES = ["/write", "/record", "/speakers", "/speakers/new", "/speakers/consent"];
// A page about one speaker opens as the one for everybody: its script knows whom this phone knows.
const INSTEAD = [{ pattern: /^\/speakers\/[^/]+\/consent$/, page: "/speakers/consent" }];

// Whoever signs in, out, or comes with an invite: the pages kept are of the person before.
const WAYS_IN_AND_OUT = /^\/(sign-in|sign-out|project|invite\/.*)$/;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(FILES_CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOldFiles().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== worker.location.origin) return;
  if (event.request.method === "POST" && WAYS_IN_AND_OUT.test(url.pathname)) event.waitUntil(forgetPages());
  if (event.request.method !== "GET") return;
  if (NOTICE.test(url.pathname)) event.respondWith(sound(url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fromFiles(event.request));
  else if (event.request.mode === "navigate" && PAGES.includes(url.pathname)) {
    event.respondWith(page(event.request, url.pathname));
  } else if (event.request.mode === "navigate") {
    const instead = INSTEAD.find(({ pattern }) => pattern.test(url.pathname));
    if (instead) event.respondWith(fetch(event.request).catch(() => kept(instead.page)));
  }
});

/** Files of other days go, but for those of a page that is kept: without network it opens with its own. */
async function dropOldFiles() {
  const needed = new Set([FILES_CACHE]);
  const pages = await caches.open(PAGES_CACHE);
  for (const request of await pages.keys()) {
    const text = (await (await pages.match(request))?.text()) ?? "";
    for (const [, build] of text.matchAll(/\/static\/([0-9a-z]+)\//g)) needed.add(`files-${build}`);
  }
  for (const name of await caches.keys()) {
    if (name.startsWith("files-") && !needed.has(name)) await caches.delete(name);
  }
}

/** @param {Request} request */
async function fromFiles(request) {
  const atHand = await caches.match(request);
  if (atHand) return atHand;
  const response = await fetch(request).catch(() => null);
  if (response?.ok) return response;
  // A page kept from before an update names files of its own day: today's do their work.
  const now = new URL(request.url).pathname.replace(/^\/static\/[^/]+\//, `/static/${BUILD}/`);
  return (await caches.match(now)) || response || Response.error();
}

/**
 * @param {Request} request
 * @param {string} path
 */
async function page(request, path) {
  const atHand = await (await caches.open(PAGES_CACHE)).match(path);
  try {
    // A link that swallows everything is no network either: with a page at hand nobody waits for minutes.
    const response = await fetch(request, atHand ? { signal: AbortSignal.timeout(PATIENCE) } : undefined);
    // On to the sign-in page, or not for this person any more: what was kept is somebody's who is not here now.
    if (response.type === "opaqueredirect" || [401, 403].includes(response.status)) await forgetPages();
    if (response.ok && !response.redirected)
      await (await caches.open(PAGES_CACHE)).put(path, response.clone());
    return response;
  } catch {
    return atHand || Response.error();
  }
}

/**
 * A notice's sound, whole: a part of it could not be kept.
 *
 * @param {string} path
 */
async function sound(path) {
  const cache = await caches.open(SOUNDS_CACHE);
  try {
    const response = await fetch(path, { cache: "no-cache" });
    if (response.ok) await cache.put(path, response.clone());
    else if (response.status === 404) await cache.delete(path);
    return response;
  } catch {
    return (await cache.match(path)) || Response.error();
  }
}

function forgetPages() {
  return caches.delete(PAGES_CACHE);
}

/** @param {string} path */
async function kept(path) {
  return (await (await caches.open(PAGES_CACHE)).match(path)) || Response.error();
}

importScripts(...FILES.filter((path) => path.endsWith("/js/record/background.js")));

// The network is back: a page that sends goes on; where none answers, this worker does.
worker.addEventListener("sync", (event) => {
  if (event.tag === "boli-send") event.waitUntil(wake());
});

async function wake() {
  const open = await worker.clients.matchAll({ type: "window" });
  const answers = await Promise.all(open.map(sends));
  if (!answers.includes(true)) await sendInBackground();
}

/**
 * Whether a page has begun to send. One that is being closed, or is of other work, says nothing.
 *
 * @param {Client} client
 * @returns {Promise<boolean>}
 */
function sends(client) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(true);
    setTimeout(() => resolve(false), ANSWERS_WITHIN);
    client.postMessage("send", [port2]);
  });
}

// Who signs out leaves no page of theirs on a shared phone; recordings and drafts not yet sent stay, under their name.
worker.addEventListener("message", (event) => {
  if (event.data === "forget-pages") event.waitUntil(forgetPages());
});

// News by Web Push: how many things of which kind are new, in the reader's language. A later one takes the place of the
// one before; it opens the page where the thing is seen to.
/** @type {Record<string, string>} */
const PAGE_OF_NEWS = {
  sent_back: "/write",
  refused: "/record/mine",
  clips: "/write",
  reviews: "/review",
  reported: "/review/reports",
  version: "/datasets",
};

worker.addEventListener("push", (event) => {
  const { title, body, language, kind, topic } = event.data?.json() ?? {};
  const options = { body, lang: language, dir: /** @type {const} */ ("auto"), tag: topic, data: { kind } };
  event.waitUntil(worker.registration.showNotification(title || "Boli", options));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(PAGE_OF_NEWS[event.notification.data?.kind] ?? "/news"));
});

/**
 * In the window that is open, where it shows that page already; else in a new one: nobody's half-written text is left.
 *
 * @param {string} path
 */
async function openPage(path) {
  for (const client of await worker.clients.matchAll({ type: "window" }))
    if (new URL(client.url).pathname === path) return client.focus();
  return worker.clients.openWindow(path);
}
