// @ts-check
// What a speaker is asked, one thing at a time: a text to read, a picture to describe, a question, or nothing at all.

import { gettext, make, page } from "../page.js";

/**
 * @typedef {object} PromptPlaces
 * @property {HTMLSelectElement} set
 * @property {HTMLElement} prompt
 * @property {HTMLElement} steps
 * @property {HTMLElement} number
 * @property {HTMLElement} before
 * @property {HTMLElement} after
 */

export class Prompts {
  /** @type {PromptSet[]} */
  #sets = [];
  #language = "";
  #number = 0;

  /** @param {PromptPlaces} places */
  constructor(places) {
    this.places = places;
    places.set.onchange = () => this.#step(0);
    places.before.onclick = () => this.#step(this.#number - 1);
    places.after.onclick = () => this.#step(this.#number + 1);
  }

  /** The chosen set; undefined for free speech. */
  get #set() {
    return /** @type {PromptSet | undefined} */ (this.#sets[Number(this.places.set.value)]);
  }

  /** @param {number} to */
  #step(to) {
    const { prompt: place, steps, number } = this.places;
    const set = this.#set;
    steps.hidden = !set;
    if (!set) {
      place.replaceChildren(make("p", { class: "quiet" }, gettext("They speak of whatever they like.")));
      return;
    }
    this.#number = (to + set.prompts.length) % set.prompts.length;
    const { kind, text, picture } = set.prompts[this.#number];
    const hints = {
      text: gettext("Read it aloud:"),
      picture: gettext("Let them tell what they see:"),
      question: gettext("Ask them:"),
    };
    const alt = gettext("The picture to be described");
    place.replaceChildren(
      make("p", { class: "quiet" }, hints[kind]),
      make("p", { class: "said", lang: this.#language, dir: "auto" }, text),
      picture ? make("img", { src: picture, alt, width: 320, height: 200 }) : "",
    );
    number.textContent = `${this.#number + 1} / ${set.prompts.length}`;
  }

  /**
   * Show the prompts of a language. Gives whether there are any.
   *
   * @param {string} language
   * @param {string | null | undefined} at `set/prompt` to begin at
   */
  open(language, at) {
    const { set } = this.places;
    this.#sets = page.books[language] || [];
    this.#language = language;
    const [setName, name] = (at || "").split("/");
    const found = this.#sets.findIndex((each) => each.name === setName);
    const before = set.value;
    set.replaceChildren(
      make("option", { value: "free" }, gettext("Whatever they like")),
      ...this.#sets.map(({ title }, index) => make("option", { value: index, lang: language }, title)),
    );
    if (found >= 0) set.value = String(found);
    else if (before && this.#sets[Number(before)]) set.value = before;
    else set.value = this.#sets.length ? "0" : "free";
    const first = this.#sets[found]?.prompts.findIndex((each) => each.name === name) ?? this.#number;
    this.#step(Math.max(0, first));
    return this.#sets.length > 0;
  }

  /** What is asked now, as it is kept with a recording. */
  now() {
    const set = this.#set;
    if (!set) return { prompt: null, title: gettext("free speech") };
    return { prompt: `${set.name}/${set.prompts[this.#number].name}`, title: set.title };
  }

  /** To the one after; gives false where all of the set were asked. */
  next() {
    const set = this.#set;
    if (!set || this.#number + 1 >= set.prompts.length) return false;
    this.#step(this.#number + 1);
    return true;
  }

  /**
   * Nothing is changed while a voice is recorded, and the prompt has the room.
   *
   * @param {boolean} is
   */
  lock(is) {
    if (this.places.set.parentElement) this.places.set.parentElement.hidden = is;
  }
}
