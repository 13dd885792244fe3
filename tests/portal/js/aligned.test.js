import assert from "node:assert/strict";
import test from "node:test";

import { spectrogram, transform } from "../../../portal/static/js/aligned/spectrum.js";
import { barsOf, following, wordAt, wordBeside, zoomed } from "../../../portal/static/js/aligned/timeline.js";

const WORDS = [
  { start: 0.5, end: 1 },
  { start: 1.2, end: 2 },
  { start: 2, end: 2.4 },
];

/** The transform by its definition, slow. */
function slowly(samples) {
  return samples.map((_, bin) => {
    let [re, im] = [0, 0];
    samples.forEach((sample, at) => {
      re += sample * Math.cos((-2 * Math.PI * bin * at) / samples.length);
      im += sample * Math.sin((-2 * Math.PI * bin * at) / samples.length);
    });
    return [re, im];
  });
}

test("the fast transform gives what its definition gives", () => {
  const samples = Array.from({ length: 64 }, (_, at) => Math.sin(at * at) + (at % 5));
  const real = Float32Array.from(samples);
  const imaginary = new Float32Array(64);

  transform(real, imaginary);

  slowly(samples).forEach(([re, im], bin) => {
    assert.ok(Math.abs(real[bin] - re) < 1e-3, `${bin}: ${real[bin]}, ${re}`);
    assert.ok(Math.abs(imaginary[bin] - im) < 1e-3);
  });
});

test("what is no power of two is refused", () => {
  assert.throws(() => transform(new Float32Array(6), new Float32Array(6)), RangeError);
});

test("a tone is one bright line at its pitch, in every column", () => {
  const tone = Float32Array.from({ length: 16_000 }, (_, at) => Math.sin((2 * Math.PI * 1000 * at) / 16_000));

  const levels = spectrogram(tone, { from: 2000, to: 14_000, columns: 10, size: 512 });

  for (let column = 0; column < 10; column++) {
    const bins = [...levels.slice(column * 256, (column + 1) * 256)];
    assert.equal(bins.indexOf(Math.max(...bins)), (1000 / 16_000) * 512);
    assert.ok(bins[128] < 0.2);
  }
});

test("the word is the one being said, and none between two", () => {
  assert.deepEqual(
    [0, 0.5, 0.99, 1.1, 1.99, 2, 3].map((at) => wordAt(WORDS, at)),
    [-1, 0, 0, -1, 1, 2, -1],
  );
  assert.equal(wordAt([], 1), -1);
});

test("keys step from word to word and stop at the ends", () => {
  assert.deepEqual(
    [0, 0.7, 1.1, 2.2].map((at) => [wordBeside(WORDS, at, -1), wordBeside(WORDS, at, 1)]),
    [
      [0, 0],
      [0, 1],
      [0, 1],
      [1, 2],
    ],
  );
  assert.equal(wordBeside([], 1, 1), -1);
});

test("zooming stays within the clip, keeps the moment in sight, and shows a second at least", () => {
  let view = { start: 0, end: 60 };
  for (let step = 0; step < 20; step++) view = zoomed(view, { seconds: 60, about: 59.9, factor: 2 });

  assert.equal(view.end - view.start, 1);
  assert.ok(view.start <= 59.9 && view.end <= 60);

  for (let step = 0; step < 20; step++) view = zoomed(view, { seconds: 60, about: 59.9, factor: 0.5 });
  assert.deepEqual(view, { start: 0, end: 60 });
});

test("what is seen moves on only when the sound has left it", () => {
  const view = { start: 10, end: 20 };

  assert.equal(following(view, 15, 60), view);
  assert.deepEqual(following(view, 21, 60), { start: 20, end: 30 });
  assert.deepEqual(following(view, 59, 60), { start: 50, end: 60 });
});

test("bars are the loudest of their stretch, of the loudest of all", () => {
  assert.deepEqual(barsOf([1, 4, 2, 8], { start: 0, end: 4 }, { seconds: 4, count: 2 }), [0.5, 1]);
  assert.deepEqual(barsOf([1, 4, 2, 8], { start: 0, end: 2 }, { seconds: 4, count: 2 }), [0.125, 0.5]);
  assert.equal(barsOf([1], { start: 0, end: 1 }, { seconds: 1, count: 3 }).length, 3);
});
