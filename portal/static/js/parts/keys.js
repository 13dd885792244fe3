// @ts-check
// The keys of the screens with a clip, by their place on the keyboard (event.code), whatever letters it types.

/** @typedef {{act: string, digit?: number}} KeyAct */

/** @type {Record<string, string>} */
const WITH_ALT = {
  Enter: "mend",
  KeyL: "loop",
  Comma: "slower",
  Period: "faster",
  KeyB: "before",
  KeyN: "after",
};

/** @type {Record<string, string>} */
const AT_PLAYER = {
  Space: "toggle",
  KeyK: "toggle",
  KeyJ: "back",
  ArrowLeft: "back",
  KeyL: "forward",
  ArrowRight: "forward",
  KeyR: "restart",
  Home: "restart",
  KeyO: "loop",
  Comma: "slower",
  Period: "faster",
  KeyS: "skip",
  KeyP: "report",
  KeyG: "guide",
  KeyE: "write",
  Enter: "write",
  Escape: "write",
};

/** @type {Record<string, string>} */
const WITH_SHIFT = { Space: "toggle", Backspace: "restart", ArrowLeft: "back" };

/**
 * What a key means while words are typed; null for a key that is left to the box.
 *
 * @param {KeyboardEvent} event a keydown
 * @param {{tabPlays: boolean}} settings the person's
 * @returns {KeyAct | null}
 */
export function keyWhileWriting(event, { tabPlays }) {
  const { code, shiftKey: shift } = event;
  if (event.isComposing) return null;
  const anywhere = keyAnywhere(event);
  if (anywhere) return anywhere;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (shift) return actOf(WITH_SHIFT[code]);
  if (code === "Tab" && tabPlays) return actOf("toggle");
  return code === "Escape" ? actOf("leave") : null;
}

/**
 * Keys that work wherever somebody is on the screen.
 *
 * @param {KeyboardEvent} event
 * @returns {KeyAct | null}
 */
export function keyAnywhere({ code, altKey: alt, ctrlKey, metaKey, shiftKey: shift }) {
  if (code === "F1") return actOf("settings");
  const control = ctrlKey || metaKey;
  if (alt && !control) {
    const digit = /^Digit([0-9])$/.exec(code)?.[1];
    if (digit) return digit === "0" ? actOf("tags") : { act: "tag", digit: Number(digit) };
    return actOf(WITH_ALT[code]);
  }
  if (alt || shift || !control) return null;
  if (code === "Enter" || code === "NumpadEnter") return actOf("submit");
  return ctrlKey && code === "Space" ? actOf("latin") : null;
}

/**
 * Single letters: only while the player has the focus, so that nobody's typing or speech input meets them.
 *
 * @param {KeyboardEvent} event
 * @returns {KeyAct | null}
 */
export function keyAtPlayer(event) {
  const anywhere = keyAnywhere(event);
  if (anywhere) return anywhere;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.shiftKey) return event.code === "Slash" ? actOf("settings") : null;
  return actOf(AT_PLAYER[event.code]);
}

/**
 * The digit of a bare number key, from 1; undefined for any other key.
 *
 * @param {KeyboardEvent} event
 */
export function digitOf(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  return digit ? Number(digit) : undefined;
}

/** @param {string | undefined} act */
function actOf(act) {
  return act ? { act } : null;
}
