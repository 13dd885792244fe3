// @ts-check
// The pictures of a clip on canvases: its waveform with the edges of its words, its overview, its spectrogram.

import { spectrogram } from "./spectrum.js";
import { barsOf } from "./timeline.js";

/** @typedef {import("./timeline.js").Span} Span */

const BAR = 4; // CSS pixels from bar to bar
const WINDOW = 512; // samples: 32 ms of 16 kHz, which shows the formants of a voice
const COLUMNS = 600; // at most
const HIGHEST = 8000; // Hz

/**
 * A canvas as sharp as the screen, empty. width and height: in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 */
function prepared(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(ratio, ratio);
  return { pen, width, height };
}

/** @param {string} name of a custom property */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{peaks: number[], words: Span[], view: Span, seconds: number, at: number, now: number}} clip at: seconds;
 *   now: index of the word that is said, or -1
 */
export function drawWave(canvas, { peaks, words, view, seconds, at, now }) {
  const { pen, width, height } = prepared(canvas);
  const x = (/** @type {number} */ moment) => ((moment - view.start) / (view.end - view.start)) * width;
  if (words[now]) {
    pen.fillStyle = colour("--band");
    pen.fillRect(x(words[now].start), 0, x(words[now].end) - x(words[now].start), height);
  }
  pen.fillStyle = colour("--rule");
  for (const word of words)
    if (word.end > view.start && word.start < view.end) pen.fillRect(x(word.start), 0, 1.5, height);
  const bars = barsOf(peaks, view, { seconds, count: Math.max(1, Math.floor(width / BAR)) });
  const [said, coming] = [colour("--wave"), colour("--wave-soft")];
  bars.forEach((bar, index) => {
    const tall = Math.max(2, (height - 8) * bar);
    pen.fillStyle = (index + 0.5) * BAR < x(at) ? said : coming;
    pen.fillRect(index * BAR + 0.5, (height - tall) / 2, BAR - 1.5, tall);
  });
  pen.fillStyle = colour("--mark");
  pen.fillRect(x(at) - 1.5, 0, 3, height);
}

/**
 * The whole clip, small, with a frame around what is seen.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{peaks: number[], view: Span, seconds: number, at: number}} clip
 */
export function drawOverview(canvas, { peaks, view, seconds, at }) {
  const { pen, width, height } = prepared(canvas);
  const x = (/** @type {number} */ moment) => (moment / seconds) * width;
  const whole = { start: 0, end: seconds };
  pen.fillStyle = colour("--wave-soft");
  barsOf(peaks, whole, { seconds, count: Math.max(1, Math.floor(width / 3)) }).forEach((bar, index) => {
    const tall = Math.max(1, (height - 4) * bar);
    pen.fillRect(index * 3, (height - tall) / 2, 2, tall);
  });
  pen.strokeStyle = colour("--ink");
  pen.lineWidth = 2;
  pen.strokeRect(x(view.start) + 1, 1, Math.max(4, x(view.end) - x(view.start) - 2), height - 2);
  pen.fillStyle = colour("--mark");
  pen.fillRect(x(at) - 1, 0, 2, height);
}

/**
 * Dark is loud, on light and dark pages alike what stands out is loud; pitch from 0 at the bottom to 8 kHz.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {AudioBuffer} sound
 * @param {Span} view
 */
export function drawSpectrogram(canvas, sound, view) {
  const { pen, width, height } = prepared(canvas);
  const columns = Math.max(1, Math.min(COLUMNS, Math.round(width)));
  const [from, to] = [view.start * sound.sampleRate, view.end * sound.sampleRate];
  const size = WINDOW * Math.max(1, 2 ** Math.round(Math.log2(sound.sampleRate / 16_000)));
  const levels = spectrogram(sound.getChannelData(0), { from, to, columns, size });
  const bins = size / 2;
  const shown = Math.min(bins, Math.round((HIGHEST / (sound.sampleRate / 2)) * bins));
  const picture = new ImageData(columns, shown);
  const [red, green, blue] = channels(colour("--ink"));
  for (let column = 0; column < columns; column++) {
    for (let bin = 0; bin < shown; bin++) {
      const pixel = 4 * ((shown - 1 - bin) * columns + column);
      picture.data.set([red, green, blue, 255 * levels[column * bins + bin] ** 2], pixel);
    }
  }
  const small = new OffscreenCanvas(columns, shown);
  const paper = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d"));
  paper.putImageData(picture, 0, 0);
  pen.drawImage(small, 0, 0, width, height);
}

/** @param {string} hex #rrggbb */
function channels(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
