// A button on each piece of code that copies it; without scripts the code is there to be marked.
import { announce, gettext, make } from "./page.js";

for (const box of document.querySelectorAll(".copied")) {
  const code = box.querySelector("code").textContent;
  const button = make("button", { type: "button", onclick: copy }, gettext("Copy"));
  box.append(button);

  async function copy() {
    if (!navigator.clipboard) {
      // A portal without TLS: the browser copies nothing for us, so mark it for the person to copy.
      getSelection().selectAllChildren(box.querySelector("code"));
      return;
    }
    await navigator.clipboard.writeText(code);
    button.textContent = gettext("Copied");
    announce(gettext("Copied"));
    setTimeout(() => (button.textContent = gettext("Copy")), 2500);
  }
}
