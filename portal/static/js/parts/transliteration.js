// @ts-check
// Latin letters become the language's script, word by word: amma, then a space, is అమ్మ. The library, and what it needs,
// come only when somebody wants them.

import { make, gettext, announce } from "../page.js";
import { endsWord, inAnyScript, wordBefore } from "./latin_words.js";
import { script } from "./script.js";
import { choose, learnSpelling, learntSpelling, settings } from "./settings.js";

const LIBRARY = new URL("../../vendor/sanscript-1.3.3/sanscript.js", import.meta.url);
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** @typedef {(latin: string, script: string, learnt?: string) => string[]} Speller */

/** @returns {Promise<Speller>} */
async function bringSpeller() {
  const [{ spellings }] = await Promise.all([import("./spellings.js"), script(LIBRARY)]);
  const { Sanscript } = window;
  const t = (/** @type {[string, string, string]} */ ...given) => Sanscript.t(...given);
  return (latin, name, learnt) => spellings(latin, name, t, { learnt });
}

export class Transliteration {
  /** @type {Guide | null} */
  #guide = null;
  /** @type {string[]} */
  #freeTags = [];
  /** @type {Speller | null} */
  #speller = null;
  /** @type {{from: number, to: number, latin: string, ways: string[], chosen: number} | null} */
  #offered = null;
  #writing = false;

  /**
   * @param {object} places
   * @param {HTMLElement} places.bar where the spellings show
   * @param {HTMLElement} places.switcher the button that turns it on
   * @param {HTMLElement} places.example the words on it
   * @param {import("./text_box.js").TextBox} editor
   */
  constructor({ bar, switcher, example }, editor) {
    this.bar = bar;
    this.switcher = switcher;
    this.example = example;
    this.editor = editor;
    switcher.addEventListener("click", () => {
      this.toggle();
      editor.focus();
    });
    editor.addEventListener("words", () => this.#typed());
    const left = () => document.activeElement?.closest("#typing") || this.#close();
    editor.box.addEventListener("blur", () => setTimeout(left, 0));
  }

  /**
   * A clip of another language, perhaps.
   *
   * @param {Guide} guide
   */
  open(guide) {
    this.#guide = guide;
    this.#freeTags = guide.tags.filter((tag) => tag.any_script).map((tag) => tag.name);
    this.#close();
    if (this.on) this.#prepare();
  }

  get possible() {
    return Boolean(this.#guide?.typed_from);
  }

  get on() {
    return this.possible && settings.latin;
  }

  toggle() {
    if (!this.possible) return;
    choose("latin", !settings.latin);
    if (settings.latin) this.#prepare();
    this.#close();
    const becomes = gettext("Latin letters become %(script)s.", { script: this.#guide?.own_name });
    announce(settings.latin ? becomes : gettext("Letters stay as you type them."));
  }

  async #prepare() {
    this.#speller ??= await bringSpeller().catch(() => null); // no network yet: words stay Latin till it comes
    this.#close();
  }

  #close() {
    this.#offered = null;
    this.bar.hidden = true;
    this.switcher.hidden = !this.possible;
    this.switcher.setAttribute("aria-pressed", String(this.on));
    const to = { script: this.#guide?.own_name };
    const coming = this.on && !this.#speller;
    this.example.textContent = coming
      ? gettext("abc → %(script)s, when it has come", to)
      : gettext("abc → %(script)s", to);
  }

  #typed() {
    const name = this.#guide?.typed_from;
    if (!name || !this.on || !this.#speller || this.#writing) return;
    const { box, text } = this.editor;
    const caret = box.selectionEnd;
    if (box.selectionStart !== caret) return this.#close();
    if (this.#isOver(text, caret)) return this.#take(this.#offered?.chosen ?? 0, 1);
    const word = wordBefore(text, caret);
    if (!word || inAnyScript(text, word.from, this.#freeTags)) return this.#close();
    const ways = this.#speller(word.latin, name, learntSpelling(name, word.latin));
    if (!ways.length) return this.#close();
    this.#offered = { ...word, ways, chosen: 0 };
    this.#show();
  }

  /**
   * Whether the word that is offered has just been ended.
   *
   * @param {string} text
   * @param {number} caret
   */
  #isOver(text, caret) {
    if (!this.#offered) return false;
    const { from, to, latin } = this.#offered;
    return caret === to + 1 && endsWord(text[caret - 1]) && text.slice(from, to) === latin;
  }

  /**
   * A key while a word is offered. Gives whether it was one of ours.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (!this.#offered || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
    const { ways, chosen } = this.#offered;
    const step = STEPS[event.key];
    if (step) {
      this.#offered.chosen = (chosen + step + ways.length) % ways.length;
      this.#show();
    } else if (event.key === "Enter" && !event.shiftKey) this.#take(chosen, 0);
    else if (event.key === "Escape") this.#close();
    else return false;
    return true;
  }

  /**
   * @param {number} chosen of the ways that are offered
   * @param {number} after characters between the word and the caret
   */
  #take(chosen, after) {
    if (!this.#offered) return;
    const { from, to, latin, ways } = this.#offered;
    const way = ways[chosen];
    if (chosen) learnSpelling(this.#guide?.typed_from ?? "", latin, way);
    this.#writing = true;
    this.editor.write(way, from, to);
    this.#writing = false;
    this.editor.select(from + way.length + after);
    this.#close();
  }

  #show() {
    if (!this.#offered) return;
    const { latin, ways, chosen } = this.#offered;
    const offer = (/** @type {string} */ way, /** @type {number} */ index) => {
      const attributes = {
        type: "button",
        class: index === chosen ? "chosen" : null,
        "aria-pressed": String(index === chosen),
        lang: this.#guide?.bcp47,
        onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
        onclick: () => this.#take(index, 0),
      };
      return make("button", attributes, way);
    };
    const hint = make(
      "span",
      { class: "quiet keyed" },
      make("kbd", {}, "↓"),
      " ",
      gettext("another spelling"),
    );
    this.bar.hidden = false;
    this.bar.replaceChildren(make("bdi", { class: "quiet" }, `${latin} →`), ...ways.map(offer), hint);
  }
}
