// @ts-check
// The list of what waits, what is on its way and what was heard, drawn anew as it changes.

import { announce, byId, gettext, make, ngettext } from "../page.js";
import { entryLine } from "./entry_line.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { showStatus } from "./status_line.js";

const LITTLE_ROOM = 200 * 2 ** 20; // bytes
const ROOM_EVERY = 60_000; // milliseconds between two looks at it
const REST = 120; // milliseconds between two drawings
const DONE = new Set(["received", "refused"]);

export class EntryList {
  #showing = false;
  #stale = false;
  #roomAsked = 0;
  /** @type {number | null} bytes that are left on this phone */
  #left = null;
  /** @type {WeakMap<Element, string>} what a line was drawn from */
  #drawn = new WeakMap();

  /**
   * @param {import("./entry_line.js").LineActs} acts
   * @param {(entries: Entry[]) => Promise<void>} changed called with the entries before they are drawn
   */
  constructor(acts, changed) {
    this.acts = acts;
    this.changed = changed;
  }

  /** Draw anew; at most one drawing at a time, and none lost. */
  async show() {
    this.#stale = true;
    if (this.#showing) return;
    this.#showing = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        await this.#draw();
        await new Promise((resolve) => setTimeout(resolve, REST));
      }
    } finally {
      this.#showing = false;
    }
  }

  async #draw() {
    const { entries, others, elsewhere } = await queue.mine();
    await this.changed(entries);
    const newest = entries.filter((entry) => entry.state !== "recording").reverse();
    this.#drawLines(newest);
    byId("nothing").hidden = newest.length > 0;
    showTotal(entries);
    await this.#drawNotes(others, elsewhere);
    await showStatus();
  }

  /**
   * Only what changed is touched: a button under somebody's thumb stays where it is.
   *
   * @param {Entry[]} newest
   */
  #drawLines(newest) {
    const list = byId("takes");
    /** @type {Map<string, Element>} */
    const seen = new Map([...list.children].map((item) => [item.id, item]));
    const lines = newest.map((entry) => this.#line(entry, seen.get(`take-${entry.id}`)));
    const same = lines.every((item, index) => list.children[index] === item);
    if (same && list.children.length === lines.length) return;
    const focused = document.activeElement?.closest?.("#takes li")?.id;
    list.replaceChildren(...lines);
    if (focused) list.querySelector(`#${focused} :is(button, a)`)?.focus();
  }

  /**
   * @param {Entry} entry
   * @param {Element | undefined} before as it was drawn before
   */
  #line(entry, before) {
    const key = JSON.stringify({ ...entry, sent: queue.sentOf(entry), trouble: queue.trouble() });
    if (before && this.#drawn.get(before) === key) return before;
    const line = entryLine(entry, this.acts);
    this.#drawn.set(line, key);
    if (before && DONE.has(entry.state) && before.textContent !== line.textContent) {
      announce(line.querySelector(".why")?.textContent ?? "");
    }
    return line;
  }

  /**
   * @param {number} others
   * @param {number} elsewhere
   */
  async #drawNotes(others, elsewhere) {
    if (Date.now() - this.#roomAsked > ROOM_EVERY) {
      this.#roomAsked = Date.now();
      this.#left = await store.room().catch(() => null);
    }
    const notes = waitingNotes(others, elsewhere);
    if (this.#left !== null && this.#left < LITTLE_ROOM) {
      const left = Math.max(0, Math.round(this.#left / 1e6));
      notes.push(
        gettext("This phone is nearly full: %(left)s MB left. Send what waits before you record more.", {
          left,
        }),
      );
    }
    const place = byId("notes");
    if (place.textContent === notes.join("")) return;
    place.replaceChildren(...notes.map((words) => make("p", { class: "note warn" }, words)));
  }
}

/**
 * What waits here for somebody else, or for another project.
 *
 * @param {number} others
 * @param {number} elsewhere
 */
function waitingNotes(others, elsewhere) {
  const notes = [];
  if (others) {
    notes.push(
      ngettext(
        "%(num)s recording of somebody else waits on this phone. It is sent when they sign in here.",
        "%(num)s recordings of others wait on this phone. They are sent when they sign in here.",
        others,
      ),
    );
  }
  if (elsewhere) {
    notes.push(
      ngettext(
        "%(num)s recording for another project waits here. Change the project to send it.",
        "%(num)s recordings for another project wait here. Change the project to send them.",
        elsewhere,
      ),
    );
  }
  return notes;
}

/** @param {Entry[]} entries */
function showTotal(entries) {
  const going = entries.filter(
    ({ state, kind }) => (state === "kept" || state === "sending") && kind !== "speaker",
  );
  byId("total").hidden = going.length < 2;
  const size = going.reduce((sum, entry) => sum + entry.size, 0);
  const sent = going.reduce((sum, entry) => sum + queue.sentOf(entry), 0);
  byId("total-bar").value = size ? sent / size : 0;
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
  const words = gettext("%(sent)s of %(size)s MB sent", { sent: megabytes(sent), size: megabytes(size) });
  byId("total-words").textContent = words;
}
