// @ts-check
// IndexedDB with promises. A write is done when its transaction is on the disk, not when it was asked for.

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

export class Database {
  /** @param {IDBDatabase} connection */
  constructor(connection) {
    this.connection = connection;
    // Another tab brings a newer layout: it is not held up
    connection.onversionchange = () => connection.close();
  }

  /**
   * Open a database, laid out where there is none yet. Throws where the browser keeps nothing.
   *
   * @param {string} name
   * @param {Record<string, IDBObjectStoreParameters>} stores by name
   */
  static async open(name, stores) {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
      for (const [store, options] of Object.entries(stores)) opening.result.createObjectStore(store, options);
    };
    return new Database(await result(opening));
  }

  /**
   * @param {string} store
   * @param {IDBValidKey} key
   * @returns {Promise<any>} undefined where there is nothing
   */
  get(store, key) {
    return result(this.connection.transaction(store).objectStore(store).get(key));
  }

  /**
   * @param {string} store
   * @param {IDBKeyRange} [range]
   * @returns {Promise<any[]>} in the order of their keys
   */
  all(store, range) {
    return result(this.connection.transaction(store).objectStore(store).getAll(range));
  }

  /**
   * Write in one transaction: all of it or nothing. Resolves when it is kept; strict: flushed to the disk too, where the
   * browser can say so.
   *
   * @param {string[]} stores
   * @param {(store: (name: string) => IDBObjectStore) => void} work
   * @param {{strict?: boolean}} [options]
   * @returns {Promise<void>}
   */
  write(stores, work, { strict = false } = {}) {
    return new Promise((resolve, reject) => {
      const durability = strict ? "strict" : "default";
      const transaction = this.connection.transaction(stores, "readwrite", { durability });
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error || new Error("the device's storage gave up"));
      work((name) => transaction.objectStore(name));
    });
  }
}
