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
    return { speaker: this.speakers[Number(byId("speaker").value)], language: byId("language").value };
  }

  /** @param {string} [pseudonym] whom to offer first; else whoever was recorded last */
  async open(pseudonym) {
    if (!this.speakers.length) {
      location.assign("/speakers/new");
      return;
    }
    const first = pseudonym ?? (await lastSpeaker());
    const options = this.speakers.map((each, value) => {
      const words = [each.pseudonym, each.district, each.consents ? "✓" : gettext("ask first")];
      const selected = each.pseudonym === first;
      return make("option", { value, selected }, words.filter(Boolean).join(" · "));
    });
    byId("speaker").replaceChildren(...options);
    this.#showSpeaker();
    byId("begin-box").showModal();
  }

  close() {
    byId("begin-box").close();
  }

  /** Nobody is recorded before they said yes. */
  #showSpeaker() {
    const { speaker } = this.chosen;
    byId("ways").hidden = !speaker.consents;
    byId("ask-first").hidden = speaker.consents;
    const address = speaker.id ? `/speakers/${speaker.id}/consent` : `/speakers/consent#${speaker.local}`;
    byId("ask-first-link").href = address;
    byId("language").replaceChildren(...languageOptions(speaker.language));
  }
}

/** @param {string} selected code of a language */
export function languageOptions(selected) {
  return Object.entries(page.languages).map(([code, own]) =>
    make("option", { value: code, lang: code, selected: code === selected }, own),
  );
}
