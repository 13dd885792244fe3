// Latin letters become the language's script, word by word: amma, then a space, is అమ్మ. The library comes only when
// somebody wants it.

import { page, make, gettext, announce } from "../page.js";
import { choose, learnSpelling, learntSpelling, settings } from "../parts/settings.js";
import { endsWord, inAnyScript, spellings, wordBefore } from "./spellings.js";

let library = null;

function sanscript() {
  library ??= new Promise((resolve, reject) => {
    const script = make("script", {
      src: page.asset_sanscript,
      onload: () => resolve(window.Sanscript),
      onerror: () => reject(new Error("no sanscript")),
    });
    document.head.append(script);
  });
  library.catch(() => (library = null));
  return library;
}

export class Transliteration {
  /** bar: where the spellings show; switcher: the button that turns it on, `example` the words on it */
  constructor({ bar, switcher, example }, editor) {
    Object.assign(this, { bar, switcher, example });
    switcher.addEventListener("click", () => {
      this.toggle();
      editor.focus();
    });
    this.editor = editor;
    this.offered = null; // {from, to, latin, ways, chosen}
    editor.addEventListener("words", () => this.#typed());
    editor.box.addEventListener("blur", () =>
      setTimeout(() => document.activeElement?.closest("#typing") || this.#close(), 0),
    );
  }

  /** A clip of another language, perhaps. */
  open(guide) {
    this.guide = guide;
    this.freeTags = guide.tags.filter((tag) => tag.any_script).map((tag) => tag.name);
    this.#close();
    if (this.on) this.#prepare();
  }

  get possible() {
    return Boolean(this.guide?.typed_from);
  }

  get on() {
    return this.possible && settings.latin;
  }

  toggle() {
    if (!this.possible) return;
    choose("latin", !settings.latin);
    if (settings.latin) this.#prepare();
    this.#close();
    announce(
      settings.latin
        ? gettext("Latin letters become %(script)s.", { script: this.guide.own_name })
        : gettext("Letters stay as you type them."),
    );
  }

  async #prepare() {
    try {
      this.library = await sanscript();
    } catch {
      this.library = null; // no network yet: typed words stay Latin till it comes
    }
    this.#close();
  }

  #close() {
    this.offered = null;
    this.bar.hidden = true;
    this.switcher.hidden = !this.possible;
    this.switcher.setAttribute("aria-pressed", String(this.on));
    const to = this.guide?.own_name;
    this.example.textContent =
      this.on && !this.library
        ? gettext("abc → %(script)s, when it has come", { script: to })
        : gettext("abc → %(script)s", { script: to });
  }

  #typed() {
    if (!this.on || !this.library || this.writing) return;
    const { box, text } = this.editor;
    const caret = box.selectionEnd;
    if (box.selectionStart !== caret) return this.#close();
    if (
      this.offered &&
      caret === this.offered.to + 1 &&
      endsWord(text[caret - 1]) &&
      text.slice(this.offered.from, this.offered.to) === this.offered.latin
    ) {
      return this.#take(this.offered.ways[this.offered.chosen], 1);
    }
    const word = wordBefore(text, caret);
    if (!word || inAnyScript(text, word.from, this.freeTags)) return this.#close();
    const script = this.guide.typed_from;
    const ways = spellings(word.latin, script, (...args) => this.library.t(...args), {
      learnt: learntSpelling(script, word.latin),
    });
    if (!ways.length) return this.#close();
    this.offered = { ...word, ways, chosen: 0 };
    this.#show();
  }

  /** A key while a word is offered. Gives whether it was one of ours. */
  key(event) {
    if (!this.offered || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
    const { ways, chosen } = this.offered;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.offered.chosen = (chosen + step + ways.length) % ways.length;
      this.#show();
    } else if (event.key === "Enter" && !event.shiftKey) this.#take(ways[chosen], 0);
    else if (event.key === "Escape") this.#close();
    else return false;
    return true;
  }

  #take(way, after) {
    const { from, to, latin, ways } = this.offered;
    if (way !== ways[0]) learnSpelling(this.guide.typed_from, latin, way);
    this.writing = true;
    this.editor.write(way, from, to);
    this.writing = false;
    const caret = from + way.length + after;
    this.editor.box.setSelectionRange(caret, caret);
    this.#close();
  }

  #show() {
    const { latin, ways, chosen } = this.offered;
    const offer = (way, index) =>
      make(
        "button",
        {
          type: "button",
          class: index === chosen ? "chosen" : null,
          "aria-pressed": String(index === chosen),
          lang: this.guide.bcp47,
          onmousedown: (event) => event.preventDefault(),
          onclick: () => this.#take(way, 0),
        },
        way,
      );
    this.bar.hidden = false;
    this.bar.replaceChildren(
      make("bdi", { class: "quiet" }, `${latin} →`),
      ...ways.map(offer),
      make("span", { class: "quiet keyed" }, make("kbd", {}, "↓"), " ", gettext("another spelling")),
    );
  }
}
