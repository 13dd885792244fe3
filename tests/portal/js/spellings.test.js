import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

import { endsWord, inAnyScript, wordBefore } from "../../../portal/static/js/parts/latin_words.js";
import { spellings } from "../../../portal/static/js/parts/spellings.js";

const LIBRARY = new URL("../../../portal/static/vendor/sanscript-1.3.3/sanscript.js", import.meta.url);
const scope = vm.createContext({});
vm.runInContext(readFileSync(LIBRARY, "utf8"), scope);
const { Sanscript } = scope;
const t = (...given) => Sanscript.t(...given);

for (const [latin, script, word] of [
  ["amma", "telugu", "అమ్మ"],
  ["namaste", "devanagari", "नमस्ते"],
  ["ami", "bengali", "আমি"],
  ["avan", "malayalam", "അവൻ"],
  ["naan", "tamil", "நான்"],
]) {
  test(`${latin} can be written ${word}`, () => {
    assert.ok(spellings(latin, script, t).includes(word), spellings(latin, script, t).join(" "));
  });
}

test("the spelling that somebody chose before comes first, and no word is offered twice", () => {
  const [first, ...others] = spellings("amma", "telugu", t, { learnt: "అమ్మా" });

  assert.equal(first, "అమ్మా");
  assert.equal(new Set([first, ...others]).size, others.length + 1);
  assert.ok(others.length < 4);
});

test("the word under the caret is found, but not a tag that is being written", () => {
  assert.deepEqual(wordBefore("ఇది amma", 8), { from: 4, to: 8, latin: "amma" });
  assert.equal(wordBefore("ఇది ", 4), null);
  assert.equal(wordBefore("ఇది <noi", 8), null);
  assert.deepEqual(wordBefore("<noise> amma", 12), { from: 8, to: 12, latin: "amma" });
});

test("inside a tag that lifts the alphabet letters stay as they are typed", () => {
  const text = "<foreign>good morning</foreign> amma";

  assert.equal(inAnyScript(text, 14, ["foreign"]), true);
  assert.equal(inAnyScript(text, text.length, ["foreign"]), false);
  assert.equal(inAnyScript(text, 14, ["noise"]), false);
});

test("a space, a danda and a full stop end a word, a letter does not", () => {
  assert.deepEqual([" ", "।", ".", "a", "అ"].map(endsWord), [true, true, true, false, false]);
});
