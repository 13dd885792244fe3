// @ts-check
// Skip, report: dialogs that are opened, chosen from and left by keys alone.

import { byId } from "../page.js";
import { digitOf } from "./keys.js";

/**
 * A dialog with one button a reason; number keys choose too. Gives what opens it.
 *
 * @param {string} id
 * @param {(code: string) => void} chosen called once
 */
export function reasonDialog(id, chosen) {
  /** @type {HTMLDialogElement} */
  const dialog = byId(id);
  /** @type {HTMLButtonElement[]} */
  const buttons = [...dialog.querySelectorAll(/** @type {"button"} */ (".reasons button"))];
  const take = (/** @type {HTMLButtonElement} */ button) => {
    dialog.close();
    chosen(button.value);
  };
  for (const button of buttons) button.addEventListener("click", () => take(button));
  dialog.addEventListener("keydown", (event) => {
    const button = buttons[(digitOf(event) ?? 0) - 1];
    if (!button) return;
    event.preventDefault();
    take(button);
  });
  return () => {
    dialog.showModal();
    buttons[0].focus();
  };
}
