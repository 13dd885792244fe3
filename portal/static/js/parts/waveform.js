// @ts-check
// The waveform: bars, the heard part dark, a marigold line where the sound is; grey at the ends what comes before and after.

import WaveSurfer from "../../vendor/wavesurfer-8.0.1/wavesurfer.esm.js";
import { page, make } from "../page.js";
import { secondsOf } from "./clock.js";

const LOUDEST = 128;
const MOST_BARS = 200;
const SVG = "http://www.w3.org/2000/svg";
const BARS = { barWidth: 3, barGap: 3, barRadius: 2, barMinHeight: 2, cursorWidth: 3 };

export class Waveform {
  /**
   * @param {import("./player.js").Player} player
   * @param {{wave: HTMLElement, ticks: HTMLElement}} places
   */
  constructor(player, { wave, ticks }) {
    this.player = player;
    this.wave = wave;
    this.ticks = ticks;
    /** @type {{seconds: number, peaks: number[]} | null} */
    this.clip = null;
    /** @type {any} */
    this.surfer = null;
    this.small = matchMedia("(max-width: 640px)");
    for (const query of [this.small, matchMedia("(prefers-color-scheme: dark)")]) {
      query.addEventListener("change", () => this.#draw());
    }
  }

  /** @param {{seconds: number, peaks: number[]}} clip */
  show(clip) {
    this.clip = clip;
    this.#draw();
    const parts = clip.seconds < 3 ? 2 : 4;
    const marks = Array.from({ length: parts + 1 }, (_, index) => secondsOf((clip.seconds * index) / parts));
    this.ticks.replaceChildren(...marks.map((mark) => make("span", {}, mark)));
  }

  #draw() {
    if (!this.clip) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const look = {
      height: this.small.matches ? 76 : Number(this.wave.dataset.height || 132),
      waveColor: colour("--wave-soft"),
      progressColor: colour("--wave"),
      cursorColor: colour("--mark"),
      peaks: [dense(this.clip.peaks.map((peak) => peak / LOUDEST))],
      duration: this.clip.seconds,
    };
    if (this.surfer) this.surfer.setOptions(look);
    else {
      this.surfer = WaveSurfer.create({
        container: this.wave,
        media: this.player.sound,
        cspNonce: page.nonce,
        normalize: true,
        dragToSeek: true,
        hideScrollbar: true,
        ...BARS,
        ...look,
      });
    }
  }
}

/**
 * Peaks of a short clip as many as there may be bars, or gaps would stand between these.
 *
 * @param {number[]} peaks
 */
function dense(peaks) {
  if (peaks.length < 2) return [0, 0];
  if (peaks.length >= MOST_BARS) return peaks;
  return Array.from({ length: MOST_BARS }, (_, index) => {
    const at = (index * (peaks.length - 1)) / (MOST_BARS - 1);
    const before = Math.floor(at);
    return peaks[before] + (at - before) * ((peaks[before + 1] ?? peaks[before]) - peaks[before]);
  });
}

/**
 * The near end of a neighbouring clip as grey bars.
 *
 * @param {HTMLElement} button
 * @param {Neighbour} neighbour
 */
export function drawNeighbour(button, { peaks }) {
  const picture = svg("svg", {
    viewBox: `0 0 ${peaks.length * 6} 100`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const loudest = Math.max(1, ...peaks);
  peaks.forEach((peak, index) => {
    const height = Math.max(2, (90 * peak) / loudest);
    picture.append(svg("rect", { x: index * 6 + 1, y: 50 - height / 2, width: 3, height, rx: 1.5 }));
  });
  button.replaceChildren(picture);
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
