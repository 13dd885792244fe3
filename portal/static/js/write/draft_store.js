// @ts-check
// What this screen keeps on the device: words, clips with their sound, and what waits to be sent. Per person.

import { Database } from "../parts/database.js";

const NAME = "boli-desk"; // the name under which it has always been kept
const STORES = { drafts: {}, clips: {}, sendings: {} };

/** @typedef {keyof typeof STORES} StoreName */

/**
 * Open it. `lasting` is false where the browser keeps nothing: then all is in memory, and the screen says so.
 *
 * @param {string} person
 * @returns {Promise<DraftStore>}
 */
export async function openStore(person) {
  try {
    return new DraftStore(await Database.open(NAME, STORES), person);
  } catch {
    return new MemoryStore();
  }
}

export class DraftStore {
  lasting = true;

  /**
   * @param {Database | null} database
   * @param {string} person
   */
  constructor(database, person) {
    this.database = /** @type {Database} */ (database);
    this.person = person;
  }

  /**
   * @param {StoreName} store
   * @param {string} key
   * @returns {Promise<any>} undefined where there is nothing
   */
  get(store, key) {
    return this.database.get(store, [this.person, key]);
  }

  /**
   * @param {StoreName} store
   * @returns {Promise<any[]>} this person's, in the order of their keys
   */
  all(store) {
    return this.database.all(store, IDBKeyRange.bound([this.person], [this.person, []]));
  }

  /**
   * Resolves when it is kept.
   *
   * @param {StoreName} store
   * @param {string} key
   * @param {object} value
   * @param {{strict?: boolean}} [options] strict: also flushed, where the browser can say so
   * @returns {Promise<void>}
   */
  put(store, key, value, options) {
    return this.database.write([store], (named) => named(store).put(value, [this.person, key]), options);
  }

  /**
   * Change what is kept under a key, undisturbed by others who do the same.
   *
   * @param {StoreName} store
   * @param {string} key
   * @param {(value: any) => object} change of the value, undefined where there is none
   * @returns {Promise<void>}
   */
  update(store, key, change) {
    return this.database.write([store], (named) => {
      const found = named(store).get([this.person, key]);
      found.onsuccess = () => named(store).put(change(found.result), [this.person, key]);
    });
  }

  /**
   * @param {StoreName} store
   * @param {string} key
   * @returns {Promise<void>}
   */
  remove(store, key) {
    return this.database.write([store], (named) => named(store).delete([this.person, key]));
  }
}

/** As long as the page lasts. */
class MemoryStore extends DraftStore {
  lasting = false;
  /** @type {Map<string, any>} */
  #values = new Map();

  constructor() {
    super(null, "");
  }

  /** @type {DraftStore["get"]} */
  async get(store, key) {
    return this.#values.get(`${store} ${key}`);
  }

  /** @type {DraftStore["all"]} */
  async all(store) {
    const keys = [...this.#values.keys()].filter((key) => key.startsWith(`${store} `)).sort();
    return keys.map((key) => this.#values.get(key));
  }

  /** @type {DraftStore["put"]} */
  async put(store, key, value) {
    this.#values.set(`${store} ${key}`, structuredClone(value));
  }

  /** @type {DraftStore["update"]} */
  async update(store, key, change) {
    await this.put(store, key, change(await this.get(store, key)));
  }

  /** @type {DraftStore["remove"]} */
  async remove(store, key) {
    this.#values.delete(`${store} ${key}`);
  }
}
