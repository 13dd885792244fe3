// @ts-check
// The edges of words, moved in steps: words stay in order, inside their clip, and none is lost. Samples of the 16 kHz clip.

export const RATE = 16_000;
export const SHORTEST = 160; // 10 ms: as transcription/word_times/spans.py has it

/** @typedef {{start: number, end: number}} WordSpan samples, the end not included */
/** @typedef {"start" | "end"} Edge */

/**
 * The words after one edge was moved. A word that touches it there goes along, one that is in the way is pushed; both keep
 * their shortest length. Gives the same list back where nothing can move.
 *
 * @param {readonly WordSpan[]} words in order, none over another
 * @param {{index: number, edge: Edge, by: number, length: number}} move by: samples, below 0 for earlier; length: of the clip
 * @returns {readonly WordSpan[]}
 */
export function moved(words, { index, edge, by, length }) {
  const word = words[index];
  const beside = words[edge === "start" ? index - 1 : index + 1];
  const [least, most] =
    edge === "start"
      ? [beside ? beside.start + SHORTEST : 0, word.end - SHORTEST]
      : [word.start + SHORTEST, beside ? beside.end - SHORTEST : length];
  const to = Math.max(Math.min(word[edge], least), Math.min(Math.max(word[edge], most), word[edge] + by));
  if (to === word[edge]) return words;
  const next = [...words];
  next[index] = { ...word, [edge]: to };
  if (edge === "start" && beside && (beside.end === word.start || beside.end > to))
    next[index - 1] = { ...beside, end: to };
  if (edge === "end" && beside && (beside.start === word.end || beside.start < to))
    next[index + 1] = { ...beside, start: to };
  return next;
}
