// @ts-check
// Whose voice, and in which language: asked before anything is recorded or added.

import { byId, gettext, make, page } from "../page.js";
import { lastSpeaker } from "./last_speaker.js";

/** @typedef {{speaker: SpeakerChoice, language: string}} Chosen */

export class BeginDialog {
  /** @type {SpeakerChoice[]} */
  speakers = [];

  constructor() {
    byId("speaker").onchange = () => this.#showSpeaker();
  }

  /** What is chosen now. @returns {Chosen} */
  get chosen() {
    return { speaker: this.speakers[byId("speaker").selectedIndex], language: byId("language").value };
  }

  /** @param {string} [pseudonym] whom to offer first; else whoever was recorded last */
  async open(pseudonym) {
    if (!this.speakers.length) {
      location.assign("/speakers/new");
      return;
    }
    const wanted = pseudonym ?? (await lastSpeaker());
    const able = this.speakers.filter((each) => !each.withdrawn);
    const first = able.find((each) => each.pseudonym === wanted) || able[0];
    const options = this.speakers.map((each, value) => {
      const words = [each.pseudonym, each.district, standing(each)];
      const disabled = Boolean(each.withdrawn);
      return make("option", { value, disabled, selected: each === first }, words.filter(Boolean).join(" · "));
    });
    byId("speaker").replaceChildren(...options);
    if (!first) byId("speaker").selectedIndex = -1; // everybody took it back
    this.#showSpeaker();
    byId("begin-box").showModal();
  }

  close() {
    byId("begin-box").close();
  }

  /** Nobody is recorded before they said yes. */
  #showSpeaker() {
    const speaker = /** @type {SpeakerChoice | undefined} */ (this.chosen.speaker);
    byId("took-back").hidden = Boolean(speaker);
    byId("ways").hidden = !speaker?.consents;
    byId("ask-first").hidden = !speaker || speaker.consents;
    if (!speaker) return;
    const address = speaker.id ? `/speakers/${speaker.id}/consent` : `/speakers/consent#${speaker.local}`;
    byId("ask-first-link").href = address;
    byId("language").replaceChildren(...languageOptions(speaker.language));
  }
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
