// @ts-check
// What stands on the page where a yes is asked for: the notice and its questions, then the code of the receipt.

import { announce, byId, gettext, make, page } from "../page.js";

const LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"; // 32, none like another
const CODE_LETTERS = 16;

/** A code that nobody guesses: 80 bits. */
export function receiptCode() {
  const bytes = crypto.getRandomValues(new Uint8Array(CODE_LETTERS));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/**
 * The ending of a file's name, from its media type.
 *
 * @param {Blob} blob
 */
export function endingOf({ type }) {
  return (type.split("/")[1] || "").replace(/[^a-z0-9]/g, "").slice(0, 8) || "bin";
}

/**
 * Whether a name is an identity number, which is kept nowhere.
 *
 * @param {string} name
 */
export function looksLikeNumber(name) {
  return /[0-9][0-9 -]{10,}[0-9]/.test(name);
}

/**
 * @typedef {object} QuestionCalls
 * @property {(notice: Notice) => void} choose another language was chosen
 * @property {(scope: string, value: string) => void} answered
 * @property {(index: number, value: string) => void} understood
 */

/**
 * The notice in a language, and its questions.
 *
 * @param {Notice} notice
 * @param {Map<string, string>} answers
 * @param {QuestionCalls} calls
 */
export function showQuestions(notice, answers, { choose, answered, understood }) {
  const languages = page.notices.map((each) => {
    const { language, own_name } = each;
    const checked = each === notice;
    const onchange = () => choose(each);
    const input = make("input", { type: "radio", name: "language", value: language, checked, onchange });
    return make("label", { lang: language }, input, own_name);
  });
  byId("languages").replaceChildren(...languages);
  const text = byId("notice");
  text.textContent = notice.text;
  text.lang = notice.language;
  text.dir = notice.direction;
  const sound = byId("sound");
  sound.hidden = !notice.sound;
  if (notice.sound) sound.src = notice.sound;
  const spoken = notice.machine
    ? gettext("A machine reads it: play it, or better read it aloud, word for word.")
    : gettext("Play it, or read it aloud, word for word.");
  byId("aloud").textContent = notice.sound
    ? spoken
    : gettext("Nobody has recorded it in this language: read it aloud, word for word.");
  /**
   * @param {string} name
   * @param {string} words
   * @param {(value: string) => void} chosen
   * @param {string | null} [heard] address of the words as a machine says them
   */
  const question = (name, words, chosen, heard) => {
    const choice = (/** @type {string} */ value, /** @type {string} */ label) => {
      const checked = answers.get(name) === value;
      const onchange = () => chosen(value);
      return make("label", {}, make("input", { type: "radio", name, value, checked, onchange }), label);
    };
    const said = { class: "said", lang: notice.language, dir: notice.direction };
    const choices = [choice("yes", gettext("Yes")), choice("no", gettext("No"))];
    const legend = make("legend", said, words);
    const aloud = heard ? [make("audio", { controls: true, preload: "none", src: heard })] : [];
    return make(
      "fieldset",
      { class: "field" },
      legend,
      ...aloud,
      make("div", { class: "choices" }, ...choices),
    );
  };
  byId("unsigned").hidden = notice.usable;
  byId("demonstration").hidden = !notice.demonstration;
  byId("understood").replaceChildren(
    ...notice.understood.map((each, index) =>
      question(`understood-${index}`, each.question, (value) => understood(index, value), each.sound),
    ),
  );
  byId("questions").replaceChildren(
    ...page.scopes.map((scope) =>
      question(scope, notice.questions[scope], (value) => answered(scope, value)),
    ),
  );
}

/**
 * The yes is kept: its code, to be written down.
 *
 * @param {string} code
 * @param {string} pseudonym
 */
export function showReceipt(code, pseudonym) {
  byId("asking").hidden = true;
  byId("done").hidden = false;
  byId("code").textContent = (code.match(/.{4}/g) ?? []).join("-");
  byId("address").textContent = `${location.origin}/withdraw`;
  linkToRecord(pseudonym);
  scrollTo(0, 0);
  announce(gettext("Kept on this phone."));
}

/**
 * What became of the yes.
 *
 * @param {Entry} entry
 * @param {string} code
 */
export function showProgress(entry, code) {
  if (entry.state === "refused") byId("done-state").textContent = entry.error?.message ?? "";
  if (entry.state !== "received" || !entry.speaker) return;
  byId("done-state").textContent = gettext("The server has it too. You may record now.");
  const paper = byId("paper");
  paper.action = `/speakers/${entry.speaker.id}/receipt`;
  paper.elements.token.value = page.token;
  paper.elements.code.value = code;
  paper.hidden = false;
  linkToRecord(entry.speaker.pseudonym);
}

/** @param {string} pseudonym */
function linkToRecord(pseudonym) {
  byId("to-record").href = `/record#${encodeURIComponent(pseudonym)}`;
}
