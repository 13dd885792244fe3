// What somebody should know, above the clip, until they have read it.

import { byId, make, gettext } from "../page.js";

/** words: what to say. kept: their own words, to read and copy. action: {label, act} */
export function notice(words, { kind = "warn", kept, lang, action } = {}) {
  const close = () => box.remove();
  const box = make(
    "div",
    { class: `note ${kind}` },
    make("p", {}, words),
    kept ? make("p", { class: "said kept", lang, dir: "auto" }, kept) : null,
    make(
      "div",
      { class: "row" },
      action
        ? make(
            "button",
            {
              type: "button",
              onclick: () => {
                close();
                action.act();
              },
            },
            action.label,
          )
        : null,
      make("button", { type: "button", class: "plain", onclick: close }, gettext("Close this note")),
    ),
  );
  byId("notices").append(box);
  return close;
}
