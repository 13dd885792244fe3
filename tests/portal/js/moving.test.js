import assert from "node:assert/strict";
import test from "node:test";

import { SHORTEST, moved } from "../../../portal/static/js/aligned/moving.js";

const LENGTH = 32_000;
const WORDS = [
  { start: 1600, end: 8000 },
  { start: 8000, end: 16_000 }, // touches the one before
  { start: 20_000, end: 30_000 }, // a pause before it
];
const move = (index, edge, by, words = WORDS) => moved(words, { index, edge, by, length: LENGTH });

test("a word that touches the moved edge goes along with it, both ways", () => {
  assert.deepEqual(move(1, "start", -800).slice(0, 2), [
    { start: 1600, end: 7200 },
    { start: 7200, end: 16_000 },
  ]);
  assert.deepEqual(move(0, "end", 160).slice(0, 2), [
    { start: 1600, end: 8160 },
    { start: 8160, end: 16_000 },
  ]);
});

test("a pause is taken up before the neighbour is pushed", () => {
  assert.equal(move(1, "end", 800)[2].start, 20_000);
  assert.equal(move(1, "end", 4800)[2].start, 20_800);
});

test("no word gets shorter than the shortest, and none leaves the clip", () => {
  assert.equal(move(0, "start", -LENGTH)[0].start, 0);
  assert.equal(move(2, "end", LENGTH)[2].end, LENGTH);
  assert.equal(move(0, "end", -LENGTH)[0].end, 1600 + SHORTEST);
  const pushed = move(0, "end", LENGTH);
  assert.deepEqual(pushed.slice(0, 2), [
    { start: 1600, end: 16_000 - SHORTEST },
    { start: 16_000 - SHORTEST, end: 16_000 },
  ]);
  assert.equal(move(0, "end", LENGTH, pushed), pushed);
});

test("whatever is pressed, the words stay in order inside the clip", () => {
  let words = WORDS;
  let seed = 7;
  const next = (/** @type {number} */ below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let press = 0; press < 5000; press++) {
    const by = [160, 800, -160, -800, 4000, -4000][next(6)];
    words = move(next(3), next(2) ? "start" : "end", by, words);
    let before = 0;
    for (const { start, end } of words) {
      assert.ok(start >= before && end >= start + SHORTEST && end <= LENGTH, JSON.stringify(words));
      before = end;
    }
  }
});

test("a word that an aligner made shorter than the shortest is never made shorter still", () => {
  const short = [{ start: 100, end: 150 }];
  assert.equal(move(0, "end", -160, short), short);
  assert.equal(move(0, "end", 160, short)[0].end, 310);
});
