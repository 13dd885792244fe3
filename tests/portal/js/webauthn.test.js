import assert from "node:assert/strict";
import test from "node:test";

import {
  answerOf,
  optionsToMake,
  optionsToSign,
  toBytes,
  toText,
} from "../../../portal/static/js/parts/webauthn.js";

test("bytes of every value come back from their text, which holds no letter that an address would change", () => {
  for (const length of [0, 1, 2, 3, 256]) {
    const bytes = Uint8Array.from({ length }, (_, index) => 255 - index);
    const text = toText(bytes.buffer);

    assert.match(text, /^[\w-]*$/);
    assert.deepEqual(toBytes(text), bytes);
  }
});

test("what the server wants is handed to the browser as bytes, and the rest as it is", () => {
  const wanted = optionsToMake({
    challenge: "AQI",
    user: { id: "Aw", name: "asha" },
    excludeCredentials: [{ type: "public-key", id: "BA" }],
    attestation: "none",
  });
  const signed = optionsToSign({ challenge: "AQI", rpId: "boli.example", allowCredentials: [] });

  assert.deepEqual(wanted, {
    challenge: Uint8Array.of(1, 2),
    user: { id: Uint8Array.of(3), name: "asha" },
    excludeCredentials: [{ type: "public-key", id: Uint8Array.of(4) }],
    attestation: "none",
  });
  assert.deepEqual(signed, { challenge: Uint8Array.of(1, 2), rpId: "boli.example", allowCredentials: [] });
});

test("an answer holds what its kind has, and no empty part", () => {
  const bytes = Uint8Array.of(1, 2).buffer;
  const response = { clientDataJSON: bytes, authenticatorData: bytes, signature: bytes, userHandle: null };

  assert.deepEqual(answerOf({ id: "AQI", rawId: bytes, type: "public-key", response }), {
    id: "AQI",
    rawId: "AQI",
    type: "public-key",
    response: { clientDataJSON: "AQI", authenticatorData: "AQI", signature: "AQI" },
  });
});
