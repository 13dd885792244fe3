// @ts-check
// The dialog in which a voice is recorded: what the speaker is asked, and the recorder.

import { announce, byId, gettext, page } from "../page.js";
import { named } from "./entry_rules.js";
import { setLastSpeaker } from "./last_speaker.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { Prompts } from "./prompts.js";
import { recordedType } from "./recording.js";
import { RecordingPanel } from "./recording_panel.js";

export class RecorderDialog {
  /** @type {{speaker: NamedSpeaker, language: string} | null} */
  #chosen = null;

  /** @param {() => void} closed */
  constructor(closed) {
    this.closed = closed;
    this.prompts = new Prompts({
      set: byId("set"),
      prompt: byId("prompt"),
      steps: byId("steps"),
      number: byId("prompt-place"),
      before: byId("prompt-before"),
      after: byId("prompt-after"),
    });
    this.panel = new RecordingPanel(byId("recorder"), {
      words: { start: gettext("Record"), keep: gettext("Keep and send") },
      begun: (id) => this.#begun(id),
      dropped: (id) => store.forget(id),
      kept: (id, blob, seconds) => this.#kept(id, blob, seconds),
      busy: (is) => this.prompts.lock(is),
    });
    byId("recorder-close").onclick = () => this.close();
    byId("recorder-box").addEventListener("cancel", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.close();
    });
    addEventListener("beforeunload", (event) => this.panel.busy && event.preventDefault());
  }

  /**
   * @param {{speaker: NamedSpeaker, language: string}} chosen
   * @param {string | null} [prompt] to begin at
   */
  async open(chosen, prompt = null) {
    this.#chosen = chosen;
    const { pseudonym } = chosen.speaker;
    await setLastSpeaker(pseudonym);
    byId("recorder-title").textContent = pseudonym;
    byId("asked").hidden = !this.prompts.open(chosen.language, prompt);
    byId("recorder-box").showModal();
  }

  async close() {
    await this.panel.leave();
    byId("recorder-box").close();
    this.closed();
  }

  /**
   * One that broke off, or that nobody listened to yet.
   *
   * @param {RecordingEntry} entry
   */
  async listen(entry) {
    const blob = await store.assembled(entry.id, entry.type || "audio/webm");
    if (!blob) return;
    await this.open(entry, entry.prompt);
    this.panel.show(entry, blob);
  }

  /** @param {string} id */
  async #begun(id) {
    if (!this.#chosen) throw new Error("nobody was chosen to be recorded");
    const { person, project } = page;
    const { speaker, language } = this.#chosen;
    const whose = { person, project, created: Date.now(), speaker: named(speaker), language };
    const [type] = recordedType().split(";"); // a recording that breaks off has nobody to ask for it
    await store.keep({ id, kind: "recording", state: "recording", type, ...whose, ...this.prompts.now() });
  }

  /**
   * @param {string} id
   * @param {Blob} blob
   * @param {number} seconds
   */
  async #kept(id, blob, seconds) {
    const entry = await store.entry(id);
    if (entry?.kind !== "recording") throw new Error(`recording ${id} is not on this phone any more`);
    const { size, type } = blob;
    const name = `${entry.speaker.pseudonym}-${stamp(entry.created)}.${endingOf(type)}`;
    await queue.add({ ...entry, seconds, size, type, name }, blob);
    announce(gettext("Kept on this phone."));
    if (!this.prompts.next()) this.close();
  }
}

/** @param {string} type */
function endingOf(type) {
  if (type.includes("mp4")) return "m4a";
  return type.includes("ogg") ? "ogg" : "webm";
}

/** 2026-11-29T08:30:00Z is 20261129-083000. @param {number} moment */
function stamp(moment) {
  return new Date(moment).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}
