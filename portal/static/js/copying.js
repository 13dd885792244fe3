// @ts-check
// A button with data-copy="id" copies the text of that element, and says so; one with data-share="id" hands it to
// another app of the phone; one with data-print prints. Without the browser's help the buttons stay hidden, and the text
// can be marked by hand.

import { announce, byId, gettext } from "./page.js";

/**
 * Show the buttons that carry a mark, and do its act.
 *
 * @param {"copy" | "share" | "print"} mark
 * @param {(button: HTMLButtonElement, text: string) => void} act
 */
function wire(mark, act) {
  for (const button of document.querySelectorAll(/** @type {"button"} */ (`[data-${mark}]`))) {
    const source = button.dataset[mark];
    button.hidden = false;
    button.addEventListener("click", () => act(button, source ? byId(source).textContent : ""));
  }
}

if ("clipboard" in navigator) {
  wire("copy", async (button, text) => {
    await navigator.clipboard.writeText(text);
    const said = gettext("Copied");
    button.textContent = `✓ ${said}`;
    announce(said);
  });
}
if ("share" in navigator) {
  // Who closes the phone's own sheet changed their mind: nothing went wrong.
  wire("share", (_, text) => navigator.share({ text }).catch(() => {}));
}
wire("print", () => print());
