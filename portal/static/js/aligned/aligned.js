// @ts-check
// Aligned speech to hear and see: a clip's waveform, its words lighting up as they are said, each word to be heard alone.
// The markup is parts/aligned.html.j2; without scripts the browser's own player stands there.

import { announce, ask, gettext } from "../page.js";
import { Player } from "../parts/player.js";
import { drawOverview, drawSpectrogram, drawWave } from "./pictures.js";
import { following, wordAt, wordBeside, zoomed } from "./timeline.js";

const LONG = 20; // seconds: a clip that is longer has an overview above it
const ZOOM = 2;

/** @typedef {"toggle" | "before" | "after" | "in" | "out" | "spectrum" | "start"} Act */

/** @type {Record<string, Act>} by KeyboardEvent.code, while the player has the focus */
const KEYS = {
  Space: "toggle",
  KeyK: "toggle",
  ArrowLeft: "before",
  ArrowRight: "after",
  Equal: "in",
  NumpadAdd: "in",
  Minus: "out",
  NumpadSubtract: "out",
  KeyS: "spectrum",
  Home: "start",
};

export class AlignedClip {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.seconds = Number(root.dataset.seconds);
    this.sound = /** @type {HTMLAudioElement} */ (root.querySelector("audio"));
    this.buttons = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("[data-start]")]);
    this.words = this.buttons.map(({ dataset }) => ({
      start: Number(dataset.start),
      end: Number(dataset.end),
    }));
    this.view = { start: 0, end: this.seconds };
    /** @type {number[]} */
    this.peaks = [];
    /** @type {AudioBuffer | null} */
    this.decoded = null;
    this.stopAt = Infinity;
    this.now = -1;
    this.player = new Player(this.sound);
    this.player.load(this.sound.src, this.seconds);
    this.#listen();
    root.classList.add("live");
    this.#fetchPeaks();
  }

  /** @param {string} name of a canvas */
  #canvas(name) {
    return /** @type {HTMLCanvasElement} */ (this.root.querySelector(`canvas.${name}`));
  }

  #listen() {
    const { root, player } = this;
    root.addEventListener("keydown", (event) => this.#onKey(event));
    root.addEventListener("click", (event) => this.#onClick(event));
    this.#canvas("wave").addEventListener("click", (event) => this.#seekTo(event, this.view));
    this.#canvas("overview").addEventListener("click", (event) =>
      this.#seekTo(event, { start: 0, end: this.seconds }),
    );
    for (const name of ["change", "heard"]) player.addEventListener(name, () => this.#draw());
    player.addEventListener("change", () => player.playing && this.#follow());
    player.addEventListener("broken", () =>
      this.#say(gettext("The link to this sound is over. Load the page again.")),
    );
    new ResizeObserver(() => this.drawAll()).observe(this.#canvas("wave"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.drawAll());
  }

  async #fetchPeaks() {
    try {
      const { data } = await ask(this.root.dataset.peaks || "");
      this.peaks = data
        .filter((/** @type {number} */ _, /** @type {number} */ index) => index % 2 === 0)
        .map((/** @type {number} */ low, /** @type {number} */ index) => Math.max(-low, data[2 * index + 1]));
    } catch {
      // Words and sound are what people came for: a picture that does not come takes nothing from them.
      this.root.classList.add("unseen");
    }
    this.drawAll();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const onButton = event.target instanceof HTMLButtonElement;
    const act = KEYS[event.code];
    if (
      !act ||
      event.altKey ||
      event.ctrlKey ||
      event.metaKey ||
      (onButton && act === "toggle" && event.code === "Space")
    )
      return;
    event.preventDefault();
    this.#do(act);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    if (button.dataset.act) this.#do(/** @type {Act} */ (button.dataset.act));
    else if (button.dataset.start) this.hear(this.buttons.indexOf(button));
  }

  /** @param {Act} act */
  #do(act) {
    const { player } = this;
    if (act === "toggle") {
      this.stopAt = Infinity;
      player.toggle();
    } else if (act === "before" || act === "after") {
      this.hear(wordBeside(this.words, player.at, act === "after" ? 1 : -1));
    } else if (act === "start") player.seek(0);
    else if (act === "spectrum") this.#toggleSpectrum();
    else this.#zoom(act === "in" ? ZOOM : 1 / ZOOM);
  }

  /** @param {number} index of the word that is heard, alone */
  hear(index) {
    const word = this.words[index];
    if (!word) return;
    this.stopAt = word.end;
    this.player.playFrom(word.start);
    this.root.dispatchEvent(new CustomEvent("word", { detail: index }));
    // A playing sound may lie between two words by some samples: the one that was asked for lights up.
    this.#light(index);
  }

  /** @param {number} factor */
  #zoom(factor) {
    this.view = zoomed(this.view, { seconds: this.seconds, about: this.player.at, factor });
    this.drawAll();
  }

  /**
   * @param {MouseEvent} event
   * @param {import("./timeline.js").Span} view what the canvas shows
   */
  #seekTo(event, view) {
    const { left, width } = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    this.stopAt = Infinity;
    this.player.seek(view.start + ((event.clientX - left) / width) * (view.end - view.start));
  }

  #follow() {
    if (!this.player.playing) return;
    if (this.player.at >= this.stopAt) {
      this.player.pause();
      return;
    }
    this.#draw();
    requestAnimationFrame(() => this.#follow());
  }

  /** @param {number} index */
  #light(index) {
    if (index === this.now) return;
    this.buttons[this.now]?.removeAttribute("aria-current");
    this.buttons[index]?.setAttribute("aria-current", "true");
    this.now = index;
  }

  #draw() {
    const { at, playing } = this.player;
    const view = playing ? following(this.view, at, this.seconds) : this.view;
    const moved = view !== this.view;
    this.view = view;
    if (this.stopAt === Infinity || playing)
      this.#light(wordAt(this.words, Math.min(at, this.stopAt - 1e-3)));
    const clip = { ...this, at };
    if (this.peaks.length) {
      drawWave(this.#canvas("wave"), clip);
      if (!this.#canvas("overview").hidden) drawOverview(this.#canvas("overview"), clip);
    }
    if (moved) this.#drawSpectrum();
    const button = this.root.querySelector("[data-act=toggle]");
    if (button) button.textContent = playing ? gettext("Pause") : gettext("Play");
  }

  drawAll() {
    const part = this.view.end - this.view.start < this.seconds;
    this.#canvas("overview").hidden = !this.peaks.length || (this.seconds < LONG && !part);
    this.#draw();
    this.#drawSpectrum();
  }

  async #toggleSpectrum() {
    const canvas = this.#canvas("spectrum");
    const wanted = canvas.hidden;
    this.root.querySelector("[data-act=spectrum]")?.setAttribute("aria-pressed", String(wanted));
    if (wanted && !this.decoded) {
      try {
        this.decoded = await decoded(this.sound.src);
      } catch {
        this.#say(gettext("The spectrogram can't be drawn on this device."));
        return;
      }
    }
    canvas.hidden = !wanted;
    this.#drawSpectrum();
  }

  #drawSpectrum() {
    const canvas = this.#canvas("spectrum");
    if (this.decoded && !canvas.hidden) drawSpectrogram(canvas, this.decoded, this.view);
  }

  /** @param {string} words */
  #say(words) {
    const line = this.root.querySelector(".said-of");
    if (line) line.textContent = words;
    announce(words);
  }
}

/**
 * The samples of a sound, at 16 kHz: what lies above tells nothing of speech, and costs memory.
 *
 * @param {string} address
 */
async function decoded(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the sound was not given: ${response.status}`);
  return new OfflineAudioContext(1, 1, 16_000).decodeAudioData(await response.arrayBuffer());
}

/** The players of this page, in its order. */
export const players = [...document.querySelectorAll(".aligned")].map(
  (root) => new AlignedClip(/** @type {HTMLElement} */ (root)),
);
