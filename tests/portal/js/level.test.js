import assert from "node:assert/strict";
import test from "node:test";

import { LevelJudge, levelOf } from "../../../portal/static/js/record/level.js";

const SECONDS = 4;
const EVERY = 20; // levels a second

/** What is said of a voice at the end of four seconds. rmsAt: of the level number */
function judged(rmsAt, peakAt = (at) => rmsAt(at) * 2) {
  const judge = new LevelJudge();
  let fault = "";
  for (let at = 0; at < SECONDS * EVERY; at++) fault = judge.push({ peak: peakAt(at), rms: rmsAt(at) });
  return fault;
}

const speaks = (at) => at % 10 < 7;

test("a voice with pauses is good sound", () => {
  assert.equal(
    judged((at) => (speaks(at) ? 0.1 : 0.001)),
    "",
  );
});

test("a voice that is far away is too quiet", () => {
  assert.equal(
    judged((at) => (speaks(at) ? 0.003 : 0.0005)),
    "quiet",
  );
});

test("where nothing ever falls silent there is too much noise", () => {
  assert.equal(
    judged(() => 0.05),
    "noise",
  );
});

test("a voice that clips again and again is too loud, and one clap is not", () => {
  assert.equal(
    judged(
      () => 0.3,
      () => 1,
    ),
    "loud",
  );
  assert.equal(
    judged(
      (at) => (speaks(at) ? 0.1 : 0.001),
      (at) => (at === 3 ? 1 : 0.3),
    ),
    "",
  );
});

test("nothing is said of the first moments", () => {
  assert.equal(new LevelJudge().push({ peak: 0.001, rms: 0.0001 }), "");
});

test("a level is the highest sample, and the root of the mean square", () => {
  assert.deepEqual(levelOf(Float32Array.from([0.5, -0.5, 0.5, -0.5])), { peak: 0.5, rms: 0.5 });
});
