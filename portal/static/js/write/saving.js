// No typed word is lost: kept on this device at every letter, on the server seconds later. And the line that says so.

import { gettext, announce } from "../page.js";
import { timeOf } from "../parts/clock.js";
import { seenOnServer } from "./merge.js";

const AFTER_TYPING = 2500; // milliseconds; with the way to the server, within 3 s
const WHILE_TYPING = 15000;

export class Saving {
  /** line: where the state stands. heard(): what was heard of the clip, kept with the words */
  constructor(line, store, outbox, editor) {
    this.line = line;
    this.store = store;
    this.outbox = outbox;
    this.editor = editor;
    this.clip = null;
    editor.addEventListener("words", () => this.#changed());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
    addEventListener("pagehide", () => this.flush());
    addEventListener("beforeunload", (event) => {
      if (
        this.clip &&
        this.record.text !== this.record.sent &&
        this.local !== "kept" &&
        this.local !== "keeping"
      )
        event.preventDefault();
    });
  }

  /** A clip was opened. record: {text, sent, seen, heard, active} as it is kept from now on; see merge.js */
  open(clip, record) {
    clearTimeout(this.timer);
    this.clip = clip;
    this.record = record;
    this.given = record.sent;
    this.local = record.text ? "kept" : "empty";
    this.oldest = null;
    if (record.text !== record.sent) this.#sendSoon();
    this.show();
  }

  close() {
    clearTimeout(this.timer);
    this.clip = null;
  }

  #changed() {
    if (!this.clip) return;
    this.record.text = this.editor.text;
    this.keep();
    this.#sendSoon();
  }

  /** Keep the record on this device, now; letters that come while it is being kept are kept right after. */
  async keep() {
    this.local = "keeping";
    this.again = true;
    this.show();
    if (this.keeping) return;
    this.keeping = true;
    try {
      while (this.again) {
        this.again = false;
        const { clip, record } = this;
        if (!clip) break;
        await this.store.put("drafts", clip.slot, { slot: clip.slot, ...record });
      }
      this.local = this.store.lasting ? "kept" : "memory";
      this.keptAt = Date.now();
    } catch {
      this.local = "failed"; // a full or broken disk: the server is all there is, and the line says so
    } finally {
      this.keeping = false;
      this.show();
    }
  }

  #sendSoon() {
    clearTimeout(this.timer);
    this.oldest ??= Date.now();
    const wait = Math.min(AFTER_TYPING, Math.max(0, this.oldest + WHILE_TYPING - Date.now()));
    this.timer = setTimeout(() => this.flush(), wait);
  }

  /** Give the words to the outbox, if there are new ones. */
  async flush() {
    clearTimeout(this.timer);
    const { clip, record } = this;
    if (!clip || record.text === this.given) return;
    this.given = record.text;
    this.oldest = null;
    await this.outbox.draft(clip, record.text);
  }

  /** The server has these words of a clip. known: as it keeps them */
  async received(slot, sent, known) {
    if (this.clip?.slot === slot) {
      Object.assign(this.record, { sent, seen: seenOnServer(this.record.seen, known) });
      this.serverAt = Date.now();
      await this.keep();
      return;
    }
    if (!(await this.store.get("drafts", slot))) return;
    await this.store.update("drafts", slot, (record) => ({
      ...record,
      sent,
      seen: seenOnServer(record.seen, known),
    }));
  }

  show() {
    const [state, words] = this.#state();
    if (this.line.textContent === words) return;
    const worse = state === "bad" && !this.line.classList.contains("bad");
    this.line.className = `saved state ${state}`;
    this.line.textContent = words;
    if (worse) announce(words);
  }

  #state() {
    if (!this.clip || (!this.record.text && this.local === "empty")) return ["", ""];
    const onServer = this.record.text === this.record.sent;
    const at = timeOf(this.serverAt || this.keptAt || Date.now());
    if (this.outbox.held === "signed-out")
      return ["bad", gettext("You are signed out. Your words are kept on this device.")];
    if (this.outbox.held === "old-page")
      return ["bad", gettext("This page is too old to send. Your words are kept; load it again.")];
    if (onServer && this.local === "kept")
      return ["ok", gettext("Saved %(time)s, here and on the server", { time: at })];
    if (onServer) return ["ok", gettext("Saved %(time)s on the server", { time: at })];
    if (this.local === "kept" && this.outbox.held === "offline")
      return ["warn", gettext("Saved on this device; sent when there is network")];
    if (this.local === "kept") return ["going", gettext("Saved on this device")];
    if (this.local === "keeping") return ["going", gettext("Saving")];
    return [
      "bad",
      gettext("Not saved: this browser keeps nothing. Stay on this page until it is on the server."),
    ];
  }
}
