// @ts-check
// A button on each piece of code that copies it; without scripts the code is there to be marked.

import { announce, gettext, make } from "./page.js";

const SAID_FOR = 2500; // milliseconds

for (const box of document.querySelectorAll(".copied")) {
  const code = box.querySelector("code");
  if (!code) continue;
  const button = make("button", { type: "button", onclick: () => copy(code, button) }, gettext("Copy"));
  box.append(button);
}

/**
 * @param {HTMLElement} code
 * @param {HTMLButtonElement} button
 */
async function copy(code, button) {
  if (!navigator.clipboard) {
    // A portal without TLS: the browser copies nothing for us, so mark it for the person to copy.
    getSelection()?.selectAllChildren(code);
    return;
  }
  await navigator.clipboard.writeText(code.textContent);
  button.textContent = gettext("Copied");
  announce(gettext("Copied"));
  setTimeout(() => (button.textContent = gettext("Copy")), SAID_FOR);
}
