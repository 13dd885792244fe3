// What the guideline doesn't like, while somebody writes: asked of the server a moment after they stop, shown under the
// text with its code and place. Without network nothing is asked; then the server says so when the text is sent.

import { ask, gettext, make, announce, Refused, Unreachable } from "../page.js";
import { placed } from "./points.js";

const AFTER = 400; // milliseconds
const SHOWN = 4; // remarks
const PLACES = 4; // of one remark

export class Checks {
  /** address: where a text is checked */
  constructor(list, editor, address = "/write/check") {
    this.address = address;
    this.list = list;
    this.editor = editor;
    this.clip = null;
    this.about = null; // the text that `found` is about
    this.found = [];
    this.asked = 0;
    editor.addEventListener("words", () => this.soon());
  }

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
      const remarks = await ask(this.address, {
        method: "POST",
        body: { language, text, seconds },
        seconds: 8,
      });
      if (turn === this.asked && text === this.editor.text) this.#take(text, remarks);
    } catch (error) {
      if (!(error instanceof Unreachable) && !(error instanceof Refused)) throw error;
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

  /** Take what the server said about a text: after a check, or when it refused one. */
  #take(text, remarks) {
    this.about = text;
    // A space at the end is where the next word begins.
    this.found = placed(text, remarks).filter(
      (remark) => remark.code !== "spacing" || remark.to < text.length,
    );
    this.editor.mark(this.found);
    this.#show();
  }

  told(text, remarks) {
    if (text === this.editor.text) this.#take(text, remarks);
  }

  /** Put the first certain mend in its place. Gives whether there was one. */
  mendFirst() {
    const remark = this.current && this.found.find((each) => each.fix !== null);
    if (remark) this.#mend(remark);
    return Boolean(remark);
  }

  #mend(remark) {
    const caret = this.editor.box.selectionEnd;
    this.editor.write(remark.fix, remark.from, remark.to);
    const grown = remark.fix.length - (remark.to - remark.from);
    const back = caret >= remark.to ? caret + grown : caret;
    this.editor.box.setSelectionRange(back, back);
    this.soon(0);
  }

  toFirstBlocking() {
    const [first] = this.blocking;
    this.editor.focus();
    this.editor.box.setSelectionRange(first.from, first.to);
    announce(first.message);
  }

  #show() {
    const order = { error: 0, warning: 1, note: 2 };
    const firstFix = this.found.find((remark) => remark.fix !== null);
    // What is said of several places is said once.
    const groups = new Map();
    for (const remark of this.found) {
      const said = `${remark.code} ${remark.message}`;
      groups.set(said, [...(groups.get(said) || []), remark]);
    }
    const sorted = [...groups.values()].sort(([a], [b]) => order[a.severity] - order[b.severity]);
    const lines = sorted.slice(0, SHOWN).map((remarks) => this.#line(remarks, firstFix));
    if (sorted.length > SHOWN)
      lines.push(
        make("li", { class: "quiet" }, gettext("and %(count)s more", { count: sorted.length - SHOWN })),
      );
    this.list.replaceChildren(...lines);
  }

  #line(remarks, firstFix) {
    const [{ severity, message, code }] = remarks;
    const blocks = severity === "error";
    return make(
      "li",
      { class: `state ${blocks ? "bad" : "warn"}` },
      make("b", { class: "sr" }, blocks ? gettext("Must be changed:") : gettext("Look at this:"), " "),
      make("span", {}, message),
      " ",
      ...remarks
        .slice(0, PLACES)
        .flatMap((remark) => [this.#place(remark), this.#fix(remark, remark === firstFix)]),
      remarks.length > PLACES ? "…" : null,
      make("code", {}, code),
    );
  }

  #place(remark) {
    const { text } = this.editor;
    const place = text.slice(remark.from, Math.min(remark.to, remark.from + 24));
    if (!place.trim() || remark.to - remark.from >= text.length) return null;
    const go = () => {
      this.editor.focus();
      this.editor.box.setSelectionRange(remark.from, remark.to);
    };
    return make(
      "button",
      { type: "button", class: "place", onclick: go, lang: this.editor.guide.bcp47 },
      make("bdi", {}, place),
    );
  }

  #fix(remark, first) {
    if (remark.fix === null) return null;
    const shown = remark.fix.trim()
      ? make("bdi", { lang: this.editor.guide.bcp47 }, remark.fix)
      : gettext("Mend");
    return make(
      "button",
      { type: "button", class: "mend", onclick: () => this.#mend(remark) },
      shown,
      first ? make("kbd", {}, "Alt ↵") : null,
    );
  }
}
