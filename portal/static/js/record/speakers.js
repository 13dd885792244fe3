// @ts-check
// The list of speakers: those whom only this phone knows yet stand first.

import { byId, gettext, make } from "../page.js";
import { shortName } from "./entry_rules.js";
import * as queue from "./queue.js";
import { register } from "./service_worker.js";
import { forgetSpeaker } from "./submission_steps.js";

register();
queue.start();
queue.watch(show);
await show();

async function show() {
  const { entries } = await queue.mine();
  const here = entries
    .filter((entry) => entry.kind === "speaker")
    .filter((entry) => entry.state !== "received");
  byId("here").hidden = !here.length;
  byId("here-list").replaceChildren(...here.map(line));
}

/** @param {SpeakerEntry} entry */
function line(entry) {
  const { pseudonym } = entry.fields;
  const ask = make("a", { class: "state warn", href: `/speakers/consent#${entry.id}` }, gettext("Ask first"));
  const waits = gettext("Kept on this phone. Sent when there is network.");
  const { error } = entry;
  return make(
    "li",
    {},
    make("span", { class: "disc", "aria-hidden": "true" }, shortName(pseudonym)),
    make("b", { class: "who" }, pseudonym),
    error ? make("span", { class: "state bad" }, gettext("Not taken")) : ask,
    error
      ? make("span", { class: "why" }, error.message, " ", mend(entry, error))
      : make("span", { class: "why" }, waits),
  );
}

/**
 * Somebody alike is known: the coordinator decides. Anything else can only be taken off.
 *
 * @param {SpeakerEntry} entry
 * @param {NonNullable<SpeakerEntry["error"]>} error
 */
function mend(entry, { code, alike = [] }) {
  const press = (/** @type {string} */ words, /** @type {() => void} */ onclick, kind = "") =>
    make("button", { type: "button", class: kind || null, onclick }, words);
  if (code !== "alike") return press(gettext("Take off this phone"), () => drop(entry), "plain");
  const same = alike.map(({ speaker_id: id, pseudonym }) => {
    const settle = () => queue.settle(entry, { id, pseudonym, short: shortName(pseudonym) });
    return press(gettext("It is %(name)s", { name: pseudonym }), settle);
  });
  return make(
    "span",
    { class: "row" },
    ...same,
    press(gettext("Somebody else"), () => queue.insist(entry)),
  );
}

/** @param {SpeakerEntry} entry */
async function drop(entry) {
  const name = { name: entry.fields.pseudonym };
  const words = gettext("Take %(name)s and what was recorded of them off this phone, for ever?", name);
  if (confirm(words)) await forgetSpeaker(entry);
}
