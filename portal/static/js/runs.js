// @ts-check
// Flows under way are followed: the page brings in what came of them, and leaves alone what somebody types meanwhile.

import { byId } from "./page.js";

const LOOK_EVERY = 3000; // milliseconds

function lookLater() {
  if (byId("flows").hasAttribute("data-under-way")) setTimeout(look, LOOK_EVERY);
}

async function look() {
  if (!document.hidden) {
    const answer = await fetch(location.pathname).catch(() => null);
    if (answer?.ok && !answer.redirected)
      bringIn(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
  lookLater();
}

/** @param {Document} now */
function bringIn(now) {
  const shown = byId("flows");
  const flows = now.getElementById("flows");
  if (!flows) return;
  shown.toggleAttribute("data-under-way", flows.hasAttribute("data-under-way"));
  if (shown.querySelectorAll("section").length !== flows.querySelectorAll("section").length)
    shown.replaceChildren(...flows.childNodes);
  for (const place of document.querySelectorAll("[data-follows]")) {
    const next = now.querySelector(`[data-follows="${place.getAttribute("data-follows")}"]`);
    if (next && next.innerHTML !== place.innerHTML) place.replaceChildren(...next.childNodes);
  }
}

lookLater();
