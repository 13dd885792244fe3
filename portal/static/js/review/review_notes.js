// @ts-check
// Notes at the clip: what was said, and one more.

import { byId, gettext, make } from "../page.js";
import { timeOf } from "../parts/clock.js";

/** @param {ReviewNote[]} notes */
export function showNotes(notes) {
  byId("notes-count").textContent = notes.length ? `(${notes.length})` : "";
  byId("notes").open = notes.length > 0;
  byId("notes-list").replaceChildren(...notes.map(line));
}

/** @param {ReviewNote} note */
function line({ by, mine, text, at }) {
  const authors = {
    writer: gettext("who wrote it"),
    reviewer: gettext("a reviewer"),
    manager: gettext("a manager"),
  };
  return make(
    "li",
    {},
    make("b", {}, mine ? gettext("you") : authors[by]),
    make("span", { dir: "auto" }, text),
    make("time", { class: "quiet", datetime: at }, timeOf(at)),
  );
}
