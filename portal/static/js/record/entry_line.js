// @ts-check
// One line of the list: whose voice, how long, and how it stands, in words.

import { gettext, make, page } from "../page.js";
import { minutesOf } from "../parts/clock.js";
import { named, shortName } from "./entry_rules.js";
import * as queue from "./queue.js";

/** @typedef {(entry: RecordingEntry) => void} Act */
/** @typedef {{again: Act, listen: Act, drop: (entry: Entry) => void}} LineActs */
/** @typedef {(Node | string)[]} Words */

/**
 * @param {Entry} entry
 * @param {LineActs} acts
 */
export function entryLine(entry, acts) {
  const { short, pseudonym } = speakerOf(entry);
  const seconds = entry.kind === "recording" && entry.seconds;
  return make(
    "li",
    { id: `take-${entry.id}` },
    make("span", { class: "disc", "aria-hidden": "true" }, short),
    make("b", { class: "who" }, make("bdi", {}, pseudonym), " · ", about(entry)),
    make("span", { class: "quiet" }, seconds ? minutesOf(seconds) : ""),
    make("span", { class: "why" }, ...stateWords(entry, acts)),
  );
}

/** @param {Entry} entry */
function speakerOf(entry) {
  if (entry.kind !== "speaker") return named(entry.speaker);
  const { pseudonym } = entry.fields;
  return { pseudonym, short: shortName(pseudonym) };
}

/** @param {Entry} entry */
function about(entry) {
  if (entry.kind === "speaker") return gettext("written down");
  if (entry.kind === "consent") return gettext("consent");
  return make("bdi", {}, entry.title || entry.name || page.languages[entry.language] || "");
}

/**
 * @param {string} mark
 * @param {string} words
 */
function marked(mark, words) {
  return make("span", { class: `state ${mark}` }, words);
}

/**
 * @param {string} words
 * @param {() => void} onclick
 */
function press(words, onclick) {
  return make("button", { type: "button", class: "plain", onclick }, words);
}

/**
 * @param {Entry} entry
 * @param {LineActs} acts
 * @returns {Words}
 */
function stateWords(entry, acts) {
  switch (entry.state) {
    case "unheard":
      return unheardWords(/** @type {RecordingEntry} */ (entry), acts);
    case "kept":
      return [keptWords(entry)];
    case "sending":
      return sendingWords(entry);
    case "refused":
      return refusedWords(entry, acts);
    default:
      return receivedWords(entry, acts);
  }
}

/**
 * @param {RecordingEntry} entry
 * @param {LineActs} acts
 */
function unheardWords(entry, acts) {
  return [
    marked("warn", entry.brokeOff ? gettext("Broke off.") : gettext("Not listened to yet.")),
    ` ${gettext("It is kept on this phone.")} `,
    press(gettext("Listen and keep"), () => acts.listen(entry)),
    press(gettext("Throw away"), () => acts.drop(entry)),
  ];
}

/** @param {Entry} entry */
function keptWords(entry) {
  if (entry.speaker?.local) return gettext("Kept on this phone. Sent after the speaker is written down.");
  if (queue.trouble() || entry.sent) return gettext("Kept on this phone. Sends when there is network.");
  return gettext("Kept on this phone. Its turn comes.");
}

/** @param {Entry} entry */
function sendingWords(entry) {
  const share = entry.size ? Math.min(1, queue.sentOf(entry) / entry.size) : 0;
  const style = new Intl.NumberFormat(page.language, { style: "percent" });
  const percent = style.format(Math.floor(share * 100) / 100);
  const words = queue.trouble()
    ? gettext("%(percent)s sent, goes on by itself", { percent })
    : gettext("Sending, %(percent)s, goes on by itself", { percent });
  return [words, make("progress", { max: 1, value: share, "aria-label": words })];
}

/**
 * @param {Entry} entry
 * @param {LineActs} acts
 */
function refusedWords(entry, acts) {
  const mend =
    entry.kind === "speaker"
      ? make("a", { href: "/speakers" }, gettext("Look"))
      : press(gettext("Take off this phone"), () => acts.drop(entry));
  return [marked("bad", gettext("Not taken.")), ` ${entry.error?.message || ""} `, mend];
}

/**
 * @param {Entry} entry
 * @param {LineActs} acts
 * @returns {Words}
 */
function receivedWords(entry, acts) {
  const received = marked("ok", gettext("Received"));
  if (entry.kind !== "recording") return [received];
  const receipt = gettext("receipt %(code)s", { code: entry.receipt });
  if (entry.known) return [marked("ok", gettext("The project has it already.")), ` · ${receipt}`];
  const { heard, delayed } = entry;
  const coming = delayed ? `${delayed.sentence} ${delayed.mend}` : gettext("listening …");
  if (!heard) return [received, ` · ${receipt} · `, coming];
  const [first, second] = heard.reasons;
  if (!heard.usable) {
    const again = press(gettext("Record again"), () => acts.again(entry));
    return [
      marked("bad", first?.sentence || gettext("Not usable.")),
      ` ${first?.mend || ""} `,
      entry.repeated ? make("span", {}, gettext("Recorded again.")) : again,
      make("span", { class: "quiet" }, ` · ${receipt}`),
    ];
  }
  if (!first) return [received, ` · ${receipt} · ${gettext("good sound")}`];
  const mend = ` ${first.mend}${second ? ` ${second.sentence}` : ""}`;
  return [received, ` · ${receipt} · `, marked("warn", first.sentence), mend];
}
