// @ts-check
// What people wrote: word under word where they differ, and each text to take into the box.

import { gettext, make, page } from "../page.js";

/**
 * The comparison and the candidates of a task.
 *
 * @param {HTMLElement} place
 * @param {ReviewTask} task
 * @param {Guide} guide
 * @param {(text: CandidateText) => void} take called with the one that is chosen
 */
export function showTexts(place, task, guide, take) {
  const own = { lang: guide.bcp47, dir: guide.direction };
  const numbers = task.compared.map((id) => task.texts.findIndex((text) => text.id === id) + 1);
  const parts = [];
  if (task.words.some((word) => !word.agreed)) {
    const texts = numbers.map(nameOf).join(", ");
    parts.push(
      make("h2", { class: "sr" }, gettext("Word under word: %(texts)s", { texts })),
      make("p", { class: "compared", ...own }, rowNumbers(numbers), ...task.words.map(oneWord)),
    );
  }
  task.texts.forEach((text, index) => parts.push(candidate(text, index + 1, own, take)));
  if (!task.texts.length) {
    const words = gettext("Nobody has written this clip. Write it, or reject the sound.");
    parts.push(make("p", { class: "note" }, words));
  }
  place.replaceChildren(...parts);
}

/**
 * Show which text the box began with.
 *
 * @param {HTMLElement} place
 * @param {string | null} id
 */
export function markTaken(place, id) {
  for (const button of place.querySelectorAll(/** @type {"button"} */ ("button.candidate"))) {
    button.setAttribute("aria-pressed", String(button.value === (id || "")));
  }
}

/** @param {number} number */
function nameOf(number) {
  return gettext("Text %(number)s", { number });
}

/** @param {number[]} numbers */
function rowNumbers(numbers) {
  const each = numbers.map((number) => make("b", {}, String(number)));
  return make("span", { class: "numbers", "aria-hidden": "true" }, ...each);
}

/**
 * A column: a button where the reviewer may say that both are right.
 *
 * @param {ReviewTask["words"][number]} word
 * @param {number} column
 */
function oneWord({ agreed, words, pairs }, column) {
  const shown = agreed ? words.slice(0, 1) : words;
  const said = shown.map((each) => make("span", each === null ? { class: "none" } : {}, each ?? "∅"));
  if (agreed) return make("span", { class: "agreed" }, ...said);
  said.push(make("span", { class: "sr" }, gettext("differs")));
  if (!pairs.length) return make("span", { class: "differs" }, ...said);
  const title = gettext("Both right");
  const marked = { "data-column": String(column), "aria-pressed": "false", title };
  return make("button", { type: "button", class: "differs", ...marked }, ...said);
}

/**
 * @param {CandidateText} text
 * @param {number} number
 * @param {{lang: string, dir: string}} own
 * @param {(text: CandidateText) => void} take
 */
function candidate(text, number, own, take) {
  if (text.skipped) {
    const passed = gettext("passed on: %(why)s", { why: page.skips[text.skipped] || text.skipped });
    return make("p", { class: "quiet" }, `${nameOf(number)}: ${passed}`);
  }
  const onclick = () => take(text);
  return make(
    "button",
    { type: "button", class: "candidate", value: text.id, "aria-pressed": "false", onclick },
    make("b", {}, nameOf(number), " ", make("kbd", {}, `Alt ⇧ ${number}`)),
    make("span", { class: "said", ...own }, text.text),
  );
}
