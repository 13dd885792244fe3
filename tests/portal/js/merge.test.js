import assert from "node:assert/strict";
import test from "node:test";

import { clipsToDo, draftOf, merged, seenOnServer } from "../../../portal/static/js/write/merge.js";

const draft = (text, sent, seen = []) => ({ text, sent, seen, heard: [], active: 0 });
const clip = (slot, token = 1) => ({ slot, token });

test("words of this device stand where the server has older ones of theirs", () => {
  const local = draft("ఇది ఒక", "ఇది", ["ఇది"]);

  assert.deepEqual(merged(local, "ఇది"), { text: "ఇది ఒక", other: null });
});

test("words of the server stand where nothing was changed here", () => {
  assert.deepEqual(merged(draft("ఇది", "ఇది"), "ఇది అక్కడ"), { text: "ఇది అక్కడ", other: null });
  assert.deepEqual(merged(undefined, "ఇది"), { text: "ఇది", other: null });
});

test("where both changed, those of here stand and the others are offered", () => {
  assert.deepEqual(merged(draft("ఇక్కడ", "ఇది", ["ఇది"]), "అక్కడ"), { text: "ఇక్కడ", other: "అక్కడ" });
});

test("an empty text on the server takes no word away", () => {
  assert.deepEqual(merged(draft("ఇది", ""), ""), { text: "ఇది", other: null });
});

test("a draft remembers what was heard, and what the server is known to have", () => {
  const before = { text: "ఇది ఒక", sent: "ఇది", seen: ["ఇది"], heard: [[0, 2]], active: 7 };

  const now = draftOf(before, "ఇది ఒక", "ఇది");

  assert.deepEqual(now, before);
  assert.deepEqual(draftOf(before, "అక్కడ", "అక్కడ").sent, "అక్కడ");
  assert.deepEqual(draftOf(undefined, "", ""), draft("", "", [""]));
});

test("no more than forty texts of a clip are remembered, the newest last", () => {
  const seen = Array.from({ length: 60 }, (_, at) => String(at)).reduce(seenOnServer, []);

  assert.equal(seen.length, 40);
  assert.equal(seen.at(-1), "59");
  assert.equal(seenOnServer(seen, "30").filter((text) => text === "30").length, 1);
});

test("without the server the clips of this device are worked on, but for the finished", () => {
  const { todo, left } = clipsToDo(null, [clip("a"), clip("b")], new Set(["a"]));

  assert.deepEqual(todo, [clip("b")]);
  assert.deepEqual(left, []);
});

test("a clip that was given again is left behind in its old life", () => {
  const { todo, left } = clipsToDo([clip("a", 2)], [clip("a", 1), clip("b")], new Set());

  assert.deepEqual(todo, [clip("a", 2)]);
  assert.deepEqual(left, [clip("a", 1), clip("b")]);
});
