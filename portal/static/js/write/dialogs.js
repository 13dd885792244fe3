// @ts-check
// The settings: a dialog that is opened, chosen from and left by keys alone.

import { byId } from "../page.js";
import { choose, settings } from "../parts/settings.js";

/**
 * The settings, as they are and as they are chosen. Gives what opens them.
 *
 * @param {() => void} changed
 */
export function settingsDialog(changed) {
  /** @type {HTMLDialogElement} */
  const dialog = byId("settings");
  for (const input of dialog.querySelectorAll("input")) {
    const name = /** @type {keyof typeof settings} */ (input.name);
    const radio = input.type === "radio";
    input.checked = radio ? settings[name] === input.value : Boolean(settings[name]);
    input.addEventListener("change", () => {
      choose(name, radio ? input.value : input.checked);
      changed();
    });
  }
  return () => dialog.showModal();
}
