// @ts-check
// What follows from the entries of this phone: whose they are, which one is next, whom one can record.

import { WAITING } from "./states.js";

/** People before their consent, consents before recordings. */
const TURN = { speaker: 0, consent: 1, recording: 2 };

/**
 * "DUM-014" is 014 in the disc beside it.
 *
 * @param {string} pseudonym
 */
export function shortName(pseudonym) {
  return pseudonym.match(/[0-9]+$/)?.[0].slice(-3) || pseudonym.slice(0, 3);
}

/**
 * A speaker as entries name them.
 *
 * @param {{id?: string, local?: string, pseudonym: string, short: string}} speaker
 * @returns {NamedSpeaker}
 */
export function named({ id, local, pseudonym, short }) {
  return id ? { id, pseudonym, short } : { local, pseudonym, short };
}

/**
 * A person's entries in a project, and how many more wait on this phone: theirs of other projects, and other people's.
 *
 * @param {Entry[]} all
 * @param {{person: string, project: string}} whose
 */
export function sharedOut(all, { person, project }) {
  // A yes that is still being asked for belongs to its own page
  const shown = all.filter((entry) => entry.kind !== "consent" || entry.yes);
  const own = shown.filter((entry) => entry.person === person);
  const waiting = (/** @type {Entry} */ entry) => WAITING.has(entry.state);
  return {
    entries: own.filter((entry) => entry.project === project),
    elsewhere: own.filter((entry) => entry.project !== project && waiting(entry)).length,
    others: shown.filter((entry) => entry.person !== person && waiting(entry)).length,
  };
}

/**
 * What is to be sent now; the oldest first among equals. Nothing goes before its speaker is known to the server.
 *
 * @param {Entry[]} entries
 * @param {ReadonlySet<string>} [aside] ids of those that go after all others
 * @returns {Entry | undefined}
 */
export function nextEntry(entries, aside = new Set()) {
  const ready = entries.filter(
    (entry) =>
      (entry.state === "kept" || entry.state === "sending") && (entry.kind === "speaker" || entry.speaker.id),
  );
  const last = (/** @type {Entry} */ { id }) => Number(aside.has(id));
  return ready.sort((a, b) => last(a) - last(b) || TURN[a.kind] - TURN[b.kind] || a.created - b.created)[0];
}

/**
 * Speakers that the server named, and those whom only this phone knows. One who took it back may be recorded only after
 * a yes that is younger.
 *
 * @param {Entry[]} entries
 * @param {KnownSpeaker[]} known
 * @param {Withdrawn} [withdrawn]
 * @returns {SpeakerChoice[]}
 */
export function speakersOf(entries, known, withdrawn = {}) {
  /** @type {Map<string, Omit<SpeakerChoice, "consents"> & {consents?: boolean}>} */
  const speakers = new Map();
  /** @type {Map<string | undefined, number>} when they said yes here */
  const asked = new Map();
  const ids = new Set(known.map(({ id }) => id));
  for (const entry of entries) {
    if (entry.kind === "speaker" && entry.state !== "received") {
      const { pseudonym, language, district } = entry.fields;
      const short = shortName(pseudonym);
      speakers.set(entry.id, { local: entry.id, pseudonym, short, language, district, own: true });
    }
  }
  for (const entry of entries) {
    if (entry.kind !== "consent") continue;
    const { speaker, language = "", state } = entry;
    if (state === "kept" || state === "sending" || state === "received")
      asked.set(speaker.id || speaker.local, entry.created);
    if (speaker.id && !ids.has(speaker.id)) speakers.set(speaker.id, { ...speaker, language, own: true });
  }
  for (const each of known) speakers.set(each.id, each);
  return [...speakers].map(([id, each]) => {
    if (!(id in withdrawn)) return { ...each, consents: Boolean(each.consents) || asked.has(id) };
    const consents = (asked.get(id) || 0) > withdrawn[id];
    return { ...each, consents, withdrawn: !consents };
  });
}

/**
 * Whether an entry waits under a yes that was taken back since: its sound may not be kept.
 *
 * @param {Entry} entry
 * @param {Withdrawn} withdrawn
 */
export function isOver(entry, withdrawn) {
  if (entry.kind === "speaker" || !WAITING.has(entry.state)) return false;
  const back = withdrawn[entry.speaker.id || ""];
  return back !== undefined && entry.created < back;
}
