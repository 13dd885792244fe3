// Typing with Latin letters: which word is under the caret, and how it may be spelt in the script.

const WORD = /[A-Za-z~^]+(?:'[A-Za-z]+)*$/;
const ENDS = /^[\s.,?!;:।॥|\-)"\n]$/;

/** The Latin word that ends at the caret: {from, to, latin}; null where there is none, or a tag is being written. */
export function wordBefore(text, caret) {
  const before = text.slice(0, caret);
  const open = before.lastIndexOf("<");
  if (open >= 0 && before.indexOf(">", open) < 0) return null;
  const found = WORD.exec(before);
  return found ? { from: caret - found[0].length, to: caret, latin: found[0] } : null;
}

/** Whether a place stands inside a tag that lifts the alphabet, as in <foreign>good morning</foreign>. names: of such tags */
export function inAnyScript(text, at, names) {
  const before = text.slice(0, at);
  return names.some(
    (name) =>
      before.lastIndexOf(`<${name}>`) > before.lastIndexOf(`</${name}>`) &&
      text.indexOf(`</${name}>`, at) >= 0,
  );
}

/** Whether a typed character ends a word. */
export function endsWord(character) {
  return ENDS.test(character);
}

const DRAVIDIAN = new Set(["telugu", "kannada", "malayalam", "tamil"]);
const SHORT_ENDS = new Set(["bengali", "oriya"]); // ami is আমি
const CHILLUS = { ന്: "ൻ", ര്: "ർ", ല്: "ൽ", ള്: "ൾ", ണ്: "ൺ" };

/** What sanscript writes by the book, as people of that script write it. */
function asWritten(text, script) {
  switch (script) {
    case "malayalam":
      return text.replace(/[നരലളണ]്$/, (letters) => CHILLUS[letters]);
    case "tamil":
      return text.replace(/(?<=.)ந(?!்?த)/g, "ன"); // ந begins words, and stands before த
    case "telugu":
    case "kannada":
      return text;
    default:
      return text.replace(/[\u094d\u09cd\u0a4d\u0acd\u0b4d]$/, ""); // the last vowel is not said, and not struck out
  }
}

/**
 * Spellings of a Latin word, the likeliest first, at most `most`.
 * t:       sanscript's t(text, from, to)
 * script:  its name for the script
 * learnt:  the spelling this person chose for that word before, if any
 */
export function spellings(latin, script, t, { learnt, most = 4 } = {}) {
  const dravidian = DRAVIDIAN.has(script);
  const scheme = script === "tamil" ? "itrans_dravidian" : dravidian ? "optitrans_dravidian" : "optitrans";
  // A capital at the start is a habit, but for T and D, which are other letters.
  const word = /^[A-Z][a-z]*$/.test(latin) && !/^[TD]/.test(latin) ? latin.toLowerCase() : latin;
  const ways = dravidian ? southern(word) : northern(word, SHORT_ENDS.has(script));
  const found = ways
    .map((way) => asWritten(t(way, scheme, script), script))
    .filter((way) => way && !/[A-Za-z]/.test(way));
  return [...new Set([...(learnt ? [learnt] : []), ...found])].slice(0, most);
}

const ENDS_IN_A = /[^aeiouAEIOU]a$/;
const ENDS_IN_I_OR_U = /[^aeiouAEIOU][iu]$/;

/** Short e and o are letters of their own; t and d are often the retroflex ones; a last a is short. */
function southern(word) {
  const long = word.replace(/e+/g, "E").replace(/o(?!o)/g, "O");
  const retroflex = word.replace(/t(?!h)/g, "T").replace(/d(?!h)/g, "D");
  const others = word.replace(/(?<=.)n(?!n)/g, "N").replace(/l(?!l)/g, "L");
  return [
    word,
    long,
    retroflex,
    ENDS_IN_A.test(word) ? `${word}a` : word,
    ENDS_IN_I_OR_U.test(word) ? word + word.at(-1) : word,
    others,
  ];
}

/** A last a, i or u is nearly always long; a vowel between two letters is written though nobody types it: kar(a)na. */
function northern(word, short) {
  const lengthened = ENDS_IN_I_OR_U.test(word) ? word + word.at(-1) : word;
  const last = ENDS_IN_A.test(word) && word.length > 2 ? `${word}a` : short ? word : lengthened;
  const loose = last.replace(/([aeiou][rltdkgbpsjvz])(?=[^aeiouhylrAEIOU])(?=.*[aeiou])/g, "$1a");
  const opened = last.replace(/a(?!a)(?!$)/, "aa");
  return [loose, last, opened, word, lengthened, last.replace(/t/g, "T").replace(/d/g, "D")];
}
