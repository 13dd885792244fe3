// @ts-check
// What was begun on this phone and broke off.

import { page } from "../page.js";
import * as store from "./phone_store.js";
import { whenOver } from "./recording.js";

const LONG_AGO = 3600e3; // milliseconds

/**
 * What was being recorded when the page went away is kept, piece by piece: it waits to be heard; also where another tab
 * records now, and dies later. A yes that was never finished is none.
 */
export async function recover() {
  for (const entry of await store.entries()) {
    if (entry.person !== page.person) continue;
    const old = Date.now() - entry.created > LONG_AGO;
    if (entry.kind === "consent" && !entry.yes && old) await store.forget(entry.id);
    if (entry.kind === "recording" && entry.state === "recording") {
      whenOver(entry.id, () => recoverRecording(entry.id, old)); // not waited for: another tab may go on for long
    }
  }
}

/**
 * @param {string} id
 * @param {boolean} old
 */
async function recoverRecording(id, old) {
  if ((await store.entry(id))?.state !== "recording") return; // it ended as it should
  if (await store.assembled(id, "")) await store.move(id, "breakOff", { brokeOff: true });
  else if (old) await store.forget(id);
}
