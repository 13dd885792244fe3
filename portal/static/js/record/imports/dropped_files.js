// @ts-check
// Files below folders that were dropped on the page.

import { MOST_FILES } from "./found_files.js";

/**
 * @param {(FileSystemEntry | null)[]} entries as a drop gives them
 * @returns {Promise<{file: File, path: string}[]>}
 */
export async function filesBelow(entries) {
  const found = [];
  const waiting = entries.filter((each) => each !== null);
  while (waiting.length && found.length <= MOST_FILES) {
    const entry = waiting.shift();
    if (entry?.isDirectory)
      waiting.push(...(await childrenOf(/** @type {FileSystemDirectoryEntry} */ (entry))));
    else if (entry) {
      const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry));
      found.push({ file, path: entry.fullPath.slice(1) });
    }
  }
  return found;
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/**
 * A folder gives its files a hundred at a time.
 *
 * @param {FileSystemDirectoryEntry} folder
 */
async function childrenOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length || all.length > MOST_FILES) return all;
    all.push(...some);
  }
}
