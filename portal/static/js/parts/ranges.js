// @ts-check
// What of a clip has been heard. A seek covers nothing: only what sounded counts.

/** @typedef {[number, number]} Range from and to, in seconds */

const MISSING = 0.25; // seconds at a time that count as heard all the same: players round, codecs pad
const SLACK = 0.02; // seconds between stretches that count as one

/**
 * Stretches of time in order, those that touch joined.
 *
 * @param {Range[]} ranges
 */
export function joined(ranges) {
  const sorted = ranges.filter(([from, to]) => to > from).sort((a, b) => a[0] - b[0]);
  /** @type {Range[]} */
  const out = [];
  for (const [from, to] of sorted) {
    const last = out[out.length - 1];
    if (last && from <= last[1] + SLACK) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/**
 * What of a clip was not heard.
 *
 * @param {Range[]} ranges
 * @param {number} seconds length of the clip
 */
export function unheard(ranges, seconds) {
  /** @type {Range[]} */
  const gaps = [];
  let at = 0;
  for (const [from, to] of joined(ranges)) {
    if (from > at) gaps.push([at, Math.min(from, seconds)]);
    at = Math.max(at, to);
  }
  if (at < seconds) gaps.push([at, seconds]);
  return gaps.filter(([from, to]) => to - from > MISSING);
}

/**
 * The ranges that a media element has played.
 *
 * @param {HTMLMediaElement} media
 * @returns {Range[]}
 */
export function playedBy({ played }) {
  return Array.from({ length: played.length }, (_, index) => [played.start(index), played.end(index)]);
}
