// What people wrote: word under word where they differ, and each text to take into the box.

import { gettext, make, page } from "../page.js";

/** The comparison and the candidates of a task. take(text) is called with the one that is chosen. */
export function showTexts(place, task, guide, take) {
  const own = { lang: guide.bcp47, dir: guide.direction };
  const number = (id) => task.texts.findIndex((text) => text.id === id) + 1;
  const parts = [];
  if (task.words.some((word) => !word.agreed)) {
    parts.push(
      make(
        "h2",
        { class: "sr" },
        gettext("Word under word: %(texts)s", {
          texts: task.compared.map((id) => named(number(id))).join(", "),
        }),
      ),
      make(
        "p",
        { class: "compared", ...own },
        rowNumbers(task.compared.map(number)),
        ...task.words.map(oneWord),
      ),
    );
  }
  task.texts.forEach((text, index) => parts.push(candidate(text, index, own, take)));
  if (!task.texts.length)
    parts.push(
      make("p", { class: "note" }, gettext("Nobody has written this clip. Write it, or reject the sound.")),
    );
  place.replaceChildren(...parts);
}

/** Show which text the box began with. */
export function markTaken(place, id) {
  for (const button of place.querySelectorAll(".candidate"))
    button.setAttribute("aria-pressed", String(button.value === (id || "")));
}

function named(number) {
  return gettext("Text %(number)s", { number });
}

function rowNumbers(numbers) {
  return make(
    "span",
    { class: "numbers", "aria-hidden": "true" },
    ...numbers.map((each) => make("b", {}, String(each))),
  );
}

function oneWord(word) {
  const shown = word.agreed ? word.words.slice(0, 1) : word.words;
  return make(
    "span",
    { class: word.agreed ? "agreed" : "differs" },
    ...shown.map((each) => make("span", each === null ? { class: "none" } : {}, each === null ? "∅" : each)),
    word.agreed ? null : make("span", { class: "sr" }, gettext("differs")),
  );
}

function candidate(text, index, own, take) {
  if (text.skipped) {
    const why = page.skips[text.skipped] || text.skipped;
    const passed = gettext("passed on: %(why)s", { why });
    return make("p", { class: "quiet" }, `${named(index + 1)}: ${passed}`);
  }
  return make(
    "button",
    {
      type: "button",
      class: "candidate",
      value: text.id,
      "aria-pressed": "false",
      onclick: () => take(text),
    },
    make("b", {}, named(index + 1), " ", make("kbd", {}, `Alt ⇧ ${index + 1}`)),
    make("span", { class: "said", ...own }, text.text),
  );
}
