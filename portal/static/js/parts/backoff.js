// @ts-check
// How long to wait before the next try, when tries fail.

/** Counts failures, and gives the wait after each: that of the list in turn, the last one ever after. */
export class Backoff {
  failures = 0;

  /** @param {number[]} waits seconds after the first failure, the second and so on */
  constructor(waits) {
    this.waits = waits;
  }

  /** It went well: the next failure is a first one. */
  reset() {
    this.failures = 0;
  }

  fail() {
    this.failures += 1;
  }

  /**
   * A short wait would not help: as after that many failures.
   *
   * @param {number} failures
   */
  failAtLeast(failures) {
    this.failures = Math.max(this.failures, failures);
  }

  /** Milliseconds until the next try; 0 where nothing failed. */
  get wait() {
    if (!this.failures) return 0;
    return 1000 * this.waits[Math.min(this.failures, this.waits.length) - 1];
  }
}
