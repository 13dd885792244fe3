// @ts-check
// A chat as a whole: which file was sent by whom and when. Lines come one by one; of those that name no file nothing is
// kept but what they say of the order of a date.

import { attachmentIn, readLine } from "./chat_lines.js";

/** @typedef {"dmy" | "mdy" | "ymd"} DateOrder */

/**
 * at: milliseconds of the phone's own clock, as if it stood in UTC; sender: "" where the chat names two
 *
 * @typedef {{sender: string, at: number | null}} Sent
 */

const DAY = /(?:PTT-|AUD-|AUDIO-)(\d{4})-?(\d{2})-?(\d{2})(?:-(\d{2})-(\d{2})-(\d{2}))?/;

const TWO_DAYS = 2 * 24 * 3600e3; // milliseconds: the name's day is the recorder's, the line's that of the phone

export class Chat {
  /** @type {Map<string, {sender: string, line: import("./chat_lines.js").ChatLine}>} */
  #sent = new Map();
  /** @type {Record<DateOrder, number>} what speaks against each order */
  #against = { dmy: 0, mdy: 0, ymd: 0 };
  /** @type {Partial<Record<DateOrder, number>>} */
  #before = {};

  /** @param {(name: string) => boolean} isThere whether the chat came with a file of that name */
  constructor(isThere) {
    this.isThere = isThere;
  }

  /** @param {string} text */
  push(text) {
    const line = readLine(text);
    if (!line) return;
    this.#weigh(line);
    const attachment = attachmentIn(line.rest, this.isThere);
    if (!attachment) return;
    const { sender, name } = attachment;
    this.#weighName(name, line);
    const before = this.#sent.get(name);
    // Anybody can write a line that looks like another's: a file that two have sent is nobody's
    this.#sent.set(name, { line, sender: before && before.sender !== sender ? "" : sender });
  }

  /** The order in which the phone wrote day, month and year: the one that the fewest lines contradict. */
  get order() {
    return [...ORDERS].sort((a, b) => this.#against[a] - this.#against[b])[0];
  }

  /** Which files were sent by whom and when. @returns {Map<string, Sent>} */
  get sent() {
    const { order } = this;
    return new Map(
      [...this.#sent].map(([name, { sender, line }]) => [
        name,
        { sender, at: momentOf(line, order) ?? momentInName(name) },
      ]),
    );
  }

  /**
   * No day is in the 13th month, and no message is older than the one above it.
   *
   * @param {import("./chat_lines.js").ChatLine} line
   */
  #weigh(line) {
    for (const order of ORDERS) {
      const at = momentOf(line, order);
      if (at === null) this.#against[order] += 100;
      else {
        if (at < (this.#before[order] ?? -Infinity)) this.#against[order] += 1;
        this.#before[order] = at;
      }
    }
  }

  /**
   * A file named by its day was sent on that day, or a little later.
   *
   * @param {string} name
   * @param {import("./chat_lines.js").ChatLine} line
   */
  #weighName(name, line) {
    const made = momentInName(name);
    if (made === null) return;
    for (const order of ORDERS) {
      if (Math.abs((momentOf(line, order) ?? Infinity) - made) > TWO_DAYS) this.#against[order] += 10;
    }
  }
}

/** @type {DateOrder[]} the likelier first: among equals as in India */
const ORDERS = ["dmy", "mdy", "ymd"];

/**
 * Null where that order makes no date of it.
 *
 * @param {import("./chat_lines.js").ChatLine} line
 * @param {DateOrder} order
 */
function momentOf({ date, minutes }, order) {
  const [first, second, third] = date;
  const [day, month, year] =
    order === "dmy" ? date : order === "mdy" ? [second, first, third] : [third, second, first];
  const whole = year < 100 ? 2000 + year : year;
  if (month < 1 || month > 12 || day < 1 || day > 31 || whole < 2009 || whole > 2199) return null;
  if (order === "ymd" && first < 100) return null; // nobody writes 24/01/31
  return Date.UTC(whole, month - 1, day) + minutes * 60_000;
}

/**
 * When a recording was made, as its name has it: PTT-20240131-WA0001, 00000012-AUDIO-2024-01-31-10-11-12.
 *
 * @param {string} name
 * @returns {number | null}
 */
export function momentInName(name) {
  const found = DAY.exec(name);
  if (!found) return null;
  const [year, month, day, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((each) => Number(each ?? 0));
  return Date.UTC(year, month - 1, day, hours, minutes, seconds);
}

/**
 * Lines of a text that comes in blocks; what is longer than a message can be is cut.
 *
 * @param {AsyncIterable<Uint8Array>} blocks
 * @param {number} [longest] letters of a line
 */
export async function* linesOf(blocks, longest = 65_536) {
  const decoder = new TextDecoder();
  let waiting = "";
  for await (const block of blocks) {
    const lines = (waiting + decoder.decode(block, { stream: true })).split(/\r\n|\n|\r/);
    waiting = (lines.pop() ?? "").slice(0, longest);
    yield* lines;
  }
  yield waiting + decoder.decode();
}
