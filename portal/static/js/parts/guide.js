// The guideline, at the side: rules, examples, tags, with its version.

import { make, gettext } from "../page.js";

export function fillGuide(drawer, guide) {
  const own = { lang: guide.bcp47, dir: guide.direction };
  drawer.replaceChildren(
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
    guide.examples.length ? make("h3", {}, gettext("Examples")) : null,
    ...guide.examples.map((example) =>
      make(
        "div",
        { class: "example" },
        example.instead_of && example.instead_of !== example.write
          ? make("p", { class: "said was", ...own }, make("s", {}, example.instead_of))
          : null,
        make("p", { class: "said", ...own }, example.write),
        make("p", { class: "quiet" }, example.because),
      ),
    ),
    make("h3", {}, gettext("Tags")),
    make(
      "dl",
      { class: "means" },
      ...guide.tags.map((tag) =>
        make(
          "div",
          {},
          make(
            "dt",
            {},
            make("code", {}, tag.form === "span" ? `<${tag.name}>…</${tag.name}>` : `<${tag.name}>`),
          ),
          make("dd", {}, tag.means),
        ),
      ),
    ),
  );
}
