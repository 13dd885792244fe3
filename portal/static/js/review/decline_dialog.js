// Sending back and rejecting: reasons by number key, a word of one's own, and off it goes.

import { byId, gettext } from "../page.js";

/** A dialog of reasons. send(reasons, note) is called with at least one reason, while `allowed` says so. update() asks it again. */
export function reasonsDialog(id, send, allowed = () => true) {
  const dialog = byId(id);
  const boxes = [...dialog.querySelectorAll("input[type=checkbox]")];
  const note = dialog.querySelector("textarea");
  const button = dialog.querySelector("[data-send]");
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
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    if (event.ctrlKey && event.code === "Enter") leave();
    else if (digit && boxes[digit - 1] && event.target !== note && !event.altKey && !event.ctrlKey) {
      boxes[digit - 1].checked = !boxes[digit - 1].checked;
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

/** How often a text can still be sent back, in words. */
export function returnsLeft(count) {
  return count
    ? gettext("It can be sent back %(count)s more times.", { count })
    : gettext("It was sent back as often as the project allows. Correct it yourself.");
}
