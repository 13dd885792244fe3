// How somebody likes to work, kept on this device.

const KEPT = "boli-desk";
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

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) || "{}");
  } catch {
    return {}; // a browser that keeps nothing, or something else under our name: as on the first day
  }
}

export const settings = { ...FIRST, ...read(KEPT) };

export function choose(name, value) {
  settings[name] = value;
  write(KEPT, settings);
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    /* then it lasts as long as the page */
  }
}

/** How this person spelt a Latin word in a script the last time. */
export function learntSpelling(script, latin) {
  return read(`boli-spellings-${script}`)[latin];
}

export function learnSpelling(script, latin, spelling) {
  const known = read(`boli-spellings-${script}`);
  delete known[latin]; // the newest stands last
  known[latin] = spelling;
  const names = Object.keys(known);
  for (const old of names.slice(0, Math.max(0, names.length - 2000))) delete known[old];
  write(`boli-spellings-${script}`, known);
}

/** Whether this very page was opened before: then the clips written into it may be others' by now. */
export function seenBefore(rendered) {
  try {
    const seen = localStorage.getItem("boli-desk-page") === rendered;
    localStorage.setItem("boli-desk-page", rendered);
    return seen;
  } catch {
    return false;
  }
}
