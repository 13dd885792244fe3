// @ts-check
// How an entry of each kind gets to the server: somebody written down, a yes, a recording.

import { Refused, ask, gettext, page } from "../page.js";
import { sha256 } from "./digest.js";
import { shortName } from "./entry_rules.js";
import * as store from "./phone_store.js";
import { Unwanted } from "./states.js";
import { send } from "./transfer.js";

/** @typedef {{stop: AbortSignal, onSent: (bytes: number) => void}} Way how it is watched, and stopped */

/**
 * Send an entry, until the server has it. Throws what connection.js and transfer.js throw.
 *
 * @param {Entry} entry
 * @param {Way} way
 */
export async function sendEntry(entry, way) {
  if (entry.kind === "speaker") await sendSpeaker(entry);
  else if (entry.kind === "consent") await sendConsent(entry, way);
  else if (entry.imported && !entry.url && (await isThereAlready(entry))) return;
  else {
    const { receipt, upload } = await sendFile(entry, way);
    await store.receive(entry.id, { receipt, upload, sent: entry.size });
  }
}

/**
 * Whether the project has this file already: then it is received, and nothing goes out.
 *
 * @param {RecordingEntry} entry
 */
async function isThereAlready(entry) {
  const { alreadyThere } = await import("./imports/known.js");
  const digest = entry.sha256 ?? "";
  const receipt = (await alreadyThere([digest])).get(digest);
  if (receipt) await store.receive(entry.id, { receipt, known: true, sent: entry.size });
  return Boolean(receipt);
}

/** @param {SpeakerEntry} entry */
async function sendSpeaker(entry) {
  const body = { key: entry.id, fields: entry.fields, sure: entry.sure || false };
  try {
    await settleSpeaker(entry, await ask("/speakers/register", { method: "POST", body }));
  } catch (problem) {
    const suggestion = problem instanceof Refused && problem.code === "taken" && problem.details.suggestion;
    if (!suggestion) throw problem;
    // Adopted here first, then asked for again: a lost reply makes nobody twice
    await rename(entry, suggestion);
  }
}

/**
 * @param {ConsentEntry} entry
 * @param {Way} way
 */
async function sendConsent(entry, way) {
  let { transfer } = entry;
  if (!transfer) {
    const sent = await sendFile(entry, way);
    transfer = sent.transfer;
    await store.change(entry.id, { transfer, receipt: sent.receipt });
  }
  const body = { transfer, ...entry.yes };
  await ask(`/speakers/${entry.speaker.id}/consent`, { method: "POST", body });
  await store.receive(entry.id, {});
}

/**
 * @param {FileEntry} entry
 * @param {Way} way
 */
async function sendFile(entry, { stop, onSent }) {
  const blob = await store.blobOf(entry.id);
  if (!blob) throw new Unwanted("gone", gettext("The phone has lost this file. Record it again."));
  let digest = entry.sha256;
  if (!digest) {
    digest = await sha256(blob);
    await store.change(entry.id, { sha256: digest });
  }
  if (entry.state !== "sending") await store.move(entry.id, "send");
  let { url } = entry;
  return send(blob, {
    url,
    metadata: metadataOf(entry, digest),
    token: page.token,
    stop,
    onSent,
    onUrl: (now) => {
      if (now !== url) store.change(entry.id, { url: (url = now) });
    },
  });
}

/**
 * @param {FileEntry} entry
 * @param {string} digest
 */
function metadataOf(entry, digest) {
  /** @type {Record<string, string>} */
  const metadata = {
    purpose: entry.kind,
    name: entry.name,
    speaker: entry.speaker.pseudonym,
    sha256: digest,
  };
  if (entry.language) metadata.language = entry.language;
  if (entry.kind === "recording" && entry.prompt) metadata.prompt = entry.prompt;
  if (entry.type) metadata.filetype = entry.type;
  return metadata;
}

/**
 * A person is known to the server now: whatever waits for them may go.
 *
 * @param {SpeakerEntry} entry
 * @param {{id: string, pseudonym: string, short: string}} speaker
 */
export async function settleSpeaker(entry, { id, pseudonym, short }) {
  const known = { id, pseudonym, short };
  await eachOf(entry, (other) => store.change(other.id, { speaker: known }));
  // Their name and phone leave this one with that
  await store.receive(entry.id, { speaker: known, fields: { pseudonym } });
}

/**
 * @param {SpeakerEntry} entry
 * @param {string} pseudonym
 */
async function rename(entry, pseudonym) {
  await store.change(entry.id, (now) => ({ fields: { ...now.fields, pseudonym } }));
  const short = shortName(pseudonym);
  await eachOf(entry, (other) => store.change(other.id, { speaker: { ...other.speaker, pseudonym, short } }));
}

/**
 * Whatever waits for somebody whom only this phone knows.
 *
 * @param {SpeakerEntry} entry
 * @param {(other: Entry) => Promise<void>} work
 */
async function eachOf(entry, work) {
  for (const other of await store.entries()) if (other.speaker?.local === entry.id) await work(other);
}

/**
 * Take somebody off this phone, and whatever waits for them.
 *
 * @param {SpeakerEntry} entry
 */
export async function forgetSpeaker(entry) {
  await eachOf(entry, (other) => store.forget(other.id));
  await store.forget(entry.id);
}
