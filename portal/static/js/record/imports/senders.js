// @ts-check
// Which speaker a sender of a chat is, as the coordinator said once. This phone keeps a digest of the sender's name, and the
// server hears nothing of it: whoever sends to a coordinator has agreed to nothing yet.

import { page } from "../../page.js";
import { sha256 } from "../digest.js";
import * as store from "../phone_store.js";

/** @param {string} sender */
async function noteOf(sender) {
  const digest = await sha256(new Blob([`${page.person} ${page.project} ${sender}`]));
  return `sender ${digest}`;
}

/**
 * The pseudonym of the speaker; undefined where nobody said it yet.
 *
 * @param {string} sender
 * @returns {Promise<string | undefined>}
 */
export async function speakerOfSender(sender) {
  return sender ? store.note(await noteOf(sender)) : undefined;
}

/**
 * @param {string} sender
 * @param {string} pseudonym
 */
export async function setSpeakerOfSender(sender, pseudonym) {
  if (sender) await store.setNote(await noteOf(sender), pseudonym);
}
