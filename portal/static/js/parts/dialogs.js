// Skip, report, settings: dialogs that are opened, chosen from and left by keys alone.

import { byId } from "../page.js";
import { choose, settings } from "./settings.js";

/** A dialog with one button a reason; number keys choose too. chosen(code, dialog) is called once. */
export function reasonDialog(id, chosen) {
  const dialog = byId(id);
  const buttons = [...dialog.querySelectorAll(".reasons button")];
  const take = (button) => {
    dialog.close();
    chosen(button.value);
  };
  for (const button of buttons) button.addEventListener("click", () => take(button));
  dialog.addEventListener("keydown", (event) => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (digit && buttons[digit - 1] && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      take(buttons[digit - 1]);
    }
  });
  return () => {
    dialog.showModal();
    buttons[0].focus();
  };
}

/** The settings, as they are and as they are chosen. changed(name) is told. */
export function settingsDialog(changed) {
  const dialog = byId("settings");
  for (const input of dialog.querySelectorAll("input")) {
    if (input.type === "radio") input.checked = settings[input.name] === input.value;
    else input.checked = settings[input.name];
    input.addEventListener("change", () => {
      choose(input.name, input.type === "radio" ? input.value : input.checked);
      changed(input.name);
    });
  }
  return () => dialog.showModal();
}
