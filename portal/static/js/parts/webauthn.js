// @ts-check
// What the server asks of a browser's passkeys, and what the browser answers, as JSON. Newer browsers have this built in
// (parseCreationOptionsFromJSON, toJSON); the phones that people have often have older ones.

/**
 * Bytes as base64url without padding (RFC 4648, 5).
 *
 * @param {ArrayBuffer} bytes
 */
export function toText(bytes) {
  const letters = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function toBytes(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

/**
 * What `navigator.credentials.get` takes, of the server's options.
 *
 * @param {any} options
 * @returns {PublicKeyCredentialRequestOptions}
 */
export function optionsToSign(options) {
  const { challenge, allowCredentials } = options;
  return { ...options, challenge: toBytes(challenge), allowCredentials: allowCredentials.map(described) };
}

/**
 * What `navigator.credentials.create` takes, of the server's options.
 *
 * @param {any} options
 * @returns {PublicKeyCredentialCreationOptions}
 */
export function optionsToMake(options) {
  const { challenge, user, excludeCredentials } = options;
  return {
    ...options,
    challenge: toBytes(challenge),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: excludeCredentials.map(described),
  };
}

/** @param {{id: string}} credential */
function described(credential) {
  return { ...credential, id: toBytes(credential.id) };
}

/**
 * The browser's answer, for the server.
 *
 * @param {any} credential a PublicKeyCredential; its response is of one kind or the other
 */
export function answerOf(credential) {
  /** @type {Record<string, string>} */
  const response = {};
  for (const name of [
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
  ]) {
    const bytes = credential.response[name];
    if (bytes) response[name] = toText(bytes);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}
