// @ts-check
// The level of a voice over time, drawn as it comes.

import { make } from "../page.js";

const MOST = 160; // levels in sight

export class LevelPicture {
  canvas = make("canvas", { class: "wave", width: 640, height: 120, "aria-hidden": "true" });
  /** @type {{peak: number, warned: boolean}[]} */
  #levels = [];

  /**
   * @param {number} peak share of full scale
   * @param {boolean} warned whether something is wrong with it
   */
  add(peak, warned) {
    this.#levels.push({ peak, warned });
    if (this.#levels.length > MOST) this.#levels.shift();
    const ink = this.canvas.getContext("2d");
    if (!ink) return;
    const style = getComputedStyle(this.canvas);
    const { width, height } = this.canvas;
    ink.clearRect(0, 0, width, height);
    this.#levels.forEach((level, index) => {
      const tall = Math.max(3, Math.min(1, level.peak) ** 0.6 * (height - 8));
      ink.fillStyle = style.getPropertyValue(level.warned ? "--warn" : "--wave");
      ink.fillRect(index * 4, (height - tall) / 2, 2.5, tall);
    });
  }
}
