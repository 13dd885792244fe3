// Places in a text: the server counts code points, a text box counts UTF-16 units.

/** The place in UTF-16 units of a place in code points. */
export function unitsAt(text, points) {
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    units += character.length;
  }
  return units;
}

/** The place in code points of a place in UTF-16 units. */
export function pointsAt(text, units) {
  return Array.from(text.slice(0, units)).length;
}

/** Where remarks lie in the text box: each with `from` and `to` in UTF-16 units. */
export function placed(text, remarks) {
  const starts = [];
  let units = 0;
  for (const character of text) {
    starts.push(units);
    units += character.length;
  }
  const at = (points) => (points < starts.length ? starts[Math.max(0, points)] : units);
  return remarks.map((remark) => ({
    ...remark,
    from: at(remark.start),
    to: at(remark.start + remark.length),
  }));
}

/** A stretch widened to whole letters, so that a mark on it does not tear a letter from its signs. */
export function wholeLetters(text, from, to, language) {
  if (!("Segmenter" in Intl) || from >= to) return [from, to];
  const letters = new Intl.Segmenter(language, { granularity: "grapheme" }).segment(text);
  const first = letters.containing(from);
  const last = letters.containing(to - 1);
  return [first ? first.index : from, last ? last.index + last.segment.length : to];
}

/** Remarks on a text, after it was changed: those before and behind the change keep to their letters, the others are gone. */
export function afterChange(remarks, before, after) {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const grown = after.length - before.length;
  return remarks.flatMap((remark) => {
    if (remark.to <= head) return [remark];
    if (remark.from >= before.length - tail)
      return [{ ...remark, from: remark.from + grown, to: remark.to + grown }];
    return [];
  });
}
