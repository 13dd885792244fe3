// @ts-check
// A chat export or the folder of a card: its senders, each of whom is a speaker or is left out, then what was kept of it.

import { announce, byId, gettext, make, ngettext, page } from "../../page.js";
import { languageOptions } from "../begin_dialog.js";
import * as store from "../phone_store.js";
import { looksPacked } from "./archive_name.js";
import { MOST_FILES, inArchive, inFolder } from "./found_files.js";
import { setSpeakerOfSender, speakerOfSender } from "./senders.js";
import { takeIn } from "./taking_in.js";
import { ZipFault } from "./zip.js";

const MOST_SHOWN = 200; // files of one sender in the list
const DAY = new Intl.DateTimeFormat(`${page.language}-IN-u-nu-latn`, {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC", // as the phone of the chat wrote it
});

/** @typedef {import("./found_files.js").FoundGroup} FoundGroup */
/** @typedef {{file: File, path: string}[]} PathedFiles */

export class ImportDialog {
  /** @type {{group: FoundGroup, line: HTMLElement}[]} */
  #groups = [];
  /** @type {SpeakerChoice[]} */
  #speakers = [];
  #box = byId("import-box");

  /** @param {() => void} kept */
  constructor(kept) {
    this.kept = kept;
    byId("import-keep").onclick = () => this.#keep();
    byId("import-close").onclick = () => this.#box.close();
  }

  /**
   * @param {PathedFiles} given one zip archive, or what lies in a folder
   * @param {SpeakerChoice[]} speakers who may be recorded
   */
  async open(given, speakers) {
    this.#speakers = speakers;
    this.#groups = [];
    byId("import-groups").replaceChildren();
    byId("import-keep").hidden = true;
    this.#say(gettext("Looking at it …"));
    this.#box.showModal();
    try {
      const groups = await foundIn(given);
      for (const group of groups) this.#groups.push({ group, line: await this.#line(group) });
    } catch (problem) {
      if (!(problem instanceof ZipFault)) throw problem;
      return this.#say(faultOf(problem), "bad");
    }
    byId("import-groups").replaceChildren(...this.#groups.map(({ line }) => line));
    byId("import-keep").hidden = !this.#groups.length;
    this.#say(
      this.#groups.length
        ? gettext(
            "Choose once who each of them is. Whoever has not agreed is left out. Names stay on this phone.",
          )
        : gettext("There is no recording in it."),
      this.#groups.length ? "" : "bad",
    );
  }

  /**
   * @param {string} words
   * @param {string} [mark]
   */
  #say(words, mark = "") {
    byId("import-said").replaceChildren(make("p", { class: mark ? `note ${mark}` : "quiet" }, words));
    announce(words);
  }

  /** @param {FoundGroup} group */
  async #line({ sender, files }) {
    const known = await speakerOfSender(sender);
    const name = sender || gettext("Nobody is named");
    const speakers = this.#speakers.map(({ pseudonym, district }, value) =>
      make(
        "option",
        { value, selected: pseudonym === known },
        [pseudonym, district].filter(Boolean).join(" · "),
      ),
    );
    const nobody = make("option", { value: "", selected: !known }, gettext("Leave out"));
    const whose = { name: "speaker", "aria-label": gettext("Speaker of %(name)s", { name }) };
    const which = { name: "language", "aria-label": gettext("Language of %(name)s", { name }) };
    const language = make("select", which, ...languageOptions(this.#languageOf(known)));
    const speaker = make("select", whose, nobody, ...speakers);
    speaker.onchange = () => {
      const chosen = this.#speakers[Number(speaker.value)];
      if (speaker.value && chosen) language.value = chosen.language;
    };
    const warned = gettext("Choose somebody only where all of these are one voice.");
    return make(
      "li",
      { class: "chosen" },
      make("b", { class: "who" }, make("bdi", {}, name)),
      make("span", { class: "quiet" }, ngettext("%(num)s recording", "%(num)s recordings", files.length)),
      make(
        "span",
        { class: "why pair" },
        sender ? null : make("span", { class: "quiet" }, warned),
        speaker,
        language,
        filesOf(files),
      ),
    );
  }

  /** @param {string | undefined} pseudonym */
  #languageOf(pseudonym) {
    const known = this.#speakers.find((each) => each.pseudonym === pseudonym);
    return known?.language ?? Object.keys(page.languages)[0];
  }

  async #keep() {
    const chosen = [];
    for (const { group, line } of this.#groups) {
      const [whose, which] = line.querySelectorAll("select");
      if (!whose.value) continue;
      const speaker = this.#speakers[Number(whose.value)];
      await setSpeakerOfSender(group.sender, speaker.pseudonym);
      chosen.push(...group.files.map((file) => ({ file, speaker, language: which.value })));
    }
    if (!chosen.length) return this.#say(gettext("Choose the speaker of one of them first."), "bad");
    const left = await store.room().catch(() => null);
    const needed = chosen.reduce((sum, { file }) => sum + file.size, 0);
    if (left !== null && needed > left) {
      const figures = { needed: Math.ceil(needed / 1e6), left: Math.floor(left / 1e6) };
      return this.#say(
        gettext("These need %(needed)s MB; %(left)s MB are left on this phone.", figures),
        "bad",
      );
    }
    await this.#takeIn(chosen);
  }

  /** @param {import("./taking_in.js").ChosenFile[]} chosen */
  async #takeIn(chosen) {
    byId("import-keep").hidden = true;
    byId("import-groups").replaceChildren();
    const all = chosen.length;
    this.#say(gettext("%(done)s of %(all)s looked at", { done: 0, all }));
    const progress = (/** @type {number} */ done) =>
      this.#say(gettext("%(done)s of %(all)s looked at", { done, all }));
    this.#groups = [];
    try {
      this.#showTaken(await takeIn(chosen, progress));
    } catch (problem) {
      if (!(problem instanceof DOMException)) throw problem;
      // The phone is full: what was kept stays, and the rest comes with the next try
      const left = Math.max(0, Math.round(((await store.room().catch(() => null)) ?? 0) / 1e6));
      const words = gettext(
        "This phone is nearly full: %(left)s MB left. Send what waits before you record more.",
        { left },
      );
      this.#say(words, "bad");
    }
    this.kept();
  }

  /** @param {import("./taking_in.js").Taken} taken */
  #showTaken(taken) {
    const words = [
      ngettext(
        "%(num)s is kept, and goes out in its turn.",
        "%(num)s are kept, and go out in their turn.",
        taken.kept,
      ),
    ];
    if (taken.known)
      words.push(
        ngettext(
          "%(num)s was there already: it is not sent again.",
          "%(num)s were there already: they are not sent again.",
          taken.known,
        ),
      );
    this.#say(words.join(" "), "ok");
    const faulty = taken.faulty.map(({ name }) =>
      make(
        "li",
        { class: "chosen" },
        make("bdi", {}, name),
        make("span", { class: "state bad" }, gettext("Can't be read.")),
      ),
    );
    byId("import-groups").replaceChildren(...faulty.slice(0, MOST_SHOWN));
  }
}

/** @param {import("./found_files.js").FoundFile[]} files */
function filesOf(files) {
  const lines = files
    .slice(0, MOST_SHOWN)
    .map(({ name, at }) => make("li", {}, make("bdi", {}, name), at === null ? "" : ` · ${DAY.format(at)}`));
  return make(
    "details",
    {},
    make("summary", {}, gettext("Which ones")),
    make("ul", { class: "quiet", dir: "auto" }, ...lines),
  );
}

/**
 * @param {PathedFiles} given
 * @returns {Promise<FoundGroup[]>}
 */
function foundIn(given) {
  if (given.length > MOST_FILES) throw new ZipFault("too_many");
  const [first] = given;
  return given.length === 1 && first.path === first.file.name && looksPacked(first.file)
    ? inArchive(first.file, page.limits.most_bytes)
    : inFolder(given);
}

/** @param {ZipFault} problem */
function faultOf({ code }) {
  switch (code) {
    case "too_many":
      return gettext("It has more than 10,000 files. Bring it in parts.");
    case "too_large":
      return gettext("It is larger than 4 GB. Export the chat again with fewer recordings.");
    case "unknown_method":
      return gettext("This browser can't open it. Unpack it, and choose the folder.");
    case "locked":
      return gettext("It is locked with a password. Unpack it, and choose the folder.");
    default:
      return gettext("It is no whole zip file. Export it again, or copy it again.");
  }
}
