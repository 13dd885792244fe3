// What the desk keeps on this device: words, clips with their sound, and what waits to be sent. Per person.

const SHELVES = ["drafts", "clips", "sendings"];

function whenDone(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Open it. `lasting` is false where the browser keeps nothing: then all is in memory, and the desk says so. */
export async function openStore(person) {
  try {
    const opening = indexedDB.open("boli-desk", 1);
    opening.onupgradeneeded = () => SHELVES.forEach((name) => opening.result.createObjectStore(name));
    const base = await whenDone(opening);
    base.onversionchange = () => base.close();
    return new Store(base, person);
  } catch {
    return new Memory();
  }
}

class Store {
  lasting = true;

  constructor(base, person) {
    this.base = base;
    this.person = person;
  }

  get(shelf, key) {
    return whenDone(this.base.transaction(shelf).objectStore(shelf).get([this.person, key]));
  }

  all(shelf) {
    const mine = IDBKeyRange.bound([this.person], [this.person, []]);
    return whenDone(this.base.transaction(shelf).objectStore(shelf).getAll(mine));
  }

  /** Resolves when it is kept. strict: also flushed, where the browser can say so */
  put(shelf, key, value, { strict = false } = {}) {
    return this.#change(shelf, strict, (objects) => objects.put(value, [this.person, key]));
  }

  /** Change what is kept under a key, undisturbed by others who do the same. change: of the value, undefined where none */
  update(shelf, key, change) {
    return this.#change(shelf, false, (objects) => {
      const found = objects.get([this.person, key]);
      found.onsuccess = () => objects.put(change(found.result), [this.person, key]);
    });
  }

  remove(shelf, key) {
    return this.#change(shelf, false, (objects) => objects.delete([this.person, key]));
  }

  #change(shelf, strict, act) {
    return new Promise((resolve, reject) => {
      const change = this.base.transaction(shelf, "readwrite", { durability: strict ? "strict" : "default" });
      change.oncomplete = () => resolve();
      change.onerror = change.onabort = () => reject(change.error);
      act(change.objectStore(shelf));
    });
  }
}

class Memory {
  lasting = false;
  shelves = new Map(SHELVES.map((name) => [name, new Map()]));

  async get(shelf, key) {
    return this.shelves.get(shelf).get(key);
  }

  async all(shelf) {
    return [...this.shelves.get(shelf).entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value);
  }

  async put(shelf, key, value) {
    this.shelves.get(shelf).set(key, structuredClone(value));
  }

  async update(shelf, key, change) {
    await this.put(shelf, key, change(this.shelves.get(shelf).get(key)));
  }

  async remove(shelf, key) {
    this.shelves.get(shelf).delete(key);
  }
}
