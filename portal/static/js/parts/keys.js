// The keys of the desk, by their place on the keyboard (event.code), whatever letters it types.

/**
 * What a key means while words are typed; null for a key that is left to the box.
 * event: a keydown. tabPlays: the person's setting
 */
export function keyWhileWriting(event, { tabPlays }) {
  const { code, shiftKey: shift } = event;
  if (event.isComposing) return null;
  const anywhere = keyAnywhere(event);
  if (anywhere) return anywhere;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (code === "Tab" && !shift && tabPlays) return { act: "toggle" };
  if (code === "Space" && shift) return { act: "toggle" };
  if (code === "Backspace" && shift) return { act: "restart" };
  if (code === "ArrowLeft" && shift) return { act: "back" };
  if (code === "Escape") return { act: "leave" };
  return null;
}

/** Keys that work wherever somebody is on the desk. */
export function keyAnywhere(event) {
  const { code, altKey: alt, ctrlKey, metaKey, shiftKey: shift } = event;
  const control = ctrlKey || metaKey;
  if (code === "F1") return { act: "settings" };
  if (control && !alt && !shift && (code === "Enter" || code === "NumpadEnter")) return { act: "submit" };
  if (ctrlKey && !alt && !shift && code === "Space") return { act: "latin" };
  if (!alt || control) return null;
  const digit = /^Digit([0-9])$/.exec(code)?.[1];
  if (digit === "0") return { act: "tags" };
  if (digit) return { act: "tag", digit: Number(digit) };
  return (
    {
      Enter: { act: "mend" },
      KeyL: { act: "loop" },
      Comma: { act: "slower" },
      Period: { act: "faster" },
      KeyB: { act: "before" },
      KeyN: { act: "after" },
    }[code] || null
  );
}

/** Single letters: only while the player has the focus, so that nobody's typing or speech input meets them. */
export function keyAtPlayer(event) {
  const anywhere = keyAnywhere(event);
  if (anywhere) return anywhere;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.shiftKey) return event.code === "Slash" ? { act: "settings" } : null;
  const acts = {
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
  return acts[event.code] ? { act: acts[event.code] } : null;
}
