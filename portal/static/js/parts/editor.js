// @ts-check
// The box that a clip's words are typed into: a mirror behind it paints the same text with tags as chips and remarks
// underlined.

import { make } from "../page.js";
import { afterChange, wholeLetters } from "./points.js";
import { TextBox } from "./text_box.js";

const TAG = /<\s{0,5}(\/?)\s{0,5}([\p{L}\p{M}][\p{L}\p{M}\p{N}_ -]{0,30})\s{0,5}>/gu; // as transcription/text/pieces.py
const WHOLE_TEXT = new Set(["empty", "too_long", "too_much_text", "too_little_text"]);
const WEIGHT = { error: 2, warning: 1, note: 0 };

export class Editor extends TextBox {
  /**
   * @param {HTMLTextAreaElement} box
   * @param {HTMLElement} mirror
   * @param {HTMLElement} paper around both
   */
  constructor(box, mirror, paper) {
    super(box);
    this.mirror = mirror;
    /** @type {PlacedRemark[]} */
    this.remarks = [];
    this.painted = "";
    /** @type {Guide | null} */
    this.guide = null;
    this.addEventListener("words", () => {
      this.remarks = afterChange(this.remarks, this.painted, box.value);
      this.paint();
    });
    paper.classList.add("mirrored");
  }

  /**
   * A new clip's words.
   *
   * @param {string} text
   * @param {Guide} guide
   */
  open(text, guide) {
    this.guide = guide;
    this.box.value = text;
    this.box.lang = this.mirror.lang = guide.bcp47;
    this.box.dir = this.mirror.dir = guide.direction;
    this.box.readOnly = false;
    this.box.setSelectionRange(text.length, text.length);
    this.mark([]);
  }

  /**
   * A tag at the caret, or around what is marked.
   *
   * @param {string} name
   * @param {Tag["form"]} form
   */
  writeTag(name, form) {
    const { selectionStart: from, selectionEnd: to, value } = this.box;
    const marked = value.slice(from, to).trim();
    const before = from > 0 && !/\s/.test(value[from - 1]) ? " " : "";
    const after = to < value.length && /\s/.test(value[to]) ? "" : " ";
    if (form === "event" || (form === "either" && !marked)) {
      this.write(`${before}<${name}>${after}`, marked ? to : from, to);
      return;
    }
    this.write(`${before}<${name}>${marked}</${name}>${after}`, from, to);
    if (!marked) this.select(from + before.length + name.length + 2);
  }

  /**
   * What the checker says of the text as it stands: underlined from now on.
   *
   * @param {PlacedRemark[]} remarks
   */
  mark(remarks) {
    this.remarks = remarks;
    this.paint();
  }

  paint() {
    const text = (this.painted = this.box.value);
    const tags = tagsIn(text);
    const underlined = this.#underlined(text);
    const known = new Set(this.guide?.tags.map((tag) => tag.name));
    const cuts = [0, text.length, ...[...tags, ...underlined].flatMap(({ from, to }) => [from, to])];
    const places = [...new Set(cuts)].sort((a, b) => a - b);
    const painted = places.slice(0, -1).map((from, index) => {
      const to = places[index + 1];
      const covers = (/** @type {{from: number, to: number}} */ each) => each.from <= from && to <= each.to;
      const tag = tags.find(covers);
      const [remark] = underlined.filter(covers).sort((a, b) => WEIGHT[b.severity] - WEIGHT[a.severity]);
      const chip = tag && (known.has(tag.name) ? "tag" : "tag unknown");
      const classes = [remark && `remark of-${remark.severity}`, chip].filter(Boolean).join(" ");
      const part = text.slice(from, to);
      return classes ? make("span", { class: classes }, ...(tag ? withoutBrackets(part) : [part])) : part;
    });
    // A last line that is empty has a height in the text box; the mirror needs something on it.
    this.mirror.replaceChildren(...painted, "\u200b");
  }

  /** @param {string} text */
  #underlined(text) {
    const stretches = this.remarks.filter(
      (remark) => !WHOLE_TEXT.has(remark.code) && remark.to > remark.from,
    );
    return stretches.map((remark) => {
      const [from, to] = wholeLetters(text, remark.from, remark.to, this.guide?.bcp47);
      return { from, to, severity: remark.severity };
    });
  }
}

/** @param {string} text */
function tagsIn(text) {
  return [...text.matchAll(TAG)].map(({ index, 0: whole, 2: name }) => ({
    from: index,
    to: index + whole.length,
    name: name.trim().toLowerCase(),
  }));
}

/**
 * A chip shows the name of its tag; the brackets keep their place, unseen.
 *
 * @param {string} part
 */
function withoutBrackets(part) {
  const pieces = part.split(/([<>/])/).filter(Boolean);
  return pieces.map((piece) => (/[<>]/.test(piece) ? make("i", {}, piece) : piece));
}
