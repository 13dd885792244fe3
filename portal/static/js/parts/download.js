// @ts-check
// A file over a slow link: waited for as long as something of it comes, however long that takes, and given up in silence.

import { Unreachable } from "./problems.js";

const SILENT_SECONDS = 20;

/**
 * What came: the whole file, or a status that says why not.
 *
 * @typedef {{ok: true, blob: Blob} | {ok: false, status: number, statusText: string}} Download
 */

/**
 * Bring a file. Throws Unreachable where the link breaks, or nothing comes for so long.
 *
 * @param {string} address
 * @param {number} [silent] seconds
 * @returns {Promise<Download>}
 */
export async function download(address, silent = SILENT_SECONDS) {
  const stop = new AbortController();
  let timer = 0;
  const somethingCame = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), 1000 * silent);
  };
  somethingCame();
  try {
    const response = await fetch(address, { signal: stop.signal });
    if (!response.ok) return { ok: false, status: response.status, statusText: response.statusText };
    return { ok: true, blob: await whole(response, somethingCame) };
  } catch (cause) {
    throw new Unreachable("", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Response} response
 * @param {() => void} somethingCame
 */
async function whole(response, somethingCame) {
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
  const parts = [];
  for (;;) {
    const { done, value } = await reader.read();
    somethingCame();
    if (done) break;
    parts.push(value);
  }
  return new Blob(parts, { type: response.headers.get("Content-Type") || "" });
}
