// @ts-check
// Places in a text: the server counts code points, a text box counts UTF-16 units.

/**
 * Where remarks lie in the text box.
 *
 * @param {string} text
 * @param {Remark[]} remarks
 * @returns {PlacedRemark[]}
 */
export function placed(text, remarks) {
  /** @type {number[]} */
  const starts = [];
  let units = 0;
  for (const character of text) {
    starts.push(units);
    units += character.length;
  }
  const at = (/** @type {number} */ points) => (points < starts.length ? starts[Math.max(0, points)] : units);
  return remarks.map((remark) => ({
    ...remark,
    from: at(remark.start),
    to: at(remark.start + remark.length),
  }));
}

/**
 * A stretch widened to whole letters, so that a mark on it does not tear a letter from its signs.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @param {string} [language] BCP 47
 * @returns {[number, number]}
 */
export function wholeLetters(text, from, to, language) {
  if (!("Segmenter" in Intl) || from >= to) return [from, to];
  const letters = new Intl.Segmenter(language, { granularity: "grapheme" }).segment(text);
  const first = letters.containing(from);
  const last = letters.containing(to - 1);
  return [first ? first.index : from, last ? last.index + last.segment.length : to];
}

/**
 * Remarks on a text, after it was changed: those before and behind the change keep to their letters, the others are gone.
 *
 * @param {PlacedRemark[]} remarks
 * @param {string} before
 * @param {string} after
 */
export function afterChange(remarks, before, after) {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const grown = after.length - before.length;
  return remarks.flatMap((remark) => {
    if (remark.to <= head) return [remark];
    const behind = remark.from >= before.length - tail;
    return behind ? [{ ...remark, from: remark.from + grown, to: remark.to + grown }] : [];
  });
}
