import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { inBlocks, sha256 } from "../../../portal/static/js/record/digest.js";

const SOUND = Uint8Array.from({ length: 300_007 }, (_, at) => (at * 31 + (at >> 7)) % 251);
const EXPECTED = createHash("sha256").update(SOUND).digest("hex");

for (const block of [1_000, 4_096, 65_537, SOUND.length, 2 ** 20]) {
  test(`a file read ${block} bytes at a time has the digest of the whole`, async () => {
    const digest = await inBlocks(new Blob([SOUND]), block);

    assert.equal(Buffer.from(digest).toString("hex"), EXPECTED);
  });
}

test("the browser's own digest and the library's are one", async () => {
  assert.equal(await sha256(new Blob([SOUND])), EXPECTED);
});

test("an empty file has a digest too", async () => {
  assert.equal(Buffer.from(await inBlocks(new Blob([]))).toString("hex"), createHash("sha256").digest("hex"));
});
