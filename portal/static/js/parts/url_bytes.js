// @ts-check
// Bytes as base64url without padding (RFC 4648, 5), as keys of browsers are written.

/** @param {string} text */
export function urlBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function sameBytes(one, other) {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
