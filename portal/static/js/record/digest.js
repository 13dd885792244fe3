// @ts-check
// SHA-256 of a file that may be larger than the memory: by the browser where it fits, else block by block.

const BLOCK = 4 * 2 ** 20; // bytes
const AT_ONCE = 48 * 2 ** 20; // bytes that an old phone holds without trouble

/**
 * The digest of a blob, in hexadecimal.
 *
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export async function sha256(blob) {
  // Over plain http a browser has no digest of its own.
  const whole = Boolean(crypto.subtle) && blob.size <= AT_ONCE;
  return hexadecimal(whole ? await atOnce(blob) : await inBlocks(blob));
}

/** @param {Blob} blob */
async function atOnce(blob) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
}

/**
 * @param {Blob} blob
 * @param {number} block bytes that are in memory at a time
 */
export async function inBlocks(blob, block = BLOCK) {
  const library = await import("../../vendor/noble-hashes-2.4.0/sha2.js");
  const hash = library.sha256.create();
  for (let at = 0; at < blob.size; at += block) {
    hash.update(new Uint8Array(await blob.slice(at, at + block).arrayBuffer()));
  }
  return hash.digest();
}

/** @param {Uint8Array} bytes */
function hexadecimal(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
