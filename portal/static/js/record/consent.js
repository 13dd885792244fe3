// @ts-check
// Asking for a yes: notice, questions one by one, the voice or the form that proves it. Works without network; the
// receipt's code is made here, so that the paper can be written while the speaker is still there.

import { announce, byId, gettext, page } from "../page.js";
import { randomId } from "../parts/random_id.js";
import {
  endingOf,
  looksLikeNumber,
  receiptCode,
  showProgress,
  showQuestions,
  showReceipt,
} from "./consent_page.js";
import { named, shortName } from "./entry_rules.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { RecordingPanel } from "./recording_panel.js";
import { register } from "./service_worker.js";
import { showStatus } from "./status_line.js";

const GUARDIAN = ["guardian", "guardian-relation", "guardian-verified"];
const LARGEST_FORM = 15 * 2 ** 20; // bytes

/** @typedef {NamedSpeaker & {language: string, minor?: boolean}} Asked */

/** @type {Map<string, string>} scope to yes or no */
const answers = new Map();
/** @type {Asked} */
let speaker;
/** @type {Notice} */
let notice;
/** @type {{id: string, blob: Blob} | null} */
let evidence = null;
/** how often an answer showed that the notice was not understood */
let misunderstood = 0;

/**
 * The speaker of the address: known to the server, or to this phone alone; null where another page is on its way.
 *
 * @returns {Promise<Asked | null>}
 */
async function speakerHere() {
  if (page.speaker) return page.speaker;
  const known = /^\/speakers\/(speaker-[^/]+)\/consent$/.exec(location.pathname)?.[1];
  // Without network: as this phone last heard of them
  const found = known ? await lastHeardOf(known) : await writtenDownHere(location.hash.slice(1));
  if (!found) location.replace("/speakers");
  else if (!known && found.id) location.replace(`/speakers/${found.id}/consent`);
  else return found;
  return null;
}

/**
 * @param {string} id
 * @returns {Promise<Asked | undefined>}
 */
async function lastHeardOf(id) {
  /** @type {KnownSpeaker[]} */
  const speakers = (await store.note(`speakers ${page.project}`)) || [];
  return speakers.find((each) => each.id === id);
}

/**
 * @param {string} id of an entry
 * @returns {Promise<Asked | null>}
 */
async function writtenDownHere(id) {
  const entry = id ? await store.entry(id) : null;
  if (entry?.kind !== "speaker" || entry.person !== page.person) return null;
  const { pseudonym, language } = entry.fields;
  if (entry.speaker?.id) return { ...entry.speaker, language };
  return { local: entry.id, pseudonym, short: shortName(pseudonym), language, minor: entry.minor };
}

/** @param {Asked} asked */
function open(asked) {
  speaker = asked;
  byId("title").textContent = gettext("Ask %(name)s", { name: asked.pseudonym });
  byId("guardian-part").hidden = !asked.minor;
  if (asked.minor) {
    const words = gettext(
      "Record the parent or guardian saying it, or photograph the form that they signed.",
    );
    byId("who-says").textContent = words;
  }
  choose(page.notices.find((each) => each.language === asked.language) || page.notices[0]);
}

/** @param {Notice} chosen */
function choose(chosen) {
  notice = chosen;
  const answered = (/** @type {string} */ scope, /** @type {string} */ value) => {
    answers.set(scope, value);
    look();
  };
  const understood = (/** @type {number} */ index, /** @type {string} */ value) => {
    if (value !== notice.understood[index].right) misunderstood += 1;
    answers.set(`understood-${index}`, value);
    look();
  };
  for (const sound of [notice.sound, ...notice.understood.map((each) => each.sound)]) {
    // The service worker keeps it for the next time, when there may be no network.
    if (sound) fetch(sound).catch(() => null);
  }
  showQuestions(notice, answers, { choose, answered, understood });
  look();
}

/** What is still missing decides whether it can be saved. */
function look() {
  const refused = answers.get("transcription") === "no";
  byId("no").hidden = !refused;
  byId("evidence").hidden = refused;
  const tested = notice.understood.every((_, index) => answers.has(`understood-${index}`));
  const understood = notice.understood.every(
    ({ right }, index) => answers.get(`understood-${index}`) === right,
  );
  byId("again").hidden = !tested || understood;
  const asked = understood && page.scopes.every((scope) => answers.has(scope));
  const guardian =
    !speaker.minor || GUARDIAN.every((name) => /** @type {HTMLInputElement} */ (byId(name)).value.trim());
  byId("save").disabled = !notice.usable || refused || !asked || !evidence || !guardian;
}

/**
 * @param {string} id
 * @returns {Partial<ConsentEntry> & {id: string}}
 */
function draft(id) {
  const { person, project } = page;
  return {
    id,
    kind: "consent",
    state: "recording",
    person,
    project,
    created: Date.now(),
    speaker: named(speaker),
  };
}

/**
 * @param {string} id
 * @param {Blob} blob
 * @param {string} words
 */
async function give(id, blob, words) {
  if (evidence) await store.forget(evidence.id);
  evidence = { id, blob };
  byId("recorder").hidden = true;
  byId("ways").hidden = false;
  byId("saving").hidden = false;
  byId("kept").hidden = false;
  byId("kept").textContent = words;
  look();
}

const panel = new RecordingPanel(byId("recorder"), {
  words: { start: gettext("Record the yes"), keep: gettext("Keep this yes") },
  begun: (id) => store.keep(draft(id)),
  dropped: (id) => store.forget(id),
  kept: (id, blob) => give(id, blob, gettext("Their spoken yes is kept.")),
  busy: (is) => {
    byId("ways").hidden = is;
    byId("saving").hidden = is;
  },
});
byId("recorder").hidden = true;
byId("speak").onclick = () => {
  byId("recorder").hidden = false;
  byId("ways").hidden = true;
  byId("recorder").querySelector("button.next").click();
};
byId("photo").onchange = async (/** @type {Event} */ event) => {
  const [file] = /** @type {HTMLInputElement} */ (event.target).files ?? [];
  if (!file) return;
  if (file.size > LARGEST_FORM) {
    announce(gettext("This picture is too large."));
    return;
  }
  const id = randomId();
  await store.keep(draft(id));
  await give(id, file, gettext("The photographed form is kept."));
};
for (const name of GUARDIAN) byId(name).oninput = look;
byId("save").onclick = save;

async function save() {
  const guardian = byId("guardian").value.trim();
  if (!evidence) return;
  if (looksLikeNumber(guardian)) {
    byId("guardian-fault").hidden = false;
    byId("guardian-fault").textContent = gettext("Write a name, and no number.");
    return;
  }
  byId("save").disabled = true;
  const code = receiptCode();
  const yes = {
    scopes: page.scopes.filter((scope) => answers.get(scope) === "yes"),
    language: notice.language,
    version: page.version,
    misunderstood,
    code,
    guardian: speaker.minor ? guardian : null,
    relation: speaker.minor ? byId("guardian-relation").value : null,
    verified: speaker.minor ? byId("guardian-verified").value : null,
  };
  const name = `consent-${speaker.pseudonym}.${endingOf(evidence.blob)}`;
  const { id, blob } = evidence;
  await queue.add(
    { id, kind: "consent", name, speaker: named(speaker), language: notice.language, yes },
    blob,
  );
  showReceipt(code, speaker.pseudonym);
  queue.watch(async () => {
    const entry = await store.entry(id);
    if (entry) showProgress(entry, code);
  });
}

addEventListener("beforeunload", (event) => panel.busy && event.preventDefault());

register();
queue.start();
queue.watch(showStatus);
const asked = await speakerHere();
if (asked) open(asked);
await showStatus();
