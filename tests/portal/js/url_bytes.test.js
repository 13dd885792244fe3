// Keys of browsers as bytes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sameBytes, urlBytes } from "../../../portal/static/js/parts/url_bytes.js";

test("base64url without padding is read, with both of its own letters", () => {
  assert.deepEqual([...urlBytes("-_8")], [251, 255]);
  assert.deepEqual([...urlBytes("cHVzaA")], [112, 117, 115, 104]);
});

test("bytes are the same where each of them is, and none is more", () => {
  assert.ok(sameBytes(urlBytes("AQI"), Uint8Array.of(1, 2)));
  assert.ok(!sameBytes(urlBytes("AQI"), Uint8Array.of(1, 3)));
  assert.ok(!sameBytes(urlBytes("AQI"), Uint8Array.of(1)));
});
