// @ts-check
// How somebody likes to work, kept on this device.

const KEPT = "boli-desk"; // the name under which it has always been kept
const LAST_PAGE = "boli-desk-page";
const MOST_SPELLINGS = 2000;

/**
 * @typedef {{autoplay: boolean, tabPlays: boolean, pauses: boolean, wave: boolean, letters: boolean, size: string,
 *   speed: number, loop: boolean, latin: boolean}} Settings
 */

/** @type {Settings} */
const FIRST = {
  autoplay: true,
  tabPlays: true,
  pauses: false,
  wave: true,
  letters: false,
  size: "m",
  speed: 1,
  loop: false,
  latin: false,
};

/**
 * What is kept under a name; null where the browser keeps nothing, or something else stands there.
 *
 * @param {string} name
 * @returns {any}
 */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(name) || "null");
  } catch {
    return null;
  }
}

/**
 * Keep it; where the browser keeps nothing it lasts as long as the page.
 *
 * @param {string} name
 * @param {unknown} value null takes it away
 */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    /* as it says above */
  }
}

/** @type {Settings} */
export const settings = { ...FIRST, ...recall(KEPT) };

/**
 * @template {keyof Settings} Name
 * @param {Name} name
 * @param {Settings[Name]} value
 */
export function choose(name, value) {
  settings[name] = value;
  remember(KEPT, settings);
}

/**
 * How this person spelt a Latin word in a script the last time.
 *
 * @param {string} script
 * @param {string} latin
 * @returns {string | undefined}
 */
export function learntSpelling(script, latin) {
  return recall(`boli-spellings-${script}`)?.[latin];
}

/**
 * @param {string} script
 * @param {string} latin
 * @param {string} spelling
 */
export function learnSpelling(script, latin, spelling) {
  const known = recall(`boli-spellings-${script}`) || {};
  delete known[latin]; // the newest stands last
  known[latin] = spelling;
  const names = Object.keys(known);
  for (const old of names.slice(0, Math.max(0, names.length - MOST_SPELLINGS))) delete known[old];
  remember(`boli-spellings-${script}`, known);
}

/**
 * Whether this very page was opened before: then the clips written into it may be others' by now.
 *
 * @param {string} rendered name of the page as the server drew it
 */
export function seenBefore(rendered) {
  try {
    const seen = localStorage.getItem(LAST_PAGE) === rendered;
    localStorage.setItem(LAST_PAGE, rendered); // bare, as first_sound.js reads it
    return seen;
  } catch {
    return false;
  }
}
