import assert from "node:assert/strict";
import test from "node:test";

import { Backoff } from "../../../portal/static/js/parts/backoff.js";
import { digitOf, keyAtPlayer, keyWhileWriting } from "../../../portal/static/js/parts/keys.js";
import { afterChange, placed, wholeLetters } from "../../../portal/static/js/parts/points.js";
import { joined, unheard } from "../../../portal/static/js/parts/ranges.js";
import { askedToWait, secondsUntilRetry } from "../../../portal/static/js/parts/retry_after.js";

const key = (code, held = {}) => ({
  code,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...held,
});

test("each failure waits longer, and success begins anew", () => {
  const backoff = new Backoff([1, 2, 30]);
  const waits = [0, 1, 2, 3].map(() => {
    backoff.fail();
    return backoff.wait;
  });
  backoff.reset();

  assert.deepEqual(waits, [1000, 2000, 30_000, 30_000]);
  assert.equal(backoff.wait, 0);
});

const NOON = Date.UTC(2026, 10, 30, 12);

test("a server names the next try in seconds or by a date, and nobody waits longer than five minutes", () => {
  const asked = {
    60: 60,
    " 7 ": 7,
    0: 0,
    99999: 300,
    "Mon, 30 Nov 2026 12:01:30 GMT": 90,
    "Monday, 30-Nov-26 12:00:20 GMT": 20,
    "Mon, 30 Nov 2026 11:00:00 GMT": 0,
    "Tue, 01 Dec 2026 12:00:00 GMT": 300,
  };
  for (const [header, seconds] of Object.entries(asked))
    assert.equal(secondsUntilRetry(header, NOON), seconds, header);
});

test("a header that can't be read asks for nothing", () => {
  for (const header of [null, undefined, "", "-5", "1.5", "soon", "Mon, soon", "2026-11-30T12:01:00Z"])
    assert.equal(secondsUntilRetry(header, NOON), 0, String(header));
});

test("the server says whether only this waits; of what stands before it the status does", () => {
  const answer = (status, headers) => askedToWait({ status, header: (name) => headers[name] }, NOON);

  assert.deepEqual(answer(503, { "Retry-After": "5", "Boli-Waits": "this" }), { seconds: 5, alone: true });
  assert.deepEqual(answer(507, { "Retry-After": "5", "Boli-Waits": "all" }), { seconds: 5, alone: false });
  assert.deepEqual(answer(423, { "Retry-After": "5" }), { seconds: 5, alone: true });
  assert.deepEqual(answer(429, { "Retry-After": "5" }), { seconds: 5, alone: false });
  assert.deepEqual(answer(503, {}), { seconds: 0, alone: false });
});

test("a remark lies on its letters, though some take two units", () => {
  const text = "𑀅𑀆 ధర 40";
  const [remark] = placed(text, [{ code: "numeral", start: 6, length: 2 }]);

  assert.equal(text.slice(remark.from, remark.to), "40");
});

test("a mark is widened to whole letters", () => {
  const text = "క్షమ";

  assert.deepEqual(wholeLetters(text, 1, 2, "te"), [0, 3]);
});

test("remarks before and behind a change keep to their letters, those in it are gone", () => {
  const before = "ab cd ef";
  const remarks = [
    { from: 0, to: 2 },
    { from: 3, to: 5 },
    { from: 6, to: 8 },
  ];

  assert.deepEqual(afterChange(remarks, before, "ab cXXd ef"), [
    { from: 0, to: 2 },
    { from: 8, to: 10 },
  ]);
});

test("a seek covers nothing: only what sounded counts as heard", () => {
  const played = [
    [0, 1],
    [3, 4],
    [0.99, 1.5],
  ];

  assert.deepEqual(joined(played), [
    [0, 1.5],
    [3, 4],
  ]);
  assert.deepEqual(unheard(played, 4), [[1.5, 3]]);
});

test("a quarter second that a player rounds away is not missed", () => {
  assert.deepEqual(unheard([[0.1, 3.8]], 4), []);
});

test("while words are typed only keys with a meaning are taken from the box", () => {
  const settings = { tabPlays: true };

  assert.deepEqual(keyWhileWriting(key("Tab"), settings), { act: "toggle" });
  assert.equal(keyWhileWriting(key("Tab"), { tabPlays: false }), null);
  assert.equal(keyWhileWriting(key("Tab", { shiftKey: true }), settings), null);
  assert.equal(keyWhileWriting(key("KeyS"), settings), null);
  assert.deepEqual(keyWhileWriting(key("Digit3", { altKey: true }), settings), { act: "tag", digit: 3 });
  assert.deepEqual(keyWhileWriting(key("Enter", { ctrlKey: true }), settings), { act: "submit" });
  assert.equal(keyWhileWriting({ ...key("Tab"), isComposing: true }, settings), null);
});

test("single letters are acts at the player alone", () => {
  assert.deepEqual(keyAtPlayer(key("KeyS")), { act: "skip" });
  assert.equal(keyAtPlayer(key("KeyS", { ctrlKey: true })), null);
  assert.deepEqual(keyAtPlayer(key("Slash", { shiftKey: true })), { act: "settings" });
});

test("a reason is chosen by a bare number key of either row", () => {
  assert.equal(digitOf(key("Digit4")), 4);
  assert.equal(digitOf(key("Numpad9")), 9);
  assert.equal(digitOf(key("Digit0")), undefined);
  assert.equal(digitOf(key("Digit4", { altKey: true })), undefined);
});
