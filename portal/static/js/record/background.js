// @ts-check
// Sending while no page is open: the browser wakes the service worker when the network is back. Recordings alone, in
// parts, as js/record/queue.js keeps them; whatever this leaves undone, the page does when it is opened.
/* exported sendInBackground */

const BACKGROUND_PART = 128 * 1024;
const BACKGROUND_SECONDS = 20;
const BASE = "boli-record";

/** Throws where the link breaks, or another sends for longer than that: the browser then tries again later. */
async function sendInBackground() {
  // Waited for: a page that was just closed gives its turn back a moment later.
  const patience = { signal: AbortSignal.timeout(BACKGROUND_SECONDS * 1000) };
  await navigator.locks.request("boli-sending", patience, async () => {
    const response = await send("/record/session", { headers: { Accept: "application/json" } });
    if (!response.ok) return; // nobody is signed in: the page says so
    const session = await response.json();
    const base = await openBase();
    for (const entry of await result(base.transaction("entries").objectStore("entries").getAll())) {
      const own = entry.person === session.person && entry.project === session.project;
      const ready =
        entry.kind === "recording" &&
        ["kept", "sending"].includes(entry.state) &&
        entry.speaker.id &&
        entry.sha256;
      if (own && ready && entry.url) await finish(base, entry, session.token);
    }
    base.close();
  });
}

/**
 * Go on with an upload that a page began. Throws where the link breaks: the browser then tries again later.
 *
 * @param {IDBDatabase} base
 * @param {RecordingEntry & {url: string}} entry
 * @param {string} token
 */
async function finish(base, entry, token) {
  const blob = await result(base.transaction("blobs").objectStore("blobs").get(entry.id));
  const address = new URL(entry.url, location.origin).pathname;
  const headers = { "Tus-Resumable": "1.0.0", "X-Boli-Token": token };
  let response = await send(address, { method: "HEAD", headers });
  while (response.ok && !response.headers.get("Boli-Receipt")) {
    const offset = Number(response.headers.get("Upload-Offset"));
    response = await send(address, {
      method: "PATCH",
      headers: {
        ...headers,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
      },
      body: blob.slice(offset, offset + BACKGROUND_PART),
    });
  }
  if (!response.ok) return; // the page knows what to do with that
  const received = {
    state: "received",
    received: Date.now(),
    receipt: response.headers.get("Boli-Receipt"),
    upload: response.headers.get("Boli-Upload"),
    sent: entry.size,
  };
  const transaction = base.transaction(["entries", "blobs", "chunks"], "readwrite", { durability: "strict" });
  transaction.objectStore("entries").put({ ...entry, ...received });
  transaction.objectStore("blobs").delete(entry.id);
  transaction.objectStore("chunks").delete(IDBKeyRange.bound([entry.id, 0], [entry.id, Infinity]));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(null);
    transaction.onabort = () => reject(transaction.error);
  });
  // A page that is open shows what waits
  const channel = new BroadcastChannel(BASE);
  channel.postMessage("changed");
  channel.close();
}

/**
 * @param {string} address
 * @param {RequestInit} options
 */
function send(address, options) {
  return fetch(address, { ...options, signal: AbortSignal.timeout(BACKGROUND_SECONDS * 1000) });
}

function openBase() {
  return result(indexedDB.open(BASE, 1));
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
