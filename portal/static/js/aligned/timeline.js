// @ts-check
// Times of a clip: which word is said at a moment, and which stretch of a long clip is seen. Seconds; no screen here.

const SHORTEST_VIEW = 1; // seconds

/** @typedef {{start: number, end: number}} Span seconds; a word, or the stretch that is seen */

/**
 * The index of the word that is said at that moment; -1 between words.
 *
 * @param {Span[]} words in time order
 * @param {number} at
 */
export function wordAt(words, at) {
  const index = lastStarted(words, at);
  return index >= 0 && at < words[index].end ? index : -1;
}

/**
 * The word before or after a moment, for steps by keys.
 *
 * @param {Span[]} words in time order
 * @param {number} at
 * @param {1 | -1} step
 * @returns {number} its index; -1 where there is no word at all
 */
export function wordBeside(words, at, step) {
  const here = lastStarted(words, at);
  return Math.max(words.length ? 0 : -1, Math.min(words.length - 1, here + step));
}

/**
 * @param {Span[]} words
 * @param {number} at
 */
function lastStarted(words, at) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * What is seen after zooming about a moment; never more than the clip, never less than a second of it.
 *
 * @param {Span} view
 * @param {{seconds: number, about: number, factor: number}} zoom factor: 2 shows half as much
 * @returns {Span}
 */
export function zoomed(view, { seconds, about, factor }) {
  const length = Math.min(
    seconds,
    Math.max(Math.min(SHORTEST_VIEW, seconds), (view.end - view.start) / factor),
  );
  const share = (about - view.start) / (view.end - view.start);
  return within(about - length * Math.min(1, Math.max(0, share)), length, seconds);
}

/**
 * What is seen while the sound goes on: the same stretch, until it leaves it.
 *
 * @param {Span} view
 * @param {number} at
 * @param {number} seconds of the clip
 * @returns {Span}
 */
export function following(view, at, seconds) {
  if (at >= view.start && at <= view.end) return view;
  const length = view.end - view.start;
  return within(at - length / 10, length, seconds);
}

/**
 * @param {number} start
 * @param {number} length
 * @param {number} seconds
 */
function within(start, length, seconds) {
  const first = Math.max(0, Math.min(start, seconds - length));
  return { start: first, end: first + length };
}

/**
 * The loudest of each of `count` equal stretches of a view, 0 to 1 of the loudest of the whole clip.
 *
 * @param {number[]} peaks evenly spaced over the clip, 0 or more
 * @param {Span} view
 * @param {{seconds: number, count: number}} bars seconds: of the clip
 */
export function barsOf(peaks, view, { seconds, count }) {
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 1e-6);
  const position = (/** @type {number} */ bar) =>
    ((view.start + ((view.end - view.start) * bar) / count) / seconds) * peaks.length;
  return Array.from({ length: count }, (_, bar) => {
    const first = Math.min(peaks.length - 1, Math.floor(position(bar)));
    const last = Math.max(first + 1, Math.ceil(position(bar + 1)));
    return Math.max(0, ...peaks.slice(first, last)) / loudest;
  });
}
