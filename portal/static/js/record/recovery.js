// @ts-check
// What was begun on this phone and broke off.

import { page } from "../page.js";
import * as store from "./phone_store.js";
import { unlessRecording } from "./recording.js";

const LONG_AGO = 3600e3; // milliseconds

/**
 * What was being recorded when the page went away is kept, second by second: it waits to be heard. A yes that was never
 * finished is none.
 */
export async function recover() {
  for (const entry of await store.entries()) {
    if (entry.person !== page.person) continue;
    const old = Date.now() - entry.created > LONG_AGO;
    if (entry.kind === "consent" && !entry.yes && old) await store.forget(entry.id);
    if (entry.kind === "recording" && entry.state === "recording") {
      await unlessRecording(entry.id, () => recoverRecording(entry.id, old));
    }
  }
}

/**
 * @param {string} id
 * @param {boolean} old
 */
async function recoverRecording(id, old) {
  if (await store.assembled(id, "")) await store.move(id, "breakOff", { brokeOff: true });
  else if (old) await store.forget(id);
}
