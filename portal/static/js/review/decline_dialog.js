// @ts-check
// Sending back and rejecting: reasons by number key, a word of one's own, and off it goes.

import { byId, gettext, ngettext } from "../page.js";
import { digitOf } from "../parts/keys.js";

/**
 * A dialog of reasons.
 *
 * @param {string} id
 * @param {(reasons: string[], note: string) => void} send called with at least one reason
 * @param {() => boolean} [allowed] whether it may be sent; update() asks it again
 */
export function declineDialog(id, send, allowed = () => true) {
  /** @type {HTMLDialogElement} */
  const dialog = byId(id);
  const boxes = [...dialog.querySelectorAll(/** @type {"input"} */ ("input[type=checkbox]"))];
  const note = /** @type {HTMLTextAreaElement} */ (dialog.querySelector("textarea"));
  const button = /** @type {HTMLButtonElement} */ (dialog.querySelector("[data-send]"));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const update = () => (button.disabled = chosen().length === 0 || !allowed());
  const leave = () => {
    if (button.disabled) return;
    dialog.close();
    send(chosen(), note.value.trim());
  };
  for (const box of boxes) box.addEventListener("change", update);
  button.addEventListener("click", leave);
  dialog.addEventListener("keydown", (event) => {
    const box = event.target !== note && boxes[(digitOf(event) ?? 0) - 1];
    if (event.ctrlKey && event.code === "Enter") leave();
    else if (box) {
      box.checked = !box.checked;
      update();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const open = () => {
    for (const box of boxes) box.checked = false;
    note.value = "";
    update();
    dialog.showModal();
    boxes[0].focus();
  };
  return { open, update };
}

/**
 * How often a text can still be sent back, in words.
 *
 * @param {number} count
 */
export function returnsLeft(count) {
  if (count)
    return ngettext("It can be sent back once more.", "It can be sent back %(num)s more times.", count);
  return gettext("It was sent back as often as the project allows. Correct it yourself.");
}
