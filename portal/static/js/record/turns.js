// @ts-check
// Whose turn it is while the server fails: no entry keeps the others waiting for ever, and none is sent before the time
// that the server named.

const MOST_FAILURES = 3; // of the server's own, after which the next entry goes first

/** Counts the server's failures by entry. Nothing of it needs to outlive the page: a new one begins anew. */
export class Turns {
  /** @type {Map<string, number>} */
  #failures = new Map();
  /** @type {Map<string, number>} milliseconds, by entry */
  #notBefore = new Map();
  #nothingBefore = 0;

  /** Entries that go after all others. @returns {ReadonlySet<string>} */
  get aside() {
    return new Set([...this.#failures].filter(([, count]) => count >= MOST_FAILURES).map(([id]) => id));
  }

  /**
   * The server failed at this entry. Gives whether its turn is over with that.
   *
   * @param {string} id
   */
  fail(id) {
    const count = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, count);
    return count === MOST_FAILURES;
  }

  /**
   * The server asked not to be asked again before a moment.
   *
   * @param {number} moment in milliseconds
   * @param {string} [id] of the one entry that it is about
   */
  wait(moment, id) {
    if (id === undefined) this.#nothingBefore = moment;
    else this.#notBefore.set(id, moment);
  }

  /**
   * Whether the server may be asked to take this entry.
   *
   * @param {string} id
   * @param {number} now in milliseconds
   */
  isDue(id, now) {
    return now >= Math.max(this.#nothingBefore, this.#notBefore.get(id) ?? 0);
  }

  /**
   * The server has it.
   *
   * @param {string} id
   */
  succeed(id) {
    this.#failures.delete(id);
    this.#notBefore.delete(id);
  }
}
