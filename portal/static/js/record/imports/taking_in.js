// @ts-check
// Recordings found in a chat or on a card become entries of this phone's queue: a few at a time, each once.

import { page } from "../../page.js";
import { sha256 } from "../digest.js";
import { named } from "../entry_rules.js";
import * as queue from "../queue.js";
import { alreadyThere } from "./known.js";
import { ZipFault } from "./zip.js";

const AT_ONCE = 20; // files that are looked at before the server is asked about them
const BYTES_AT_ONCE = 16 * 2 ** 20;

/** @typedef {import("./found_files.js").FoundFile} FoundFile */
/** @typedef {{file: FoundFile, speaker: SpeakerChoice, language: string}} ChosenFile */
/** @typedef {{kept: number, known: number, faulty: FoundFile[]}} Taken known: here or in the project already */

/**
 * Keep each file that is new. A file that can't be read is set aside; whatever else throws (this phone is full) ends it,
 * and what was kept stays.
 *
 * @param {ChosenFile[]} chosen
 * @param {(done: number) => void} progress
 * @returns {Promise<Taken>}
 */
export async function takeIn(chosen, progress) {
  /** @type {Taken} */
  const taken = { kept: 0, known: 0, faulty: [] };
  const here = new Set((await queue.mine()).entries.map(digestOf));
  /** @type {ReadFile[]} */
  let waiting = [];
  let size = 0;
  for (const [number, each] of chosen.entries()) {
    const read = await readWhole(each);
    if (read) {
      waiting.push(read);
      size += read.blob.size;
    } else taken.faulty.push(each.file);
    if (waiting.length >= AT_ONCE || size >= BYTES_AT_ONCE || number === chosen.length - 1) {
      await keepNew(waiting, here, taken);
      [waiting, size] = [[], 0];
      progress(number + 1);
    }
  }
  return taken;
}

/** @typedef {ChosenFile & {blob: Blob, digest: string}} ReadFile */

/**
 * Null where it can't be read, or is not to be taken.
 *
 * @param {ChosenFile} chosen
 * @returns {Promise<ReadFile | null>}
 */
async function readWhole(chosen) {
  try {
    const blob = await chosen.file.open();
    if (!blob.size || blob.size > page.limits.most_bytes) return null;
    return { ...chosen, blob, digest: await sha256(blob) };
  } catch (problem) {
    if (problem instanceof ZipFault || problem instanceof DOMException) return null; // the card was taken out, or lies
    throw problem;
  }
}

/**
 * @param {ReadFile[]} files
 * @param {Set<string | undefined>} here digests of what this phone has
 * @param {Taken} taken
 */
async function keepNew(files, here, taken) {
  const there = await alreadyThere(files.map(({ digest }) => digest));
  for (const { file, blob, digest, speaker, language } of files) {
    if (there.has(digest) || here.has(digest)) {
      taken.known += 1;
      continue;
    }
    here.add(digest);
    const about = { name: file.name, modified: file.modified, sha256: digest, imported: true, seconds: null };
    await queue.add({ kind: "recording", speaker: named(speaker), language, ...about }, blob);
    taken.kept += 1;
  }
}

/** @param {Entry} entry */
function digestOf(entry) {
  return entry.kind === "recording" && entry.state !== "refused" ? entry.sha256 : undefined;
}
