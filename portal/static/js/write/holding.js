// @ts-check
// Questions and acts that only the holder of a clip may send: with the lease's token, and the proof that it is theirs.

import { ask } from "../page.js";

/**
 * @param {Clip} clip
 * @param {string} what the last part of the address
 */
export function askAsHolder({ slot, token, proof }, what) {
  return ask(`/write/${slot}/${what}?${new URLSearchParams({ token: String(token), proof })}`);
}

/**
 * @param {Clip} clip
 * @param {string} what
 */
export function actAsHolder({ slot, token, proof }, what) {
  return ask(`/write/${slot}/${what}`, { method: "POST", body: { token, proof } });
}
