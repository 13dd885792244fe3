// @ts-check
// The guideline, at the side: rules, examples, tags, with its version.

import { byId, make, gettext } from "../page.js";

/** @param {Guide | null} guide */
export function openGuide(guide) {
  if (!guide) return;
  byId("guide").replaceChildren(
    make(
      "form",
      { method: "dialog" },
      make("button", { class: "end" }, gettext("Close"), make("kbd", {}, "Esc")),
    ),
    make(
      "h2",
      { id: "guide-title" },
      gettext("How %(language)s is written here", { language: guide.own_name }),
    ),
    make(
      "p",
      { class: "quiet" },
      gettext("Guideline %(id)s: what you send is kept with this version.", { id: guide.id }),
    ),
    make("h3", {}, gettext("Rules")),
    make("ul", {}, ...guide.rules.map((rule) => make("li", { dir: "auto" }, rule))),
    ...(guide.by_machine ? [make("p", { class: "note quiet" }, byMachine())] : []),
    ...examples(guide),
    make("h3", {}, gettext("Tags")),
    make("dl", { class: "means" }, ...guide.tags.map(meaning)),
  );
  byId("guide").showModal();
}

/** @param {Guide} guide */
function examples({ bcp47: lang, direction: dir, examples: all }) {
  const shown = all.map(({ write, instead_of: wrong, because }) =>
    make(
      "div",
      { class: "example" },
      wrong && wrong !== write ? make("p", { class: "said was", lang, dir }, make("s", {}, wrong)) : null,
      make("p", { class: "said", lang, dir }, write),
      make("p", { class: "quiet" }, because),
    ),
  );
  return all.length ? [make("h3", {}, gettext("Examples")), ...shown] : [];
}

/** @param {Tag} tag */
function meaning({ name, form, means }) {
  const written = form === "span" ? `<${name}>…</${name}>` : `<${name}>`;
  return make("div", {}, make("dt", {}, make("code", {}, written)), make("dd", {}, means));
}

function byMachine() {
  return gettext(
    "Translated by a machine; no native reader has signed for it yet. Where it seems wrong, tell your manager.",
  );
}
