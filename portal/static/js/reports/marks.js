// @ts-check
// Stretches of a clip that are marked by keys: where each starts and ends, in whole milliseconds, in order, none in another.

/** @typedef {[number, number]} Mark start and end in milliseconds */

export class Marks {
  /** @param {number} length of the clip, in milliseconds */
  constructor(length) {
    this.length = length;
    /** @type {Mark[]} */
    this.all = [];
    /** @type {number | null} a start whose end isn't marked yet */
    this.open = null;
  }

  /** @param {number} at */
  from(at) {
    this.open = this.#within(at);
  }

  /** An end without a start marks from the beginning of the clip. @param {number} at */
  to(at) {
    const end = this.#within(at);
    const start = this.open ?? 0;
    this.open = null;
    if (start === end) return;
    this.#add(start < end ? [start, end] : [end, start]);
  }

  /** Takes back a start without its end, else the last mark. */
  drop() {
    if (this.open !== null) this.open = null;
    else this.all.pop();
  }

  /** As the form sends them. */
  get written() {
    return this.all.map(([start, end]) => `${start}-${end}`).join(",");
  }

  /** @param {string} written */
  read(written) {
    this.all = [];
    for (const [, start, end] of written.matchAll(/(\d+)-(\d+)/g)) this.#add([Number(start), Number(end)]);
  }

  /** @param {Mark} mark joined with those that it meets */
  #add(mark) {
    const meets = (/** @type {Mark} */ [start, end]) => start <= mark[1] && end >= mark[0];
    const met = this.all.filter(meets);
    const joined = [mark, ...met];
    const start = Math.min(...joined.map(([first]) => first));
    const end = Math.max(...joined.map(([, last]) => last));
    const apart = this.all.filter((each) => !meets(each));
    this.all = /** @type {Mark[]} */ ([...apart, [start, end]]).sort(([a], [b]) => a - b);
  }

  /** @param {number} at */
  #within(at) {
    return Math.max(0, Math.min(this.length, Math.round(at)));
  }
}
