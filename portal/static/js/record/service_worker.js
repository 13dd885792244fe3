// @ts-check
// The service worker: pages open without network, and sending is taken up again when it comes back.

import * as store from "./phone_store.js";

const PAGES = ["/record", "/speakers", "/speakers/new", "/speakers/consent"];
const OFTEN = 3 * 3600e3; // milliseconds between two looks at pages that nobody opened

/** Have the worker, and with it every page of a day in the field, whichever of them was opened. */
export async function register() {
  if (!("serviceWorker" in navigator)) return; // plain http: pages need network
  try {
    await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
    await keepPages();
  } catch {
    // No network, or no room: the next page that is opened tries again
  }
}

async function keepPages() {
  // The address of this file changes with every build, and so do the pages
  const kept = await store.note("pages kept");
  const cache = await caches.open("pages");
  const fresh = kept && kept.build === import.meta.url && Date.now() - kept.at < OFTEN;
  if (fresh && (await cache.match("/speakers/consent"))) return; // gone where somebody signed out
  for (const path of PAGES) {
    const response = await fetch(path, { headers: { Accept: "text/html" } });
    if (response.ok && !response.redirected) await cache.put(path, response);
  }
  await store.setNote("pages kept", { build: import.meta.url, at: Date.now() });
}
