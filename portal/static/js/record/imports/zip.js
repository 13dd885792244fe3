// @ts-check
// A zip archive read where it lies: its directory, then one file at a time, never more of it in memory than a block. No
// word of the archive is believed: entries, sizes, places and check sums are held against what is there.
// The format: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.4.

export const MOST_ENTRIES = 10_000;
const MOST_DIRECTORY = 8 * 2 ** 20; // bytes
const LONGEST_END = 22 + 0xffff; // the record at the end with the longest comment there can be
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const PIECE = 4 * 2 ** 20; // bytes held before they go to the browser, which keeps them on disk

/** @typedef {"no_zip" | "too_many" | "too_large" | "locked" | "damaged" | "unknown_method"} ZipFaultCode */

/** Something in an archive that can't be read for certain. */
export class ZipFault extends Error {
  /** @param {ZipFaultCode} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * A file as the archive's directory has it. size, packed: bytes; at: where its own header begins
 *
 * @typedef {{name: string, size: number, packed: number, method: number, crc: number, locked: boolean, at: number}} ZipEntry
 */

/**
 * The files of an archive, without its folders. Throws ZipFault.
 *
 * @param {Blob} archive
 * @returns {Promise<ZipEntry[]>}
 */
export async function entriesOf(archive) {
  const { count, size, at } = await findDirectory(archive);
  if (count > MOST_ENTRIES || size > MOST_DIRECTORY) throw new ZipFault("too_many");
  const directory = await bytesOf(archive.slice(at, at + size));
  const entries = [];
  let place = 0;
  for (let number = 0; number < count; number++) {
    const { entry, length } = entryAt(directory, place);
    place += length;
    entries.push(entry);
  }
  refuseOverlaps(entries, at);
  return entries.filter(({ name }) => !name.endsWith("/"));
}

/** @param {Blob} archive */
async function findDirectory(archive) {
  const begins = Math.max(0, archive.size - LONGEST_END);
  const tail = await bytesOf(archive.slice(begins));
  for (let place = tail.byteLength - 22; place >= 0; place--) {
    if (tail.getUint32(place, true) !== END) continue;
    const count = tail.getUint16(place + 10, true);
    const size = tail.getUint32(place + 12, true);
    const at = tail.getUint32(place + 16, true);
    // What stands here in an archive of more than 4 GB: its true figures are elsewhere
    if (count === 0xffff || size === 0xffffffff || at === 0xffffffff) throw new ZipFault("too_large");
    if (at + size > begins + place) throw new ZipFault("damaged");
    return { count, size, at };
  }
  throw new ZipFault("no_zip");
}

/**
 * @param {DataView} directory
 * @param {number} place
 * @returns {{entry: ZipEntry, length: number}}
 */
function entryAt(directory, place) {
  if (place + 46 > directory.byteLength || directory.getUint32(place, true) !== CENTRAL)
    throw new ZipFault("damaged");
  const two = (/** @type {number} */ offset) => directory.getUint16(place + offset, true);
  const four = (/** @type {number} */ offset) => directory.getUint32(place + offset, true);
  const nameLength = two(28);
  const length = 46 + nameLength + two(30) + two(32);
  if (place + length > directory.byteLength) throw new ZipFault("damaged");
  const name = nameOf(new Uint8Array(directory.buffer, directory.byteOffset + place + 46, nameLength));
  const entry = { name, method: two(10), crc: four(16), packed: four(20), size: four(24), at: four(42) };
  return { entry: { ...entry, locked: (two(8) & 1) !== 0 }, length };
}

/**
 * A name is a label here, never a path that something is written to.
 *
 * @param {Uint8Array} bytes
 */
function nameOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

/**
 * Entries that share bytes are how a small archive pretends to hold terabytes.
 *
 * @param {ZipEntry[]} entries
 * @param {number} directoryAt
 */
function refuseOverlaps(entries, directoryAt) {
  let free = 0;
  for (const { at, packed } of [...entries].sort((a, b) => a.at - b.at)) {
    if (at < free) throw new ZipFault("damaged");
    free = at + LOCAL_BYTES + packed;
  }
  if (free > directoryAt) throw new ZipFault("damaged");
}

/**
 * One file of the archive, whole and as its check sum says. Throws ZipFault; where it says "damaged" the file is cut short,
 * changed, or larger than the directory has it.
 *
 * @param {Blob} archive
 * @param {ZipEntry} entry
 * @param {number} most bytes that it may have
 * @returns {Promise<Blob>}
 */
export async function unpacked(archive, entry, most) {
  if (entry.size > most) throw new ZipFault("too_large");
  /** @type {Blob[]} */
  const kept = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let held = [];
  let waiting = 0;
  for await (const block of blocksOf(archive, entry)) {
    held.push(block);
    waiting += block.length;
    if (waiting < PIECE) continue;
    kept.push(new Blob(held));
    [held, waiting] = [[], 0];
  }
  return new Blob([...kept, ...held]);
}

/**
 * Its bytes, block by block; a fault may come after some of them.
 *
 * @param {Blob} archive
 * @param {ZipEntry} entry
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>}
 */
export async function* blocksOf(archive, entry) {
  const reader = (await streamOf(archive, entry)).getReader();
  let [size, crc] = [0, 0xffffffff];
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new ZipFault("damaged");
      });
      if (done) break;
      size += value.length;
      if (size > entry.size) throw new ZipFault("damaged");
      crc = crcOf(value, crc);
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  if (size !== entry.size || (crc ^ 0xffffffff) >>> 0 !== entry.crc) throw new ZipFault("damaged");
}

/**
 * @param {Blob} archive
 * @param {ZipEntry} entry
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
 */
async function streamOf(archive, entry) {
  if (entry.locked) throw new ZipFault("locked");
  const header = await bytesOf(archive.slice(entry.at, entry.at + LOCAL_BYTES));
  const isOne = header.byteLength === LOCAL_BYTES && header.getUint32(0, true) === LOCAL;
  if (!isOne || header.getUint16(8, true) !== entry.method) throw new ZipFault("damaged");
  const at = entry.at + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = archive.slice(at, at + entry.packed);
  if (packed.size !== entry.packed) throw new ZipFault("damaged");
  if (entry.method === STORED) return packed.stream();
  if (entry.method !== DEFLATED) throw new ZipFault("unknown_method");
  return packed.stream().pipeThrough(inflater());
}

/** Throws ZipFault where the browser is too old to have it. */
function inflater() {
  try {
    return new DecompressionStream("deflate-raw");
  } catch {
    throw new ZipFault("unknown_method");
  }
}

/** @param {Blob} blob */
async function bytesOf(blob) {
  return new DataView(await blob.arrayBuffer());
}

const TABLE = Uint32Array.from({ length: 256 }, (_, number) => {
  for (let bit = 0; bit < 8; bit++) number = number & 1 ? 0xedb88320 ^ (number >>> 1) : number >>> 1;
  return number;
});

/**
 * CRC-32 as zip has it (ISO 3309), carried on from block to block; the last is to be turned over.
 *
 * @param {Uint8Array} bytes
 * @param {number} crc
 */
function crcOf(bytes, crc) {
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return crc;
}
