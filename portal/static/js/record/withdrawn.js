// Voices that were taken back: the server's word wins over a yes on this phone as soon as it is heard. What was recorded
// under a yes that is over is erased here at once; only a yes given after it counts.

import { gettext, page } from "../page.js";
import * as store from "./store.js";

const note = () => `withdrawn ${page.project}`;

/** When each speaker took it back, as last heard: milliseconds by id. */
export async function heard() {
  const told = page.speakers || [];
  const kept = (await store.note(note())) || {};
  const now = Object.fromEntries(told.filter((each) => each.withdrawn_at).map((each) => [each.id, Date.parse(each.withdrawn_at)]));
  return { ...kept, ...now };
}

/** Whether a speaker may be recorded. yes: when this phone was told yes of late, in milliseconds; 0 for never */
export function mayRecord(speaker, yes, withdrawn) {
  const back = withdrawn[speaker.id];
  return back === undefined ? Boolean(speaker.consents || yes) : yes > back;
}

/** Keep what the server says of consents, and erase what may not be kept. Gives the ids of what was erased. */
export async function hear(told, entries) {
  if (!told) return [];
  const withdrawn = Object.fromEntries(Object.entries(told).map(([id, at]) => [id, Date.parse(at)]));
  await store.setNote(note(), withdrawn);
  const gone = entries.filter((entry) => isOver(entry, withdrawn));
  for (const entry of gone) await erase(entry);
  return gone.map((entry) => entry.id);
}

/** Take the sound of an entry off this phone, and say why. */
export function erase(entry) {
  const message = gettext("They took it back. Don't record them. What this phone had of their voice is erased.");
  return store.free(entry.id, { state: "refused", error: { code: "consent_withdrawn", message } });
}

function isOver(entry, withdrawn) {
  const waits = ["kept", "sending", "unheard"].includes(entry.state);
  const back = withdrawn[entry.speaker?.id];
  return waits && ["recording", "consent"].includes(entry.kind) && back !== undefined && entry.created < back;
}
