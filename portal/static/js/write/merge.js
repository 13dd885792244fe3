// Which words stand in the box when a clip opens: those on this device, or those on the server.

/**
 * local:  {text, sent, seen} as kept here, or undefined; `sent` is what the server last took from here, `seen` every text
 *         that the server was known to have, as it keeps it (the same to a reader, perhaps stored in another order)
 * server: the words the server has, or had a moment ago
 * Gives {text, other}: other is offered, where both changed and neither may be lost.
 * No clock decides: whoever did not change since they last agreed gives way.
 */
export function merged(local, server) {
  if (!local || local.text === server) return { text: server, other: null };
  if (server === "" || local.seen.includes(server)) return { text: local.text, other: null };
  if (local.text === local.sent || local.text.trim() === "") return { text: server, other: null };
  return { text: local.text, other: server };
}

const MOST_SEEN = 40;

/** What a record knows of the server, once the server is known to have that text. */
export function seenOnServer(seen, text) {
  return [...seen.filter((each) => each !== text), text].slice(-MOST_SEEN);
}

/**
 * The clips to work on, and those left behind.
 * given: what the server says is held, in its order; null where it could not be asked
 * kept:  clips of this device
 * sent:  slots that are finished here and wait to be sent
 */
export function clipsToDo(given, kept, sent) {
  if (given === null) return { todo: kept.filter((clip) => !sent.has(clip.slot)), left: [] };
  const key = (clip) => `${clip.slot} ${clip.token}`;
  const held = new Set(given.map(key));
  return {
    todo: given.filter((clip) => !sent.has(clip.slot)),
    left: kept.filter((clip) => !held.has(key(clip)) && !sent.has(clip.slot)),
  };
}
