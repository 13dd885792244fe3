// @ts-check
// What this phone keeps until the server has it: recordings, a yes, people met without network. In IndexedDB, flushed to
// the disk before anybody reads that it is kept.

import { Database } from "../parts/database.js";
import { next } from "../parts/state_machine.js";
import { ENTRY_MOVES } from "./states.js";

const NAME = "boli-record"; // the name under which it has always been kept
const STORES = { entries: { keyPath: "id" }, blobs: {}, chunks: { keyPath: ["entry", "number"] }, notes: {} };
const EVERYWHERE = ["entries", "blobs", "chunks"];
const channel = "BroadcastChannel" in self ? new BroadcastChannel(NAME) : null;

/** @type {Promise<Database> | undefined} */
let opened;
/** @type {Set<() => void>} */
const listeners = new Set();
if (channel) channel.onmessage = () => listeners.forEach((listener) => listener());

function database() {
  opened ??= Database.open(NAME, STORES);
  return opened;
}

/**
 * @param {string[]} stores
 * @param {(store: (name: string) => IDBObjectStore) => void} work
 */
async function write(stores, work) {
  await (await database()).write(stores, work, { strict: true });
}

function announceChange() {
  channel?.postMessage("changed");
  listeners.forEach((listener) => listener());
}

/**
 * Call `listener` whenever something changes, here or in another tab.
 *
 * @param {() => void} listener
 */
export function onChange(listener) {
  listeners.add(listener);
}

/**
 * Everything kept here, the oldest first.
 *
 * @returns {Promise<Entry[]>}
 */
export async function entries() {
  const all = await (await database()).all("entries");
  return all.sort((a, b) => a.created - b.created);
}

/**
 * @param {string} id
 * @returns {Promise<Entry | undefined>}
 */
export async function entry(id) {
  return (await database()).get("entries", id);
}

/**
 * Keep an entry, and its sound or picture with it: both or neither.
 *
 * @param {AnyFields & {id: string}} whole
 * @param {Blob} [blob]
 */
export async function keep(whole, blob) {
  await write(["entries", "blobs"], (store) => {
    store("entries").put(whole);
    if (blob) store("blobs").put(blob, whole.id);
  });
  announceChange();
}

/**
 * Change an entry as it stands now, undisturbed by others who do the same. Nothing where it is gone.
 *
 * @param {string} id
 * @param {(now: any) => AnyFields} changes
 * @param {(store: (name: string) => IDBObjectStore) => void} [also] in the same transaction
 */
async function update(id, changes, also) {
  /** @type {unknown} */
  let fault = null;
  const work = write(also ? EVERYWHERE : ["entries"], (store) => {
    const found = store("entries").get(id);
    found.onsuccess = () => {
      try {
        if (found.result) store("entries").put({ ...found.result, ...changes(found.result) });
      } catch (problem) {
        fault = problem;
        found.transaction?.abort();
      }
    };
    also?.(store);
  });
  await work.catch((problem) => {
    throw fault || problem;
  });
  announceChange();
}

/**
 * Change fields of an entry; its state has moves of its own.
 *
 * @param {string} id
 * @param {EntryChanges | ((now: any) => AnyFields)} changes
 */
export function change(id, changes) {
  return update(id, typeof changes === "function" ? changes : () => changes);
}

/**
 * Move an entry on, as ENTRY_MOVES has it. Throws ForbiddenMove.
 *
 * @param {string} id
 * @param {string} by the move
 * @param {EntryChanges} [changes]
 */
export function move(id, by, changes = {}) {
  return update(id, (now) => ({ ...changes, state: next(ENTRY_MOVES, now.state, by) }));
}

/**
 * The server has it: its sound is freed in one go with that.
 *
 * @param {string} id
 * @param {EntryChanges} changes
 */
export function receive(id, changes) {
  const received = (/** @type {Entry} */ now) => ({
    ...changes,
    received: Date.now(),
    state: next(ENTRY_MOVES, now.state, "receive"),
  });
  return update(id, received, (store) => dropSound(store, id));
}

/**
 * Its voice was taken back: the sound goes, and the entry says why.
 *
 * @param {string} id
 * @param {EntryChanges} changes
 */
export function eraseSound(id, changes) {
  const refused = (/** @type {Entry} */ now) => ({
    ...changes,
    state: next(ENTRY_MOVES, now.state, "refuse"),
  });
  return update(id, refused, (store) => dropSound(store, id));
}

/**
 * Take an entry off this phone, whole.
 *
 * @param {string} id
 */
export async function forget(id) {
  await write(EVERYWHERE, (store) => {
    store("entries").delete(id);
    dropSound(store, id);
  });
  announceChange();
}

/**
 * @param {(name: string) => IDBObjectStore} store
 * @param {string} id
 */
function dropSound(store, id) {
  store("blobs").delete(id);
  store("chunks").delete(chunksOf(id));
}

/**
 * @param {string} id
 * @returns {Promise<Blob | undefined>}
 */
export async function blobOf(id) {
  return (await database()).get("blobs", id);
}

/**
 * A piece of a recording that still goes on.
 *
 * @param {string} id
 * @param {number} number
 * @param {ArrayBuffer} bytes in the row itself: a blob would be a file of its own, four a second
 */
export function addChunk(id, number, bytes) {
  return write(["chunks"], (store) => store("chunks").put({ entry: id, number, bytes }));
}

/**
 * What was recorded before it broke off, as one blob; null where there is nothing.
 *
 * @param {string} id
 * @param {string} type media type
 */
export async function assembled(id, type) {
  const chunks = await (await database()).all("chunks", chunksOf(id));
  const parts = chunks.map(({ bytes, blob }) => bytes ?? blob); // a blob: what an older page kept
  return parts.length ? new Blob(parts, { type }) : null;
}

/**
 * @param {string} key
 * @returns {Promise<any>} undefined where nothing was noted
 */
export async function note(key) {
  return (await database()).get("notes", key);
}

/**
 * @param {string} key
 * @param {unknown} value
 */
export function setNote(key, value) {
  return write(["notes"], (store) => store("notes").put(value, key));
}

/** @param {string} id */
function chunksOf(id) {
  return IDBKeyRange.bound([id, 0], [id, Infinity]);
}

/** Ask the browser not to clear us when the phone is full. Gives bytes that are left, or null where nobody says. */
export async function room() {
  if (!navigator.storage) return null;
  await navigator.storage.persist?.().catch(() => false);
  const { quota, usage = 0 } = (await navigator.storage.estimate?.()) || {};
  return quota ? quota - usage : null;
}
