// @ts-check
// The recorder as a person sees it: one large button, the level, then listening back before it may be kept.
// Its states: states.js.

import { announce, gettext, make } from "../page.js";
import { minutesOf } from "../parts/clock.js";
import { randomId } from "../parts/random_id.js";
import { StateMachine } from "../parts/state_machine.js";
import { LevelPicture } from "./level_picture.js";
import * as store from "./phone_store.js";
import { NoMicrophone, Recording, canRecord } from "./recording.js";
import { RECORDER_MOVES } from "./states.js";

const HEARD = 0.85; // share of a recording that is listened to before it counts as heard

/**
 * @typedef {object} PanelCalls
 * @property {(id: string) => Promise<void>} begun before the first second, to keep an entry of that id
 * @property {(id: string, blob: Blob, seconds: number) => Promise<void>} kept somebody listened and said keep
 * @property {(id: string) => Promise<void>} dropped it is recorded again, or thrown away
 * @property {(is: boolean) => void} busy a voice is being recorded, or waits to be heard
 * @property {{start: string, keep: string}} words on the button
 */

export class RecordingPanel {
  /** @type {StateMachine<import("./states.js").RecorderState>} */
  #states = new StateMachine(RECORDER_MOVES, "idle");
  /** @type {Recording | null} */
  #recording = null;
  #address = ""; // of the sound that is listened to
  #unable = canRecord() ? "" : gettext("This browser can't record here. Add files instead.");
  #warning = make("p", { class: "warning", role: "status" });
  #time = make("p", { class: "time", "aria-hidden": "true" }, "0:00");
  #main = make("button", { type: "button", class: "next" });
  #again = make("button", { type: "button", hidden: true }, gettext("Record again"));
  #stage = make("div", { class: "stage" });

  /**
   * @param {HTMLElement} place
   * @param {PanelCalls} calls
   */
  constructor(place, calls) {
    this.calls = calls;
    place.replaceChildren(this.#stage, make("div", { class: "recorder-acts" }, this.#again, this.#main));
    this.#idle();
  }

  /** Whether a voice is being recorded, or waits to be heard. */
  get busy() {
    return !this.#states.is("idle");
  }

  #idle(warning = this.#unable) {
    URL.revokeObjectURL(this.#address);
    this.#stage.replaceChildren(this.#warning);
    this.#warn(warning);
    this.#time.textContent = "0:00";
    this.#again.hidden = true;
    this.#button(`● ${this.calls.words.start}`, () => this.#begin());
    this.#main.disabled = Boolean(this.#unable);
    this.calls.busy(false);
  }

  /**
   * @param {string} words
   * @param {() => void} act
   */
  #button(words, act) {
    this.#main.textContent = words;
    this.#main.disabled = false;
    this.#main.onclick = act;
  }

  /** @param {string} words */
  #warn(words, bad = false) {
    if (this.#warning.textContent !== words) this.#warning.textContent = words;
    this.#warning.classList.toggle("bad", bad);
  }

  async #begin() {
    this.#states.move("begin");
    const id = randomId();
    const picture = new LevelPicture();
    this.#stage.replaceChildren(picture.canvas, this.#time, this.#warning);
    this.#warn(gettext("Wait …"));
    this.#main.disabled = true;
    this.calls.busy(true);
    const recording = new Recording(id, {
      onLevel: (level) => this.#showLevel(recording, picture, level),
      onEnded: (words) => this.#recording === recording && this.#stop(words),
    });
    try {
      await this.calls.begun(id);
      await recording.begin();
    } catch (problem) {
      await this.calls.dropped(id);
      if (!(problem instanceof NoMicrophone)) throw problem;
      if (this.#states.is("starting")) this.#states.move("fail");
      this.#idle(problem.message);
      return;
    }
    if (!this.#states.is("starting")) {
      // Somebody closed it while the microphone was asked for
      await recording.end();
      await this.calls.dropped(id);
      return;
    }
    this.#states.move("speak");
    this.#recording = recording;
    this.#warn(gettext("Speak now."));
    this.#button(`■ ${gettext("Stop")}`, () => this.#stop());
    this.#main.focus();
  }

  /**
   * @param {Recording} recording
   * @param {LevelPicture} picture
   * @param {import("./recording.js").Level} level
   */
  #showLevel(recording, picture, { peak, fault }) {
    picture.add(peak, Boolean(fault));
    this.#time.textContent = minutesOf(recording.seconds);
    if (!this.#states.is("recording")) return;
    const words = {
      "": gettext("Speak now."),
      loud: gettext("Too loud: hold the phone further away."),
      quiet: gettext("Too quiet: hold the phone a hand's width from the mouth."),
      noise: gettext("Too much noise: go indoors, or away from it."),
    };
    this.#warn(words[fault], Boolean(fault));
  }

  /** Stop recording. words: why, where it was not the person. */
  async #stop(words = "") {
    const recording = this.#recording;
    if (!recording || !this.#states.can("stop")) return;
    this.#states.move("stop");
    this.#recording = null;
    this.#main.disabled = true;
    const blob = await recording.end();
    const here = this.#states.is("stopping"); // and nobody has closed it meanwhile
    if (!blob) {
      await this.calls.dropped(recording.entry);
      if (here) this.#states.move("fail");
      if (here) this.#idle(gettext("Nothing was recorded. Try again."));
      return;
    }
    await store.move(recording.entry, "stop", { seconds: recording.length, brokeOff: false });
    if (!here) return;
    this.#states.move("stopped");
    this.#listen(recording.entry, blob, recording.length, words || gettext("Listen to it, then keep it."));
  }

  /**
   * One that broke off, or was not listened to.
   *
   * @param {RecordingEntry} entry
   * @param {Blob} blob
   */
  show(entry, blob) {
    this.#states.move("show");
    const words = gettext("This one was broken off. Listen to it, then keep it.");
    this.#listen(entry.id, blob, entry.seconds || 0, words);
  }

  /**
   * Play it back: it may be kept once it was heard.
   *
   * @param {string} id
   * @param {Blob} blob
   * @param {number} seconds
   * @param {string} words
   */
  #listen(id, blob, seconds, words) {
    this.#address = URL.createObjectURL(blob);
    const label = gettext("What was recorded");
    const audio = make("audio", { controls: true, src: this.#address, "aria-label": label });
    this.#time.textContent = minutesOf(seconds);
    this.#warn(words);
    this.#stage.replaceChildren(this.#time, audio, this.#warning);
    this.#again.hidden = false;
    this.#again.onclick = async () => {
      if (!this.#states.can("again")) return; // pressed twice
      this.#states.move("again");
      await this.calls.dropped(id);
      this.#idle();
      this.#begin();
    };
    this.#button(`▶ ${gettext("Listen")}`, () => audio.play());
    this.#main.focus();
    const look = () => {
      if (this.#states.is("unheard") && heardEnough(audio, seconds)) this.#offerKeeping(id, blob, seconds);
    };
    audio.addEventListener("timeupdate", look);
    audio.addEventListener("ended", look);
    const broken = gettext("This can't be played here. Record it again.");
    audio.addEventListener("error", () => this.#warn(broken, true));
  }

  /**
   * @param {string} id
   * @param {Blob} blob
   * @param {number} seconds
   */
  #offerKeeping(id, blob, seconds) {
    this.#states.move("hear");
    const words = gettext("Good? Keep it. Else record again.");
    this.#warn(words);
    announce(words);
    this.#button(`✓ ${this.calls.words.keep}`, async () => {
      this.#main.disabled = true;
      await this.calls.kept(id, blob, seconds);
      this.#states.move(this.#states.can("keep") ? "keep" : "leave");
      this.#idle();
    });
  }

  /** Stop without a word; what was recorded stays on the phone, to be heard later. */
  async leave() {
    const recording = this.#recording;
    this.#recording = null;
    this.#states.move("leave");
    if (recording) {
      await recording.end();
      await store.move(recording.entry, "stop", { seconds: recording.length, brokeOff: false });
    }
    this.#idle();
  }
}

/**
 * @param {HTMLAudioElement} audio
 * @param {number} seconds
 */
function heardEnough({ played, duration }, seconds) {
  let sum = 0;
  for (let index = 0; index < played.length; index++) sum += played.end(index) - played.start(index);
  return sum >= HEARD * Math.min(seconds, Number.isFinite(duration) ? duration : seconds);
}
