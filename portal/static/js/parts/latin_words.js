// @ts-check
// Which word of Latin letters is under the caret.

const WORD = /[A-Za-z~^]+(?:'[A-Za-z]+)*$/;
const ENDS = /^[\s.,?!;:।॥|\-)"\n]$/;

/**
 * The Latin word that ends at the caret; null where there is none, or a tag is being written.
 *
 * @param {string} text
 * @param {number} caret
 */
export function wordBefore(text, caret) {
  const before = text.slice(0, caret);
  const open = before.lastIndexOf("<");
  if (open >= 0 && before.indexOf(">", open) < 0) return null;
  const found = WORD.exec(before);
  return found ? { from: caret - found[0].length, to: caret, latin: found[0] } : null;
}

/**
 * Whether a place stands inside a tag that lifts the alphabet, as in <foreign>good morning</foreign>.
 *
 * @param {string} text
 * @param {number} at
 * @param {string[]} names of such tags
 */
export function inAnyScript(text, at, names) {
  const before = text.slice(0, at);
  return names.some((name) => {
    const open = before.lastIndexOf(`<${name}>`) > before.lastIndexOf(`</${name}>`);
    return open && text.indexOf(`</${name}>`, at) >= 0;
  });
}

/**
 * Whether a typed character ends a word.
 *
 * @param {string} character
 */
export function endsWord(character) {
  return ENDS.test(character);
}
