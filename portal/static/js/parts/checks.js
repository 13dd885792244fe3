// @ts-check
// What the guideline doesn't like, while somebody writes: asked of the server a moment after they stop, shown under the
// text with its code and place. Without network nothing is asked; then the server says so when the text is sent.

import { ask, gettext, isUnanswered, make, announce } from "../page.js";
import { placed } from "./points.js";

const AFTER = 400; // milliseconds
const MOST_REMARKS = 4;
const MOST_PLACES = 4; // of one remark
const ORDER = { error: 0, warning: 1, note: 2 };

export class Checks {
  /**
   * @param {HTMLElement} list
   * @param {import("./editor.js").Editor} editor
   * @param {string} address where a text is checked
   */
  constructor(list, editor, address) {
    this.address = address;
    this.list = list;
    this.editor = editor;
    /** @type {PlayableClip | null} */
    this.clip = null;
    /** @type {string | null} the text that `found` is about */
    this.about = null;
    /** @type {PlacedRemark[]} */
    this.found = [];
    this.asked = 0;
    this.timer = 0;
    editor.addEventListener("words", () => this.soon());
  }

  /** @param {PlayableClip} clip */
  open(clip) {
    clearTimeout(this.timer);
    this.asked++;
    this.clip = clip;
    this.#take("", []);
    this.about = null;
    if (this.editor.text.trim()) this.soon(0);
  }

  soon(after = AFTER) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), after);
  }

  /** Ask about the text as it stands. Quietly nothing without network. */
  async now() {
    const { text } = this.editor;
    const turn = ++this.asked;
    if (!this.clip || text === this.about) return;
    if (!text.trim()) return this.#take(text, []);
    try {
      const { language, seconds } = this.clip;
      const body = { language, text, seconds };
      const remarks = await ask(this.address, { method: "POST", body, seconds: 8 });
      if (turn === this.asked) this.show(text, remarks);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
    }
  }

  /** Whether the text as it stands was checked. */
  get current() {
    return this.about === this.editor.text;
  }

  /** Remarks that must be mended before sending; none while the text was not checked. */
  get blocking() {
    return this.current ? this.found.filter((remark) => remark.severity === "error") : [];
  }

  /**
   * What the server said about a text: after a check, or when it refused one. Nothing where the text has changed since.
   *
   * @param {string} text
   * @param {Remark[]} remarks
   */
  show(text, remarks) {
    if (text === this.editor.text) this.#take(text, remarks);
  }

  /**
   * @param {string} text
   * @param {Remark[]} remarks
   */
  #take(text, remarks) {
    this.about = text;
    // A space at the end is where the next word begins.
    this.found = placed(text, remarks).filter(({ code, to }) => code !== "spacing" || to < text.length);
    this.editor.mark(this.found);
    this.#draw();
  }

  /** Put the first certain mend in its place. */
  mendFirst() {
    const remark = this.current && this.found.find((each) => each.fix !== null);
    if (remark) this.#mend(remark);
  }

  /** @param {PlacedRemark} remark */
  #mend({ fix, from, to }) {
    const caret = this.editor.box.selectionEnd;
    const words = fix ?? "";
    this.editor.write(words, from, to);
    this.editor.select(caret >= to ? caret + words.length - (to - from) : caret);
    this.soon(0);
  }

  toFirstBlocking() {
    const [first] = this.blocking;
    this.editor.select(first.from, first.to);
    announce(first.message);
  }

  #draw() {
    const firstFix = this.found.find((remark) => remark.fix !== null);
    /** @type {Map<string, PlacedRemark[]>} what is said of several places is said once */
    const groups = new Map();
    for (const remark of this.found) {
      const key = `${remark.code} ${remark.message}`;
      groups.set(key, [...(groups.get(key) || []), remark]);
    }
    const sorted = [...groups.values()].sort(([a], [b]) => ORDER[a.severity] - ORDER[b.severity]);
    const lines = sorted.slice(0, MOST_REMARKS).map((remarks) => this.#line(remarks, firstFix));
    const more = sorted.length - MOST_REMARKS;
    if (more > 0) lines.push(make("li", { class: "quiet" }, gettext("and %(count)s more", { count: more })));
    this.list.replaceChildren(...lines);
  }

  /**
   * @param {PlacedRemark[]} remarks that say one thing
   * @param {PlacedRemark | undefined} firstFix
   */
  #line(remarks, firstFix) {
    const [{ severity, message, code }] = remarks;
    const blocks = severity === "error";
    const urgency = blocks ? gettext("Must be changed:") : gettext("Look at this:");
    return make(
      "li",
      { class: `state ${blocks ? "bad" : "warn"}` },
      make("b", { class: "sr" }, urgency, " "),
      make("span", {}, message),
      " ",
      ...remarks
        .slice(0, MOST_PLACES)
        .flatMap((each) => [this.#place(each), this.#fix(each, each === firstFix)]),
      remarks.length > MOST_PLACES ? "…" : null,
      make("code", {}, code),
    );
  }

  /** @param {PlacedRemark} remark */
  #place({ from, to }) {
    const { text, guide } = this.editor;
    const stretch = text.slice(from, Math.min(to, from + 24));
    if (!stretch.trim() || to - from >= text.length) return null;
    const onclick = () => this.editor.select(from, to);
    const attributes = { type: "button", class: "place", onclick, lang: guide?.bcp47 };
    return make("button", attributes, make("bdi", {}, stretch));
  }

  /**
   * @param {PlacedRemark} remark
   * @param {boolean} first
   */
  #fix(remark, first) {
    const { fix } = remark;
    if (fix === null) return null;
    const shown = fix.trim() ? make("bdi", { lang: this.editor.guide?.bcp47 }, fix) : gettext("Mend");
    const onclick = () => this.#mend(remark);
    const key = first ? make("kbd", {}, "Alt ↵") : null;
    return make("button", { type: "button", class: "mend", onclick }, shown, key);
  }
}
