// @ts-check
// Voices that were taken back: the server's word wins over a yes on this phone as soon as it is heard. What was recorded
// under a yes that is over is erased here at once; only a yes given after it counts.

import { gettext, page } from "../page.js";
import { isOver } from "./entry_rules.js";
import * as store from "./phone_store.js";

const note = () => `withdrawn ${page.project}`;

/** When each speaker took it back, as last heard: milliseconds by id. @returns {Promise<Withdrawn>} */
export async function heardWithdrawals() {
  const heard = (page.speakers || []).filter((each) => each.withdrawn_at);
  const kept = /** @type {Withdrawn | undefined} */ (await store.note(note()));
  return {
    ...kept,
    ...Object.fromEntries(heard.map((each) => [each.id, Date.parse(String(each.withdrawn_at))])),
  };
}

/**
 * Keep what the server says of consents, and erase what may not be kept. Gives the ids of what was erased.
 *
 * @param {Record<string, string>} since when each speaker took it back
 * @param {Entry[]} entries
 */
export async function obey(since, entries) {
  const withdrawn = Object.fromEntries(Object.entries(since).map(([id, at]) => [id, Date.parse(at)]));
  await store.setNote(note(), withdrawn);
  const over = entries.filter((entry) => isOver(entry, withdrawn));
  for (const { id } of over) await eraseSound(id);
  return over.map(({ id }) => id);
}

/** Take the sound of an entry off this phone, and say why. @param {string} id */
export async function eraseSound(id) {
  const message = gettext(
    "They took it back. Don't record them. What this phone had of their voice is erased.",
  );
  await store.eraseSound(id, { error: { code: "consent_withdrawn", message } });
}
