// @ts-check
// Practice by keys: Ctrl ↵ asks for the answer, and then for the next clip. The page works without it.

import "./aligned/aligned.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("form"));
const next = document.getElementById("next");

document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey || event.code !== "Enter") return;
  event.preventDefault();
  if (form) form.requestSubmit();
  else next?.click();
});

document.getElementById(form ? "text" : "result")?.focus();
