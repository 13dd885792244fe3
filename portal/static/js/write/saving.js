// @ts-check
// No typed word is lost: kept on this device at every letter, on the server seconds later. And the line that says so.

import { gettext, announce } from "../page.js";
import { timeOf } from "../parts/clock.js";
import { seenOnServer } from "./merge.js";

const AFTER_TYPING = 2500; // milliseconds; with the way to the server, within 3 s
const WHILE_TYPING = 15_000;

/** @typedef {"empty" | "keeping" | "kept" | "memory" | "failed"} LocalState how the words stand on this device */

/** @type {Draft} */
const NO_DRAFT = { text: "", sent: "", seen: [], heard: [], active: 0 };

export class Saving {
  /** @type {Clip | null} */
  clip = null;
  /** as it is kept from now on */
  draft = NO_DRAFT;
  /** @type {LocalState} */
  local = "empty";
  #given = "";
  #timer = 0;
  #oldest = 0; // when the first letter came that the server was not given
  #keeping = false;
  #again = false;
  #keptAt = 0;
  #serverAt = 0;

  /**
   * @param {HTMLElement} line where the state stands
   * @param {import("./draft_store.js").DraftStore} store
   * @param {import("./outbox.js").Outbox} outbox
   * @param {import("../parts/editor.js").Editor} editor
   */
  constructor(line, store, outbox, editor) {
    this.line = line;
    this.store = store;
    this.outbox = outbox;
    this.editor = editor;
    editor.addEventListener("words", () => this.#changed());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
    addEventListener("pagehide", () => this.flush());
    addEventListener("beforeunload", (event) => {
      const here = this.local === "kept" || this.local === "keeping";
      if (this.clip && !this.#onServer && !here) event.preventDefault();
    });
  }

  get #onServer() {
    return this.draft.text === this.draft.sent;
  }

  /**
   * A clip was opened.
   *
   * @param {Clip} clip
   * @param {Draft} draft
   */
  open(clip, draft) {
    clearTimeout(this.#timer);
    this.clip = clip;
    this.draft = draft;
    this.#given = draft.sent;
    this.local = draft.text ? "kept" : "empty";
    this.#oldest = 0;
    if (!this.#onServer) this.#sendSoon();
    this.show();
  }

  close() {
    clearTimeout(this.#timer);
    this.clip = null;
  }

  #changed() {
    if (!this.clip) return;
    this.draft.text = this.editor.text;
    this.keep();
    this.#sendSoon();
  }

  /** Keep the draft on this device, now; letters that come while it is being kept are kept right after. */
  async keep() {
    this.local = "keeping";
    this.#again = true;
    this.show();
    if (this.#keeping) return;
    this.#keeping = true;
    try {
      while (this.#again) {
        this.#again = false;
        const { clip, draft } = this;
        if (!clip) break;
        await this.store.put("drafts", clip.slot, { slot: clip.slot, ...draft });
      }
      this.local = this.store.lasting ? "kept" : "memory";
      this.#keptAt = Date.now();
    } catch {
      this.local = "failed"; // a full or broken disk: the server is all there is, and the line says so
    } finally {
      this.#keeping = false;
      this.show();
    }
  }

  #sendSoon() {
    clearTimeout(this.#timer);
    this.#oldest ||= Date.now();
    const wait = Math.min(AFTER_TYPING, Math.max(0, this.#oldest + WHILE_TYPING - Date.now()));
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Give the words to the outbox, if there are new ones. */
  async flush() {
    clearTimeout(this.#timer);
    const { clip, draft } = this;
    if (!clip || draft.text === this.#given) return;
    this.#given = draft.text;
    this.#oldest = 0;
    await this.outbox.draft(clip, draft.text);
  }

  /**
   * The server has these words of a clip.
   *
   * @param {string} slot
   * @param {string} sent
   * @param {string} known as the server keeps them
   */
  async received(slot, sent, known) {
    const after = (/** @type {Draft} */ draft) => ({ ...draft, sent, seen: seenOnServer(draft.seen, known) });
    if (this.clip?.slot === slot) {
      this.draft = after(this.draft);
      this.#serverAt = Date.now();
      await this.keep();
    } else if (await this.store.get("drafts", slot)) await this.store.update("drafts", slot, after);
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
    const { local } = this;
    const { held } = this.outbox;
    if (!this.clip || (!this.draft.text && local === "empty")) return ["", ""];
    if (held === "signed-out") {
      return ["bad", gettext("You are signed out. Your words are kept on this device.")];
    }
    if (held === "old-page") {
      return ["bad", gettext("This page is too old to send. Your words are kept; load it again.")];
    }
    if (this.#onServer) {
      const time = timeOf(this.#serverAt || this.#keptAt || Date.now());
      if (local === "kept") return ["ok", gettext("Saved %(time)s, here and on the server", { time })];
      return ["ok", gettext("Saved %(time)s on the server", { time })];
    }
    if (local === "kept" && held === "offline") {
      return ["warn", gettext("Saved on this device; sent when there is network")];
    }
    if (local === "kept") return ["going", gettext("Saved on this device")];
    if (local === "keeping") return ["going", gettext("Saving")];
    const words = gettext(
      "Not saved: this browser keeps nothing. Stay on this page until it is on the server.",
    );
    return ["bad", words];
  }
}
