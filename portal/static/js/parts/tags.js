// Tags for what is no word, and letters that are hard to type: a chip each, with its key.

import { make } from "../page.js";

const SHOWN = { "\u200c": "ZWNJ", "\u200d": "ZWJ" };

/** Fill both rows for a guideline. */
export function showChips({ tags, letters }, guide, editor) {
  tags.replaceChildren(
    ...guide.tags.map((tag, index) =>
      make(
        "button",
        { type: "button", title: tag.means, onclick: () => editor.writeTag(tag.name, tag.form) },
        tag.title,
        " ",
        index < 9 ? make("kbd", {}, `Alt ${index + 1}`) : null,
      ),
    ),
  );
  letters.replaceChildren(
    ...guide.letters.map((letter) => {
      const combining = /^\p{M}/u.test(letter);
      const shown = SHOWN[letter] || (combining ? `\u25cc${letter}` : letter);
      return make(
        "button",
        { type: "button", lang: guide.bcp47, onclick: () => editor.write(letter) },
        shown,
      );
    }),
  );
  for (const row of [tags, letters]) roving(row, editor);
}

/** One stop for the Tab key in a row; the arrows go along it, Escape back to the words. */
function roving(row, editor) {
  const stops = [...row.querySelectorAll("button")];
  stops.forEach((stop, index) => (stop.tabIndex = index ? -1 : 0));
  row.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") editor.focus();
    else if (step) {
      const along = getComputedStyle(row).direction === "rtl" && event.key.length > 9 ? -step : step;
      const at = stops.indexOf(document.activeElement);
      const next = stops[(at + along + stops.length) % stops.length];
      stops.forEach((stop) => (stop.tabIndex = stop === next ? 0 : -1));
      next.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

/** The tag of a number key, 1 to 9. */
export function tagOfKey(guide, digit) {
  return guide.tags[digit - 1];
}
