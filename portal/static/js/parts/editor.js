// The box that words are typed into. It stays a plain text box, so that carets, undo and every keyboard work as always;
// a mirror behind it paints the same text with tags as chips and remarks underlined.

import { make } from "../page.js";
import { afterChange, wholeLetters } from "./points.js";

const TAG = /<\s{0,5}(\/?)\s{0,5}([\p{L}\p{M}][\p{L}\p{M}\p{N}_ -]{0,30})\s{0,5}>/gu; // as transcription/text/pieces.py
const WHOLE_TEXT = new Set(["empty", "too_long", "too_much_text", "too_little_text"]);

export class Editor extends EventTarget {
  /** Tells `words` whenever the text has changed. */
  constructor(box, mirror, paper) {
    super();
    this.box = box;
    this.mirror = mirror;
    this.paper = paper;
    this.remarks = [];
    this.painted = "";
    this.guide = null;
    box.addEventListener("input", () => {
      this.remarks = afterChange(this.remarks, this.painted, box.value);
      this.paint();
      this.dispatchEvent(new Event("words"));
    });
    paper.classList.add("mirrored");
  }

  get text() {
    return this.box.value;
  }

  /** A new clip's words. */
  open(text, guide) {
    this.guide = guide;
    this.box.value = text;
    this.box.lang = this.mirror.lang = guide.bcp47;
    this.box.dir = this.mirror.dir = guide.direction;
    this.box.setSelectionRange(text.length, text.length);
    this.remarks = [];
    this.paint();
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  /** Put words in the place of a stretch (or of what is marked), as if typed: undo takes them back. */
  write(words, from = this.box.selectionStart, to = this.box.selectionEnd) {
    this.focus();
    this.box.setSelectionRange(from, to);
    // execCommand is old, but the only way to write into a text box that undo knows of.
    const done = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
    if (!done) {
      this.box.setRangeText(words, from, to, "end");
      this.box.dispatchEvent(
        new InputEvent("input", { bubbles: true, inputType: "insertText", data: words }),
      );
    }
  }

  /** A tag at the caret, or around what is marked. form: event, span or either */
  writeTag(name, form) {
    const { selectionStart: from, selectionEnd: to, value } = this.box;
    const marked = value.slice(from, to);
    const before = from > 0 && !/\s/.test(value[from - 1]) ? " " : "";
    const after = to < value.length && /\s/.test(value[to]) ? "" : " ";
    if (form === "event" || (form === "either" && !marked.trim())) {
      this.write(`${before}<${name}>${after}`, marked.trim() ? to : from, to);
      return;
    }
    const inside = marked.trim();
    this.write(`${before}<${name}>${inside}</${name}>${after}`, from, to);
    if (!inside) {
      const caret = from + before.length + name.length + 2;
      this.box.setSelectionRange(caret, caret);
    }
  }

  /** What the checker says of the text as it stands: underlined from now on. */
  mark(remarks) {
    this.remarks = remarks;
    this.paint();
  }

  paint() {
    const text = (this.painted = this.box.value);
    const cuts = new Set([0, text.length]);
    const tags = [...text.matchAll(TAG)].map((found) => ({
      from: found.index,
      to: found.index + found[0].length,
      name: found[2].trim().toLowerCase(),
      closing: Boolean(found[1]),
    }));
    const underlined = this.remarks
      .filter((remark) => !WHOLE_TEXT.has(remark.code) && remark.to > remark.from)
      .map((remark) => {
        const [from, to] = wholeLetters(text, remark.from, remark.to, this.guide?.bcp47);
        return { from, to, severity: remark.severity };
      });
    for (const { from, to } of [...tags, ...underlined]) cuts.add(from).add(to);
    const known = new Set(this.guide?.tags.map((tag) => tag.name));
    const places = [...cuts].sort((a, b) => a - b);
    const painted = [];
    for (let index = 0; index + 1 < places.length; index++) {
      const [from, to] = [places[index], places[index + 1]];
      const part = text.slice(from, to);
      const tag = tags.find((each) => each.from <= from && to <= each.to);
      const remark = underlined
        .filter((each) => each.from <= from && to <= each.to)
        .sort((a, b) => weight(b) - weight(a))[0];
      const classes = [
        remark && `remark of-${remark.severity}`,
        tag && (known.has(tag.name) ? "tag" : "tag unknown"),
      ]
        .filter(Boolean)
        .join(" ");
      painted.push(
        classes ? make("span", { class: classes }, ...(tag ? withoutBrackets(part) : [part])) : part,
      );
    }
    // A last line that is empty has a height in the text box; the mirror needs something on it.
    this.mirror.replaceChildren(...painted, "\u200b");
  }
}

function weight(remark) {
  return { error: 2, warning: 1, note: 0 }[remark.severity];
}

/** A chip shows the name of its tag; the brackets keep their place, unseen. */
function withoutBrackets(part) {
  return part
    .split(/([<>/])/)
    .filter(Boolean)
    .map((piece) => (/[<>]/.test(piece) ? make("i", {}, piece) : piece));
}
