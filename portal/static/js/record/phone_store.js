// What this phone keeps until the server has it: recordings, a yes, people met without network. In IndexedDB, flushed to
// the disk before anybody is told that it is kept.

const NAME = "boli-record";
const STRICT = { durability: "strict" };
const channel = "BroadcastChannel" in self ? new BroadcastChannel(NAME) : null;

let opened;

function open() {
  opened ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const base = request.result;
      base.createObjectStore("entries", { keyPath: "id" });
      base.createObjectStore("blobs");
      base.createObjectStore("chunks", { keyPath: ["entry", "number"] });
      base.createObjectStore("notes");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Do `work` in one transaction, and wait until it is on the disk. Gives what `work` gives; a request's result. */
async function within(stores, mode, work) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const transaction = base.transaction(stores, mode, mode === "readwrite" ? STRICT : undefined);
    let result;
    transaction.oncomplete = () => resolve(result instanceof IDBRequest ? result.result : result);
    transaction.onabort = () => reject(transaction.error || new Error("the phone's storage gave up"));
    transaction.onerror = () => reject(transaction.error);
    result = work(transaction);
  });
}

function tell() {
  channel?.postMessage("changed");
  listeners.forEach((listener) => listener());
}

const listeners = new Set();
if (channel) channel.onmessage = () => listeners.forEach((listener) => listener());

/** Call `listener` whenever something changes, here or in another tab. */
export function onChange(listener) {
  listeners.add(listener);
}

export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Everything kept here, the oldest first. */
export async function entries() {
  const all = await within("entries", "readonly", (t) => t.objectStore("entries").getAll());
  return all.sort((a, b) => a.created - b.created);
}

export function entry(id) {
  return within("entries", "readonly", (t) => t.objectStore("entries").get(id));
}

/** Keep an entry, and its sound or picture with it: both or neither. */
export async function keep(entry, blob) {
  await within(["entries", "blobs"], "readwrite", (t) => {
    t.objectStore("entries").put(entry);
    if (blob) t.objectStore("blobs").put(blob, entry.id);
  });
  tell();
}

/** Change an entry as it stands now. Gives it; undefined where it is gone. */
export async function change(id, changes) {
  let changed;
  await within("entries", "readwrite", (t) => {
    const store = t.objectStore("entries");
    const request = store.get(id);
    request.onsuccess = () => {
      if (!request.result) return;
      changed = { ...request.result, ...(typeof changes === "function" ? changes(request.result) : changes) };
      store.put(changed);
    };
  });
  tell();
  return changed;
}

export function blobOf(id) {
  return within("blobs", "readonly", (t) => t.objectStore("blobs").get(id));
}

/** Free the sound, with the changes to its entry, in one go: called once the server has given its receipt. */
export async function free(id, changes) {
  await within(["entries", "blobs", "chunks"], "readwrite", (t) => {
    const store = t.objectStore("entries");
    const request = store.get(id);
    request.onsuccess = () => request.result && store.put({ ...request.result, ...changes });
    t.objectStore("blobs").delete(id);
    t.objectStore("chunks").delete(chunksOf(id));
  });
  tell();
}

/** Take an entry off this phone, whole. */
export async function forget(id) {
  await within(["entries", "blobs", "chunks"], "readwrite", (t) => {
    t.objectStore("entries").delete(id);
    t.objectStore("blobs").delete(id);
    t.objectStore("chunks").delete(chunksOf(id));
  });
  tell();
}

/** A second of a recording that still goes on. */
export function addChunk(entry, number, blob) {
  return within("chunks", "readwrite", (t) => t.objectStore("chunks").put({ entry, number, blob }));
}

/** What was recorded before it broke off, as one blob; null where there is nothing. */
export async function assembled(id, type) {
  const chunks = await within("chunks", "readonly", (t) => t.objectStore("chunks").getAll(chunksOf(id)));
  return chunks.length
    ? new Blob(
        chunks.map((chunk) => chunk.blob),
        { type },
      )
    : null;
}

export function note(key) {
  return within("notes", "readonly", (t) => t.objectStore("notes").get(key));
}

export function setNote(key, value) {
  return within("notes", "readwrite", (t) => t.objectStore("notes").put(value, key));
}

function chunksOf(id) {
  return IDBKeyRange.bound([id, 0], [id, Infinity]);
}

/** Ask the browser not to clear us when the phone is full. Gives bytes that are left, or null where nobody says. */
export async function room() {
  if (!navigator.storage) return null;
  await navigator.storage.persist?.().catch(() => false);
  const { quota, usage } = (await navigator.storage.estimate?.()) || {};
  return quota ? quota - usage : null;
}
