// The sound of one clip: play, pause, step, loop, speed; and what of it has been heard.

import { choose, settings } from "./settings.js";
import { heardWhole, joined, playedBy, unheard } from "./ranges.js";

export const STEP_BACK = 1.25; // seconds
const SPEEDS = { least: 0.5, most: 2, step: 0.25 };

export class Player extends EventTarget {
  /** sound: the page's audio element. Tells `change` (playing, speed, loop), `heard` (more was heard), `blocked`. */
  constructor(sound) {
    super();
    this.sound = sound;
    this.seconds = 0;
    this.before = []; // heard in an earlier life of this clip
    sound.preservesPitch = true;
    for (const name of ["play", "pause", "ratechange"])
      sound.addEventListener(name, () => this.#tell("change"));
    for (const name of ["timeupdate", "pause", "ended"])
      sound.addEventListener(name, () => this.#tell("heard"));
    sound.addEventListener("error", () => sound.getAttribute("src") && this.#tell("broken"));
    sound.addEventListener("ended", () => settings.loop && this.playFrom(0));
  }

  /** A new clip. address: of its sound, a blob's, given up with the next; one that plays already is left to play. heard: ranges from before */
  load(address, seconds, heard = []) {
    this.seconds = seconds;
    this.before = heard;
    if (address !== this.sound.src) {
      if (this.owned) URL.revokeObjectURL(this.owned);
      this.sound.src = address;
    }
    this.owned = address;
    this.sound.defaultPlaybackRate = this.sound.playbackRate = settings.speed;
    this.#tell("change");
    this.#tell("heard");
  }

  get playing() {
    return !this.sound.paused && !this.sound.ended;
  }

  get at() {
    return this.sound.currentTime;
  }

  async play() {
    this.#tell("wanted");
    if (this.sound.ended) this.sound.currentTime = 0;
    try {
      await this.sound.play();
    } catch (error) {
      if (error.name === "NotAllowedError")
        this.#tell("blocked"); // a browser that wants a key or a touch first
      else if (error.name !== "AbortError") this.#tell("broken");
    }
  }

  pause() {
    this.sound.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  playFrom(at) {
    this.sound.currentTime = at;
    return this.play();
  }

  seek(at) {
    this.sound.currentTime = Math.max(0, Math.min(this.seconds, at));
  }

  step(seconds) {
    this.seek(this.at + seconds);
  }

  faster(steps) {
    const speed = Math.min(SPEEDS.most, Math.max(SPEEDS.least, settings.speed + steps * SPEEDS.step));
    choose("speed", speed);
    this.sound.defaultPlaybackRate = this.sound.playbackRate = speed;
    this.#tell("change");
  }

  toggleLoop() {
    choose("loop", !settings.loop);
    this.#tell("change");
  }

  /** Everything heard of this clip, in order. */
  get heard() {
    return joined([...this.before, ...playedBy(this.sound)]);
  }

  get heardWhole() {
    return heardWhole(this.heard, this.seconds);
  }

  /** Where the first stretch begins that nobody has heard. */
  get firstUnheard() {
    return unheard(this.heard, this.seconds).find(([from, to]) => to - from > 0.25)?.[0] ?? 0;
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
