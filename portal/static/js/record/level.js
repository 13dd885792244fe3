// @ts-check
// What is wrong with a voice while it is recorded: judged from its level over the last seconds.

const WINDOW = 80; // levels looked back on: four seconds at 20 a second
const ENOUGH = 0.6; // of the window, before anything is said
const CLIPPED_AT = 0.985; // of full scale
const CLIPPED_ADDS = 8; // a clipped level counts for so many good ones
const CLIPPED_MOST = 40;
const QUIETEST_VOICE = -45; // dB below full scale
const LOUDEST_PAUSE = -42;
const LEAST_RANGE = 9; // dB between voice and pauses

/** @typedef {"" | "loud" | "quiet" | "noise"} LevelFault */

export class LevelJudge {
  /** @type {number[]} dB, the newest last */
  #levels = [];
  #clipped = 0;

  /**
   * One more level, 20 times a second. Gives what is wrong with the last seconds; "" for good sound.
   *
   * @param {{peak: number, rms: number}} level shares of full scale
   * @returns {LevelFault}
   */
  push({ peak, rms }) {
    this.#levels.push(20 * Math.log10(rms + 1e-6));
    if (this.#levels.length > WINDOW) this.#levels.shift();
    const clips = peak >= CLIPPED_AT;
    this.#clipped = clips
      ? Math.min(CLIPPED_MOST, this.#clipped + CLIPPED_ADDS)
      : Math.max(0, this.#clipped - 1);
    if (this.#clipped > CLIPPED_ADDS) return "loud";
    if (this.#levels.length < WINDOW * ENOUGH) return "";
    const ordered = [...this.#levels].sort((a, b) => a - b);
    const voice = ordered[Math.floor(ordered.length * 0.92)];
    const pause = ordered[Math.floor(ordered.length * 0.1)];
    if (voice < QUIETEST_VOICE) return "quiet";
    // A voice pauses; where nothing ever falls silent, something else sounds
    return pause > LOUDEST_PAUSE && voice - pause < LEAST_RANGE ? "noise" : "";
  }
}

/**
 * @param {Float32Array} samples
 * @returns {{peak: number, rms: number}}
 */
export function levelOf(samples) {
  let peak = 0;
  let sum = 0;
  for (const sample of samples) {
    peak = Math.max(peak, Math.abs(sample));
    sum += sample * sample;
  }
  return { peak, rms: Math.sqrt(sum / samples.length) };
}
