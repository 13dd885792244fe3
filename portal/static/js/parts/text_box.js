// @ts-check
// A box that words are typed into. It stays a plain text box, so that carets, undo and every keyboard work as always.

/** Tells `words` whenever the text has changed. */
export class TextBox extends EventTarget {
  /** @param {HTMLTextAreaElement} box */
  constructor(box) {
    super();
    this.box = box;
    box.addEventListener("input", () => this.dispatchEvent(new Event("words")));
  }

  get text() {
    return this.box.value;
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  /**
   * The caret, or a stretch that is marked.
   *
   * @param {number} from
   */
  select(from, to = from) {
    this.focus();
    this.box.setSelectionRange(from, to);
  }

  /**
   * Put words in the place of a stretch (or of what is marked), as if typed: undo takes them back.
   *
   * @param {string} words
   */
  write(words, from = this.box.selectionStart, to = this.box.selectionEnd) {
    this.select(from, to);
    // execCommand is old, but the only way to write into a text box that undo knows of.
    const done = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
    if (!done) {
      this.box.setRangeText(words, from, to, "end");
      this.box.dispatchEvent(
        new InputEvent("input", { bubbles: true, inputType: "insertText", data: words }),
      );
    }
  }
}
