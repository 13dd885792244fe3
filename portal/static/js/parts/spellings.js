// @ts-check
// How a Latin word may be spelt in a script, the likeliest first.

const DRAVIDIAN = new Set(["telugu", "kannada", "malayalam", "tamil"]);
const SHORT_ENDS = new Set(["bengali", "oriya"]); // ami is আমি
/** @type {Record<string, string>} */
const CHILLUS = { ന്: "ൻ", ര്: "ർ", ല്: "ൽ", ള്: "ൾ", ണ്: "ൺ" };

/**
 * What sanscript writes by the book, as people of that script write it.
 *
 * @param {string} text
 * @param {string} script
 */
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
 * @param {string} latin
 * @param {string} script sanscript's name for it
 * @param {SanscriptLibrary["t"]} t sanscript's
 * @param {{learnt?: string, most?: number}} [options] learnt: the spelling this person chose for that word before
 */
export function spellings(latin, script, t, { learnt, most = 4 } = {}) {
  const dravidian = DRAVIDIAN.has(script);
  const scheme = schemeOf(script, dravidian);
  // A capital at the start is a habit, but for T and D, which are other letters.
  const word = /^[A-Z][a-z]*$/.test(latin) && !/^[TD]/.test(latin) ? latin.toLowerCase() : latin;
  const ways = dravidian ? southern(word) : northern(word, SHORT_ENDS.has(script));
  const written = ways.map((way) => asWritten(t(way, scheme, script), script));
  const found = written.filter((way) => way && !/[A-Za-z]/.test(way));
  return [...new Set([...(learnt ? [learnt] : []), ...found])].slice(0, most);
}

/**
 * @param {string} script
 * @param {boolean} dravidian
 */
function schemeOf(script, dravidian) {
  if (script === "tamil") return "itrans_dravidian";
  return dravidian ? "optitrans_dravidian" : "optitrans";
}

const ENDS_IN_A = /[^aeiouAEIOU]a$/;
const ENDS_IN_I_OR_U = /[^aeiouAEIOU][iu]$/;

/** Its last letter said long. @param {string} word */
const lengthened = (word) => (ENDS_IN_I_OR_U.test(word) ? word + word.at(-1) : word);

/**
 * Short e and o are letters of their own; t and d are often the retroflex ones; a last a is short.
 *
 * @param {string} word
 */
function southern(word) {
  const long = word.replace(/e+/g, "E").replace(/o(?!o)/g, "O");
  const retroflex = word.replace(/t(?!h)/g, "T").replace(/d(?!h)/g, "D");
  const others = word.replace(/(?<=.)n(?!n)/g, "N").replace(/l(?!l)/g, "L");
  return [word, long, retroflex, ENDS_IN_A.test(word) ? `${word}a` : word, lengthened(word), others];
}

/**
 * A last a, i or u is nearly always long; a vowel between two letters is written though nobody types it: kar(a)na.
 *
 * @param {string} word
 * @param {boolean} short whether a last i or u stays short
 */
function northern(word, short) {
  const end = short ? word : lengthened(word);
  const last = ENDS_IN_A.test(word) && word.length > 2 ? `${word}a` : end;
  const loose = last.replace(/([aeiou][rltdkgbpsjvz])(?=[^aeiouhylrAEIOU])(?=.*[aeiou])/g, "$1a");
  const opened = last.replace(/a(?!a)(?!$)/, "aa");
  return [loose, last, opened, word, lengthened(word), last.replace(/t/g, "T").replace(/d/g, "D")];
}
