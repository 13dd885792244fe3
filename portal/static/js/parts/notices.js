// @ts-check
// What somebody should know, above the clip, until they have read it.

import { byId, make, gettext } from "../page.js";

/**
 * Show a note; gives what takes it away.
 *
 * @param {string} words
 * @param {{kind?: "warn" | "bad", kept?: string, lang?: string, action?: {label: string, act: () => void}}} [more]
 *   kept: their own words, to read and copy
 */
export function notice(words, { kind = "warn", kept, lang, action } = {}) {
  const button = (/** @type {object} */ attributes, /** @type {string} */ label) =>
    make("button", { type: "button", ...attributes }, label);
  const close = () => box.remove();
  const act = () => {
    close();
    action?.act();
  };
  const box = make(
    "div",
    { class: `note ${kind}` },
    make("p", {}, words),
    kept ? make("p", { class: "said kept", lang, dir: "auto" }, kept) : null,
    make(
      "div",
      { class: "row" },
      action ? button({ onclick: act }, action.label) : null,
      button({ class: "plain", onclick: close }, gettext("Close this note")),
    ),
  );
  byId("notices").append(box);
  return close;
}
