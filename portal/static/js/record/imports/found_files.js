// @ts-check
// What was brought at once, a chat export or the folder of a memory card, as the recordings in it: by sender and time.

import { Chat, linesOf, momentInName } from "./chat.js";
import { blocksOf, entriesOf, unpacked } from "./zip.js";

const SOUND = /\.(opus|ogg|oga|m4a|aac|amr|mp3|wav|flac|3gp|3gpp|3ga|webm|wma|caf|aiff?)$/i;
const CHAT = /(^|\/)(_chat|[^/]*whatsapp[^/]*|[^/]*वॉट्सऐप[^/]*)\.txt$/iu;
export const MOST_FILES = 10_000;

/**
 * A recording that was found. path: as it lies in what was brought; at: milliseconds, where anything tells; open: brings its
 * bytes, and may throw ZipFault
 *
 * @typedef {{name: string, path: string, size: number, at: number | null, modified: number, open: () => Promise<Blob>}} FoundFile
 */

/**
 * sender: as the chat names them, or the folder; "" where nobody is named
 *
 * @typedef {{sender: string, files: FoundFile[]}} FoundGroup
 */

/** @typedef {Omit<FoundFile, "at"> & {blocks: () => AsyncIterable<Uint8Array<ArrayBuffer>>}} Brought */

/**
 * The recordings of a chat export. Throws ZipFault.
 *
 * @param {File} archive
 * @param {number} most bytes of one
 */
export async function inArchive(archive, most) {
  const entries = await entriesOf(archive);
  return arranged(
    entries.map((entry) => ({
      name: lastOf(entry.name),
      path: entry.name,
      size: entry.size,
      modified: archive.lastModified,
      open: () => unpacked(archive, entry, most),
      blocks: () => blocksOf(archive, entry),
    })),
  );
}

/**
 * The recordings among files of a folder, each with its path in it.
 *
 * @param {{file: File, path: string}[]} files
 */
export function inFolder(files) {
  return arranged(
    files.map(({ file, path }) => ({
      name: file.name,
      path,
      size: file.size,
      modified: file.lastModified,
      open: async () => file,
      blocks: () => streamed(file),
    })),
  );
}

/** @param {Blob} blob */
async function* streamed(blob) {
  const reader = blob.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/**
 * @param {Brought[]} brought
 * @returns {Promise<FoundGroup[]>} by sender; files of each by time
 */
async function arranged(brought) {
  const visible = brought.filter(({ path }) => !/(^|\/)(\.[^./]|__MACOSX\/)/.test(path));
  const sounds = visible.filter(({ name }) => SOUND.test(name));
  const names = new Set(sounds.map(({ name }) => name));
  const chat = new Chat((name) => names.has(name));
  for (const each of visible.filter(({ path }) => CHAT.test(path))) {
    for await (const line of linesOf(each.blocks())) chat.push(line);
  }
  const { sent } = chat;
  /** @type {Map<string, FoundFile[]>} */
  const groups = new Map();
  for (const { blocks: _, ...each } of sounds) {
    const { sender, at } = sent.get(each.name) || { sender: sent.size ? "" : folderOf(each.path), at: null };
    const files = groups.get(sender) ?? [];
    groups.set(sender, files);
    files.push({ ...each, at: at ?? momentInName(each.name) });
  }
  return [...groups]
    .map(([sender, files]) => ({ sender, files: files.sort(byTime) }))
    .sort((a, b) => Number(!a.sender) - Number(!b.sender) || a.sender.localeCompare(b.sender));
}

/**
 * @param {FoundFile} a
 * @param {FoundFile} b
 */
function byTime(a, b) {
  return (a.at ?? a.modified) - (b.at ?? b.modified) || a.name.localeCompare(b.name);
}

/** @param {string} path */
function lastOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** @param {string} path */
function folderOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
