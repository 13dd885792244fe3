// A button with data-copy="id" copies the text of that element, and says so; one with data-share="id" hands it to
// another app of the phone. Without the browser's help the buttons stay hidden, and the text can be marked by hand.
import { announce, byId, gettext } from "./page.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
    const said = gettext("Copied");
    button.textContent = `✓ ${said}`;
    announce(said);
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    // Who closes the phone's own sheet changed their mind: nothing went wrong.
    navigator.share({ text: byId(button.dataset.share).textContent }).catch(() => {});
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
