// Sending while no page is open: the browser wakes the service worker when the network is back. Recordings alone, in
// parts, as js/record/queue.js keeps them; whatever this leaves undone, the page does when it is opened.
/* exported sendInBackground */

const BACKGROUND_PART = 128 * 1024;
const BACKGROUND_SECONDS = 20;

async function sendInBackground() {
  await navigator.locks.request("boli-sending", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const answer = await fetch("/record/session", { headers: { Accept: "application/json" } });
    if (!answer.ok) return; // nobody is signed in: the page says so
    const session = await answer.json();
    const base = await openBase();
    for (const entry of await asked(base.transaction("entries").objectStore("entries").getAll())) {
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

/** Go on with an upload that a page began. Throws where the link breaks: the browser then tries again later. */
async function finish(base, entry, token) {
  const blob = await asked(base.transaction("blobs").objectStore("blobs").get(entry.id));
  const address = new URL(entry.url, self.location.origin).pathname;
  const headers = { "Tus-Resumable": "1.0.0", "X-Boli-Token": token };
  let answer = await send(address, { method: "HEAD", headers });
  while (answer.ok && !answer.headers.get("Boli-Receipt")) {
    const offset = Number(answer.headers.get("Upload-Offset"));
    answer = await send(address, {
      method: "PATCH",
      headers: {
        ...headers,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
      },
      body: blob.slice(offset, offset + BACKGROUND_PART),
    });
  }
  if (!answer.ok) return; // the page knows what to do with that
  const received = {
    state: "received",
    received: Date.now(),
    receipt: answer.headers.get("Boli-Receipt"),
    upload: answer.headers.get("Boli-Upload"),
    sent: entry.size,
  };
  const transaction = base.transaction(["entries", "blobs", "chunks"], "readwrite", { durability: "strict" });
  transaction.objectStore("entries").put({ ...entry, ...received });
  transaction.objectStore("blobs").delete(entry.id);
  transaction.objectStore("chunks").delete(IDBKeyRange.bound([entry.id, 0], [entry.id, Infinity]));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

function send(address, options) {
  return fetch(address, { ...options, signal: AbortSignal.timeout(BACKGROUND_SECONDS * 1000) });
}

function openBase() {
  return asked(indexedDB.open("boli-record", 1));
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
