// @ts-check
// What stands here and what stands on the server, brought together: the words of a clip, and the clips at hand.

const MOST_SEEN = 40; // texts

/**
 * No clock decides: whoever did not change since they last agreed gives way. `other` is offered, where both changed and
 * neither may be lost.
 *
 * @param {Pick<Draft, "text" | "sent" | "seen"> | undefined} local as kept here
 * @param {string} server the words the server has, or had a moment ago
 * @returns {{text: string, other: string | null}}
 */
export function merged(local, server) {
  if (!local || local.text === server) return { text: server, other: null };
  if (server === "" || local.seen.includes(server)) return { text: local.text, other: null };
  if (local.text === local.sent || local.text.trim() === "") return { text: server, other: null };
  return { text: local.text, other: server };
}

/**
 * The draft of a clip as it is kept from now on.
 *
 * @param {Draft | undefined} local
 * @param {string} text that stands in the box
 * @param {string} server
 * @returns {Draft}
 */
export function draftOf(local, text, server) {
  const kept = local && text === local.text;
  return {
    heard: [],
    active: 0,
    ...local,
    text,
    sent: kept ? local.sent : server,
    seen: seenOnServer(local?.seen ?? [], server),
  };
}

/**
 * What a draft knows of the server, once the server is known to have that text.
 *
 * @param {string[]} seen
 * @param {string} text
 */
export function seenOnServer(seen, text) {
  return [...seen.filter((each) => each !== text), text].slice(-MOST_SEEN);
}

/** A clip as it was given to somebody once. @param {{slot: string, token: number}} clip */
export const keyOf = ({ slot, token }) => `${slot} ${token}`;

/**
 * The clips to work on, and those left behind.
 *
 * @param {Clip[] | null} held what the server says is held, in its order; null where it could not be asked
 * @param {Clip[]} kept clips of this device
 * @param {Set<string>} sent slots that are finished here and wait to be sent
 */
export function clipsToDo(held, kept, sent) {
  const open = (/** @type {Clip[]} */ clips) => clips.filter((clip) => !sent.has(clip.slot));
  if (held === null) return { todo: open(kept), left: [] };
  const keys = new Set(held.map(keyOf));
  return { todo: open(held), left: open(kept).filter((clip) => !keys.has(keyOf(clip))) };
}
