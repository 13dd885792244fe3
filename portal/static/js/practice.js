// @ts-check
// Practice by keys: Ctrl ↵ asks for the answer, and then for the next clip; Latin letters become the script as on the
// write screen. The page works without it.

import "./aligned/aligned.js";
import { byId, page } from "./page.js";
import { TextBox } from "./parts/text_box.js";
import { Transliteration } from "./parts/transliteration.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("form"));
const next = document.getElementById("next");
const latin = form ? transliteration() : null;

function transliteration() {
  const box = new TextBox(/** @type {HTMLTextAreaElement} */ (byId("text")));
  const made = new Transliteration(
    { bar: byId("typing"), switcher: byId("latin"), example: byId("latin-word") },
    box,
  );
  made.open(page.guide);
  return made;
}

document.addEventListener("keydown", (event) => {
  if (latin?.key(event)) return event.preventDefault();
  if (!event.ctrlKey) return undefined;
  if (latin && event.code === "Space") latin.toggle();
  else if (event.code !== "Enter") return undefined;
  else if (form) form.requestSubmit();
  else next?.click();
  return event.preventDefault();
});

document.getElementById(form ? "text" : "result")?.focus();
