// @ts-check
// Files that were recorded elsewhere: who speaks in each, then they wait like all others.

import { byId, gettext, make, page } from "../page.js";
import { languageOptions } from "./begin_dialog.js";
import { named } from "./entry_rules.js";
import { setLastSpeaker } from "./last_speaker.js";
import * as queue from "./queue.js";

const LENGTH_WITHIN = 1500; // milliseconds that a browser may take to tell the length of a file

export class FileDialog {
  /** @type {SpeakerChoice[]} who may be recorded */
  #speakers = [];
  /** @type {Map<Element, File>} */
  #files = new Map();

  /** @param {() => void} kept */
  constructor(kept) {
    this.kept = kept;
    byId("files-keep").onclick = () => this.#keep();
    byId("files-close").onclick = () => byId("files-box").close();
  }

  /**
   * @param {File[]} files
   * @param {SpeakerChoice[]} speakers who may be recorded
   * @param {import("./begin_dialog.js").Chosen} chosen offered for each
   */
  open(files, speakers, chosen) {
    this.#speakers = speakers;
    this.#files.clear();
    byId("chosen").replaceChildren(...files.map((file) => this.#line(file, chosen)));
    this.#offerKeeping();
    byId("files-box").showModal();
  }

  /**
   * @param {File} file
   * @param {import("./begin_dialog.js").Chosen} chosen
   */
  #line(file, chosen) {
    const wrong = faultOf(file);
    const fields = wrong ? [make("span", { class: "state bad" }, wrong)] : this.#fields(file, chosen);
    const line = make(
      "li",
      { class: "chosen" },
      make("b", { class: "who" }, make("bdi", {}, file.name)),
      make("span", { class: "quiet" }, `${(file.size / 1e6).toFixed(1)} MB`),
      make("span", { class: "why pair" }, ...fields),
    );
    if (!wrong) this.#files.set(line, file);
    return line;
  }

  /**
   * @param {File} file
   * @param {import("./begin_dialog.js").Chosen} chosen
   */
  #fields({ name }, { speaker, language }) {
    const speakers = this.#speakers.map(({ pseudonym }, value) =>
      make("option", { value, selected: pseudonym === speaker.pseudonym }, pseudonym),
    );
    const whose = { name: "speaker", "aria-label": gettext("Speaker of %(name)s", { name }) };
    const which = { name: "language", "aria-label": gettext("Language of %(name)s", { name }) };
    return [make("select", whose, ...speakers), make("select", which, ...languageOptions(language))];
  }

  /** Nothing is offered where every file left is one that can't be taken. */
  #offerKeeping() {
    byId("files-keep").hidden = !this.#files.size;
  }

  async #keep() {
    byId("files-keep").disabled = true;
    const present = (await queue.mine()).entries;
    for (const [line, file] of this.#files) {
      const [whose, which] = line.querySelectorAll("select");
      const speaker = this.#speakers[Number(whose.value)];
      // The same file chosen twice is sent once
      if (!present.some((entry) => isSame(entry, file))) await keepFile(file, speaker, which.value);
      await setLastSpeaker(speaker.pseudonym);
      this.#files.delete(line);
      line.remove();
    }
    byId("files-keep").disabled = false;
    this.#offerKeeping();
    if (!byId("chosen").children.length) byId("files-box").close();
    this.kept();
  }
}

/** Why a file can't be taken; "" where it can. @param {File} file */
function faultOf({ size }) {
  if (size > page.limits.most_bytes) return gettext("Larger than this project takes.");
  return size === 0 ? gettext("This file is empty.") : "";
}

/**
 * Whether a file waits here already.
 *
 * @param {Entry} entry
 * @param {File} file
 */
function isSame(entry, { name, size, lastModified }) {
  const waits = entry.state === "kept" || entry.state === "sending";
  if (entry.kind !== "recording" || !waits) return false;
  return entry.name === name && entry.size === size && entry.modified === lastModified;
}

/**
 * @param {File} file
 * @param {SpeakerChoice} speaker
 * @param {string} language
 */
async function keepFile(file, speaker, language) {
  const about = { name: file.name, modified: file.lastModified, seconds: await lengthOf(file) };
  await queue.add({ kind: "recording", speaker: named(speaker), language, ...about }, file);
}

/**
 * Seconds of a file, where the browser can tell; null where it can't, or takes too long.
 *
 * @param {File} file
 * @returns {Promise<number | null>}
 */
function lengthOf(file) {
  return new Promise((resolve) => {
    const audio = new Audio();
    const url = URL.createObjectURL(file);
    const answer = (/** @type {number} */ seconds) => {
      URL.revokeObjectURL(url);
      resolve(Number.isFinite(seconds) ? seconds : null);
    };
    audio.addEventListener("loadedmetadata", () => answer(audio.duration));
    audio.addEventListener("error", () => answer(NaN));
    setTimeout(() => answer(NaN), LENGTH_WITHIN);
    audio.preload = "metadata";
    audio.src = url;
  });
}
