// @ts-check
// More of what was sent, page by page.

import { ask, byId, gettext, make, ngettext, page } from "../page.js";
import { minutesOf } from "../parts/clock.js";

const more = document.getElementById("more");
let before = page.before;

more?.addEventListener("click", async (event) => {
  const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
  button.disabled = true;
  const answer = await ask(`/record/files?before=${encodeURIComponent(before ?? "")}`).catch(() => null);
  button.disabled = false;
  if (!answer) return;
  byId("files").append(...answer.files.map(line));
  before = answer.before;
  button.hidden = !before;
});

/** @param {SentFile} file */
function line(file) {
  const receipt = ` · ${gettext("receipt %(code)s", { code: file.receipt })}`;
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
    make("span", { class: "quiet" }, file.seconds === null ? "" : minutesOf(file.seconds)),
    make("span", { class: "why" }, ...stageWords(file), receipt),
  );
}

/**
 * @param {SentFile} file
 * @returns {(Node | string)[]}
 */
function stageWords({ stage, clips, accepted, reasons: [first] }) {
  const marked = (/** @type {string} */ mark, /** @type {string} */ words) =>
    make("span", { class: `state ${mark}` }, words);
  const received = marked("ok", gettext("Received"));
  const otherVoice = first?.code === "other_voice" ? marked("warn", first.sentence) : "";
  switch (stage) {
    case "received":
      return first ? [received, ` · ${first.sentence} ${first.mend}`] : [received];
    case "usable":
      return otherVoice ? [received, " · ", otherVoice] : [received, ` · ${gettext("good sound")}`];
    case "cut": {
      const cut = ngettext("%(num)s clip", "%(num)s clips", clips);
      const sum = ngettext("%(num)s accepted", "%(num)s accepted", accepted);
      return [marked("ok", cut), ` · ${sum} `, otherVoice];
    }
    case "withdrawn":
      return [marked("bad", gettext("Taken back by the speaker"))];
    default: {
      const words = first?.sentence || gettext("Not usable.");
      return [marked(stage === "refused" ? "bad" : "warn", words), ` ${first?.mend || ""}`];
    }
  }
}
