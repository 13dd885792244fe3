// @ts-check
// Whose voice, and in which language: asked before anything is recorded or added.

import { byId, gettext, make, page } from "../page.js";
import { lastSpeaker } from "./last_speaker.js";

const MANY = 8; // speakers from which on a list is searched

/** @typedef {{speaker: SpeakerChoice, language: string}} Chosen */

export class BeginDialog {
  /** @type {SpeakerChoice[]} */
  speakers = [];

  constructor() {
    byId("speaker").onchange = () => this.#showSpeaker();
    byId("speaker-find").oninput = () => this.#offer(this.chosen.speaker?.pseudonym);
  }

  /** What is chosen now. @returns {Chosen} */
  get chosen() {
    const { value } = byId("speaker");
    return { speaker: this.speakers[value === "" ? -1 : Number(value)], language: byId("language").value };
  }

  /** @param {string} [pseudonym] whom to offer first; else whoever was recorded last */
  async open(pseudonym) {
    if (!this.speakers.length) {
      location.assign("/speakers/new");
      return;
    }
    byId("speaker-find").value = "";
    byId("speaker-find-field").hidden = this.speakers.length < MANY;
    this.#offer(pseudonym ?? (await lastSpeaker()));
    byId("begin-box").showModal();
  }

  /**
   * Those whom the words typed leave, of all whom this phone knows.
   *
   * @param {string | undefined} wanted pseudonym to stand first, where it is among them
   */
  #offer(wanted) {
    const found = this.speakers
      .map((each, value) => ({ each, value }))
      .filter(matches(byId("speaker-find").value));
    const able = found.filter(({ each }) => !each.withdrawn);
    const first = able.find(({ each }) => each.pseudonym === wanted) || able[0];
    const options = found.map(({ each, value }) => {
      const words = [each.pseudonym, each.district, standing(each)];
      const attributes = { value, disabled: Boolean(each.withdrawn), selected: value === first?.value };
      return make("option", attributes, words.filter(Boolean).join(" · "));
    });
    byId("speaker").replaceChildren(...options);
    if (!first) byId("speaker").selectedIndex = -1; // everybody took it back, or nobody is called so
    this.#showSpeaker();
  }

  close() {
    byId("begin-box").close();
  }

  /** Nobody is recorded before they said yes. */
  #showSpeaker() {
    const speaker = /** @type {SpeakerChoice | undefined} */ (this.chosen.speaker);
    byId("took-back").hidden = Boolean(speaker) || byId("speaker").options.length === 0;
    byId("ways").hidden = !speaker?.consents;
    byId("ask-first").hidden = !speaker || speaker.consents;
    if (!speaker) return;
    const address = speaker.id ? `/speakers/${speaker.id}/consent` : `/speakers/consent#${speaker.local}`;
    byId("ask-first-link").href = address;
    byId("language").replaceChildren(...languageOptions(speaker.language));
  }
}

/** @param {string} typed words, each the beginning or a part of a pseudonym or district */
function matches(typed) {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return (/** @type {{each: SpeakerChoice}} */ { each: { pseudonym, district } }) => {
    const text = `${pseudonym} ${district ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** How a speaker stands, in a word. @param {SpeakerChoice} speaker */
function standing(speaker) {
  if (speaker.withdrawn) return gettext("Took it back: don't record");
  return speaker.consents ? "✓" : gettext("ask first");
}

/** @param {string} selected code of a language */
export function languageOptions(selected) {
  return Object.entries(page.languages).map(([code, own]) =>
    make("option", { value: code, lang: code, selected: code === selected }, own),
  );
}
