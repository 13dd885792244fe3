// @ts-check
// What is said just before and after the clip, where the recording goes on: grey at the ends of the waveform, heard on a press.

import { isUnanswered } from "../page.js";
import { drawNeighbour } from "../parts/waveform.js";
import { askAsHolder } from "./holding.js";

/** @typedef {"before" | "after"} Side */

/** @type {Side[]} */
const SIDES = ["before", "after"];

export class Neighbours {
  /** @type {Clip | null} */
  #clip = null;
  /** @type {Partial<Record<Side, Neighbour | null>>} */
  #found = {};
  #sound = new Audio();
  #until = 0;
  #playing = "";

  /**
   * @param {import("../parts/player.js").Player} player
   * @param {Record<Side, HTMLElement>} buttons
   */
  constructor(player, buttons) {
    this.player = player;
    this.buttons = buttons;
    for (const side of SIDES) buttons[side].addEventListener("click", () => this.play(side));
    player.addEventListener("wanted", () => this.#sound.pause());
    this.#sound.addEventListener("timeupdate", () => {
      if (this.#sound.currentTime >= this.#until) this.#sound.pause();
    });
  }

  /** @param {Clip} clip */
  async open(clip) {
    this.#clip = clip;
    this.#found = {};
    this.#sound.pause();
    for (const side of SIDES) this.buttons[side].hidden = true;
    try {
      const found = await askAsHolder(clip, "around");
      if (this.#clip !== clip) return;
      this.#found = found;
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      return; // without network there is the clip alone
    }
    for (const side of SIDES) this.#draw(side, clip);
  }

  /**
   * @param {Side} side
   * @param {Clip} clip
   */
  #draw(side, clip) {
    const button = this.buttons[side];
    const neighbour = this.#found[side];
    button.hidden = !neighbour;
    if (!neighbour) return;
    button.style.flexGrow = String((neighbour.end - neighbour.start) / clip.seconds);
    drawNeighbour(button, neighbour);
  }

  /** @param {Side} side */
  async play(side) {
    const neighbour = this.#found[side];
    if (!neighbour) return;
    this.player.pause();
    this.#until = neighbour.end;
    if (this.#playing !== neighbour.preview) this.#sound.src = this.#playing = neighbour.preview;
    this.#sound.currentTime = neighbour.start;
    try {
      await this.#sound.play();
    } catch (error) {
      const { name } = /** @type {DOMException} */ (error);
      if (name === "NotAllowedError" || name === "AbortError") return;
      // the link is over: new ones come with the clip's neighbours
      if (this.#clip) await this.open(this.#clip);
    }
  }
}
