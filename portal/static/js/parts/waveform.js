// The waveform: bars, the heard part dark, a marigold line where the sound is; grey at the ends what comes before and after.

import WaveSurfer from "../../vendor/wavesurfer-8.0.1/wavesurfer.esm.js";
import { page, make } from "../page.js";
import { secondsOf } from "./clock.js";

const LOUDEST = 128;
const MOST_BARS = 200;

export class Waveform {
  constructor(player, { wave, ticks }) {
    this.player = player;
    this.wave = wave;
    this.ticks = ticks;
    this.clip = null;
    this.small = matchMedia("(max-width: 640px)");
    for (const query of [this.small, matchMedia("(prefers-color-scheme: dark)")])
      query.addEventListener("change", () => this.#draw());
  }

  show(clip) {
    this.clip = clip;
    this.#draw();
    const parts = clip.seconds < 3 ? 2 : 4;
    const marks = Array.from({ length: parts + 1 }, (_, index) => secondsOf((clip.seconds * index) / parts));
    this.ticks.replaceChildren(...marks.map((mark) => make("span", {}, mark)));
  }

  #draw() {
    if (!this.clip) return;
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
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
        barWidth: 3,
        barGap: 3,
        barRadius: 2,
        barMinHeight: 2,
        cursorWidth: 3,
        normalize: true,
        dragToSeek: true,
        hideScrollbar: true,
        ...look,
      });
    }
  }
}

/** Peaks of a short clip as many as there may be bars, or gaps would stand between these. */
function dense(peaks) {
  if (peaks.length < 2) return [0, 0];
  if (peaks.length >= MOST_BARS) return peaks;
  return Array.from({ length: MOST_BARS }, (_, index) => {
    const at = (index * (peaks.length - 1)) / (MOST_BARS - 1);
    const before = Math.floor(at);
    return peaks[before] + (at - before) * ((peaks[before + 1] ?? peaks[before]) - peaks[before]);
  });
}

/** The near end of a neighbouring clip as grey bars. */
export function drawNeighbour(button, neighbour) {
  const SVG = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(SVG, "svg");
  const loudest = Math.max(1, ...neighbour.peaks);
  picture.setAttribute("viewBox", `0 0 ${neighbour.peaks.length * 6} 100`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  neighbour.peaks.forEach((peak, index) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = Math.max(2, (90 * peak) / loudest);
    for (const [name, value] of Object.entries({
      x: index * 6 + 1,
      y: 50 - height / 2,
      width: 3,
      height,
      rx: 1.5,
    }))
      bar.setAttribute(name, value);
    picture.append(bar);
  });
  button.replaceChildren(picture);
}
