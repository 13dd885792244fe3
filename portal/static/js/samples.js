// @ts-check
// Samples of a version: report one that nobody should hear.

import { announce, byId, make } from "./page.js";
import { reportDialog } from "./parts/report_clip.js";

const open = reportDialog((clip, message) => {
  byId(`heard-${clip}`).replaceChildren(make("p", { class: "note ok", role: "status" }, message));
  announce(message);
});
for (const button of document.querySelectorAll("button[data-report]"))
  button.addEventListener("click", () => open(button.getAttribute("data-report") || ""));
