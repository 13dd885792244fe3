// @ts-check
// The sound of one clip: play, pause, step, loop, speed; and what of it has been heard.

import { choose, settings } from "./settings.js";
import { joined, playedBy, unheard } from "./ranges.js";

export const STEP_BACK = 1.25; // seconds
const SPEEDS = { least: 0.5, most: 2, step: 0.25 };

/**
 * Tells `change` (playing, speed, loop), `heard` (more was heard), `wanted` (it is about to play), `blocked` (the browser
 * asks for a key first), `broken` (the sound stopped coming).
 */
export class Player extends EventTarget {
  /** @param {HTMLAudioElement} sound */
  constructor(sound) {
    super();
    this.sound = sound;
    this.seconds = 0;
    /** @type {import("./ranges.js").Range[]} heard in an earlier life of this clip */
    this.before = [];
    this.owned = "";
    sound.preservesPitch = true;
    for (const name of ["play", "pause", "ratechange"])
      sound.addEventListener(name, () => this.#emit("change"));
    for (const name of ["timeupdate", "pause", "ended"])
      sound.addEventListener(name, () => this.#emit("heard"));
    sound.addEventListener("error", () => sound.getAttribute("src") && this.#emit("broken"));
    sound.addEventListener("ended", () => settings.loop && this.playFrom(0));
  }

  /**
   * A new clip.
   *
   * @param {string} address of its sound, a blob's, given up with the next; one that plays already is left to play
   * @param {number} seconds
   * @param {import("./ranges.js").Range[]} [heard] in an earlier life
   */
  load(address, seconds, heard = []) {
    this.seconds = seconds;
    this.before = heard;
    if (address !== this.sound.src) {
      if (this.owned) URL.revokeObjectURL(this.owned);
      this.sound.src = address;
    }
    this.owned = address;
    this.sound.defaultPlaybackRate = this.sound.playbackRate = settings.speed;
    this.#emit("change");
    this.#emit("heard");
  }

  /** Silence, of which nothing was heard, until the next sound is loaded. */
  unload() {
    this.pause();
    this.seconds = 0;
    this.before = [];
    this.sound.removeAttribute("src");
    this.sound.load(); // else the element goes on to name what it played before
  }

  get playing() {
    return !this.sound.paused && !this.sound.ended;
  }

  get at() {
    return this.sound.currentTime;
  }

  async play() {
    this.#emit("wanted");
    if (this.sound.ended) this.sound.currentTime = 0;
    try {
      await this.sound.play();
    } catch (error) {
      const { name } = /** @type {DOMException} */ (error);
      if (name === "NotAllowedError") this.#emit("blocked");
      else if (name !== "AbortError") this.#emit("broken");
    }
  }

  pause() {
    this.sound.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** @param {number} at */
  playFrom(at) {
    this.sound.currentTime = at;
    return this.play();
  }

  /** @param {number} at */
  seek(at) {
    this.sound.currentTime = Math.max(0, Math.min(this.seconds, at));
  }

  /** @param {number} seconds */
  step(seconds) {
    this.seek(this.at + seconds);
  }

  /** @param {number} steps */
  faster(steps) {
    const speed = Math.min(SPEEDS.most, Math.max(SPEEDS.least, settings.speed + steps * SPEEDS.step));
    choose("speed", speed);
    this.sound.defaultPlaybackRate = this.sound.playbackRate = speed;
    this.#emit("change");
  }

  toggleLoop() {
    choose("loop", !settings.loop);
    this.#emit("change");
  }

  /** Everything heard of this clip, in order. */
  get heard() {
    return joined([...this.before, ...playedBy(this.sound)]);
  }

  get heardWhole() {
    return this.seconds > 0 && unheard(this.heard, this.seconds).length === 0;
  }

  /** Where the first stretch begins that nobody has heard. */
  get firstUnheard() {
    return unheard(this.heard, this.seconds)[0]?.[0] ?? 0;
  }

  /** @param {string} name */
  #emit(name) {
    this.dispatchEvent(new Event(name));
  }
}
