// @ts-check
// The spectrum of speech: a fast Fourier transform, and the levels of a stretch of sound as columns to be drawn.

const QUIETEST = 80; // dB below the loudest of a picture that are still shown

/**
 * The transform in place, by Cooley and Tukey (1965), radix 2.
 *
 * @param {Float32Array} real its length a power of two
 * @param {Float32Array} imaginary as long
 */
export function transform(real, imaginary) {
  const size = real.length;
  if (size & (size - 1) || imaginary.length !== size)
    throw new RangeError(
      `two arrays of one power of two are transformed, given ${size}, ${imaginary.length}`,
    );
  for (let at = 1, mirrored = 0; at < size; at++) {
    let bit = size >> 1;
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit;
    mirrored ^= bit;
    if (at < mirrored) {
      [real[at], real[mirrored]] = [real[mirrored], real[at]];
      [imaginary[at], imaginary[mirrored]] = [imaginary[mirrored], imaginary[at]];
    }
  }
  for (let half = 1; half < size; half *= 2) {
    for (let turn = 0; turn < half; turn++) {
      const angle = (-Math.PI * turn) / half;
      butterflies(real, imaginary, { half, turn, cosine: Math.cos(angle), sine: Math.sin(angle) });
    }
  }
}

/**
 * @param {Float32Array} real
 * @param {Float32Array} imaginary
 * @param {{half: number, turn: number, cosine: number, sine: number}} step
 */
function butterflies(real, imaginary, { half, turn, cosine, sine }) {
  for (let low = turn; low < real.length; low += 2 * half) {
    const high = low + half;
    const re = real[high] * cosine - imaginary[high] * sine;
    const im = real[high] * sine + imaginary[high] * cosine;
    real[high] = real[low] - re;
    imaginary[high] = imaginary[low] - im;
    real[low] += re;
    imaginary[low] += im;
  }
}

/**
 * Levels of a stretch of sound, 0 (80 dB below its loudest, or less) to 1: a column a window, low pitches first.
 *
 * @param {Float32Array} samples
 * @param {{from: number, to: number, columns: number, size: number}} stretch from, to: samples; size: of a window
 */
export function spectrogram(samples, { from, to, columns, size }) {
  const bins = size / 2;
  const hann = Float32Array.from(
    { length: size },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / size),
  );
  const levels = new Float32Array(columns * bins);
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  let loudest = -Infinity;
  for (let column = 0; column < columns; column++) {
    const start = Math.round(from + ((to - from) * (column + 0.5)) / columns - size / 2);
    for (let at = 0; at < size; at++) real[at] = (samples[start + at] || 0) * hann[at];
    imaginary.fill(0);
    transform(real, imaginary);
    for (let bin = 0; bin < bins; bin++) {
      const level = 10 * Math.log10(real[bin] ** 2 + imaginary[bin] ** 2 + 1e-12);
      levels[column * bins + bin] = level;
      loudest = Math.max(loudest, level);
    }
  }
  return levels.map((level) => Math.max(0, 1 + (level - loudest) / QUIETEST));
}
