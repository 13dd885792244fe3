// @ts-check
// Whose voice was recorded last on this phone: offered first the next time.

import { page } from "../page.js";
import * as store from "./phone_store.js";

const nameOf = () => `last ${page.person} ${page.project}`;

/** @returns {Promise<string | undefined>} their pseudonym */
export function lastSpeaker() {
  return store.note(nameOf());
}

/** @param {string} pseudonym */
export function setLastSpeaker(pseudonym) {
  return store.setNote(nameOf(), pseudonym);
}
