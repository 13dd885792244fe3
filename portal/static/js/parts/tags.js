// @ts-check
// Tags for what is no word, and letters that are hard to type: a chip each, with its key.

import { make } from "../page.js";

/** @type {Record<string, string>} */
const INVISIBLE = { "\u200c": "ZWNJ", "\u200d": "ZWJ" };
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 };

/**
 * Fill both rows for a guideline.
 *
 * @param {{tags: HTMLElement, letters: HTMLElement}} rows
 * @param {Guide} guide
 * @param {import("./editor.js").Editor} editor
 */
export function showChips({ tags, letters }, guide, editor) {
  tags.replaceChildren(
    ...guide.tags.map(({ name, form, means, title }, index) => {
      const key = index < 9 ? make("kbd", {}, `Alt ${index + 1}`) : null;
      const onclick = () => editor.writeTag(name, form);
      return make("button", { type: "button", title: means, onclick }, title, " ", key);
    }),
  );
  letters.replaceChildren(
    ...guide.letters.map((letter) => {
      const combining = /^\p{M}/u.test(letter);
      const shown = INVISIBLE[letter] || (combining ? `\u25cc${letter}` : letter);
      const onclick = () => editor.write(letter);
      return make("button", { type: "button", lang: guide.bcp47, onclick }, shown);
    }),
  );
  for (const row of [tags, letters]) roving(row, editor);
}

/**
 * One stop for the Tab key in a row; the arrows go through it, Escape back to the words.
 *
 * @param {HTMLElement} row
 * @param {import("./editor.js").Editor} editor
 */
function roving(row, editor) {
  const stops = [...row.querySelectorAll("button")];
  stops.forEach((stop, index) => (stop.tabIndex = index ? -1 : 0));
  row.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (event.key === "Escape") editor.focus();
    else if (step) {
      const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
      const onward = sideways && getComputedStyle(row).direction === "rtl" ? -step : step;
      const at = stops.findIndex((stop) => stop === document.activeElement);
      const chosen = stops[(at + onward + stops.length) % stops.length];
      stops.forEach((stop) => (stop.tabIndex = stop === chosen ? 0 : -1));
      chosen.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

/**
 * The tag of a number key, 1 to 9.
 *
 * @param {Guide} guide
 * @param {number} digit
 * @returns {Tag | undefined}
 */
export function tagOfKey(guide, digit) {
  return guide.tags[digit - 1];
}
