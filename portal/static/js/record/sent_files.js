// More of what was sent, page by page.

import { ask, gettext, make, ngettext, page } from "../page.js";
import { clock } from "../parts/length.js";

const more = document.getElementById("more");
let before = page.before;

if (more) {
  more.onclick = async () => {
    more.disabled = true;
    const told = await ask(`/record/files?before=${encodeURIComponent(before)}`).catch(() => null);
    more.disabled = false;
    if (!told) return;
    document.getElementById("files").append(...told.files.map(line));
    before = told.before;
    more.hidden = !before;
  };
}

function line(file) {
  const [first] = file.reasons;
  const states = {
    received: () => [make("span", { class: "state ok" }, gettext("Received"))],
    usable: () => [make("span", { class: "state ok" }, gettext("Received")), ` · ${gettext("good sound")}`],
    cut: () => [
      make("span", { class: "state ok" }, ngettext("%(num)s clip", "%(num)s clips", file.clips)),
      ` · ${ngettext("%(num)s accepted", "%(num)s accepted", file.accepted)}`,
    ],
    withdrawn: () => [make("span", { class: "state bad" }, gettext("Taken back by the speaker"))],
    refused: () => [
      make("span", { class: "state bad" }, first?.sentence || gettext("Not usable.")),
      ` ${first?.mend || ""}`,
    ],
    poor: () => [
      make("span", { class: "state warn" }, first?.sentence || gettext("Not usable.")),
      ` ${first?.mend || ""}`,
    ],
  };
  return make(
    "li",
    {},
    make("span", { class: "disc", "aria-hidden": "true" }, file.short),
    make(
      "b",
      { class: "who" },
      make("bdi", {}, file.pseudonym || "?"),
      " · ",
      make("bdi", {}, file.title || file.name),
    ),
    make("span", { class: "quiet" }, file.seconds === null ? "" : clock(file.seconds)),
    make(
      "span",
      { class: "why" },
      ...states[file.stage](),
      ` · ${gettext("receipt %(code)s", { code: file.receipt })}`,
    ),
  );
}
