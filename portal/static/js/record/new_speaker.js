// @ts-check
// Somebody new, with or without network: written down here first, and on the server as soon as it answers.

import { Refused, Unreachable, announce, ask, byId, gettext, isUnanswered, make, page } from "../page.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { register } from "./service_worker.js";

const NEEDED = ["language", "gender", "age_band", "district", "pseudonym"];

register();
queue.start();

const form = byId("speaker");
const pseudonym = form.elements.pseudonym;
let suggested = pseudonym.value;

form.elements.district.addEventListener("change", suggest);
form.addEventListener("change", (/** @type {Event} */ event) => {
  if (/** @type {HTMLInputElement} */ (event.target).name === "age_band") showMinor();
});
showMinor();
await suggest();

function isMinor() {
  return parseInt(form.elements.age_band.value, 10) < 18;
}

function showMinor() {
  byId("minor").hidden = !isMinor();
}

/** The next free pseudonym of that district, unless somebody typed one of their own. */
async function suggest() {
  if (pseudonym.value !== suggested) return;
  let next = await nextPseudonym(form.elements.district.value.trim());
  const { entries } = await queue.mine();
  const here = new Set(
    entries.map((entry) => entry.kind === "speaker" && entry.fields.pseudonym.toUpperCase()),
  );
  const oneMore = (/** @type {string} */ number) => String(Number(number) + 1).padStart(3, "0");
  while (here.has(next)) next = next.replace(/[0-9]+$/, oneMore);
  if (pseudonym.value === suggested) pseudonym.value = suggested = next;
}

/**
 * From the server; without network from what it said last.
 *
 * @param {string} district
 * @returns {Promise<string>}
 */
async function nextPseudonym(district) {
  const noteOf = (/** @type {string} */ beginning) => `next ${page.project} ${beginning}`;
  try {
    const path = `/speakers/pseudonym?district=${encodeURIComponent(district)}`;
    const { pseudonym: next } = await ask(path, { seconds: 6 });
    await store.setNote(noteOf(next.split("-")[0]), next);
    return next;
  } catch (problem) {
    if (!isUnanswered(problem)) throw problem;
    const letters = district
      .normalize("NFKD")
      .replace(/[^A-Za-z]/g, "")
      .toUpperCase();
    const beginning = letters.length >= 3 ? letters.slice(0, 3) : "SPK";
    return (await store.note(noteOf(beginning))) || `${beginning}-001`;
  }
}

form.addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const given = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  const { key, sure, token, ...fields } = given;
  const body = { key, fields, sure: sure === "yes" };
  try {
    const speaker = await ask("/speakers/register", { method: "POST", body, seconds: 12 });
    location.assign(`/speakers/${speaker.id}/consent`);
  } catch (problem) {
    if (problem instanceof Unreachable) await keepHere(key, fields);
    // The page shows what is wrong best when the server draws it
    else if (problem instanceof Refused) form.submit();
    else throw problem;
  }
});

/**
 * @param {string} id
 * @param {Record<string, string>} fields
 */
async function keepHere(id, fields) {
  const missing = NEEDED.find((name) => !fields[name]?.trim());
  const identity = gettext(
    "This looks like an Aadhaar number. Identity numbers are never kept here: take it out, nobody needs it.",
  );
  if (missing) return sayFault(gettext("Something is missing: see below."), missing);
  if (Object.values(fields).some(looksLikeIdentity)) return sayFault(identity);
  const speaker = { ...fields, pseudonym: fields.pseudonym.toUpperCase() };
  await queue.add({ id, kind: "speaker", fields: speaker, minor: isMinor() });
  location.assign(`/speakers/consent#${id}`);
}

/**
 * @param {string} words
 * @param {string} [name] of the field to mend
 */
function sayFault(words, name) {
  document.querySelector(".lead")?.after(make("div", { class: "note bad", role: "alert" }, words));
  if (name) form.elements[name]?.focus?.();
  announce(words);
}

/** @param {string} text */
function looksLikeIdentity(text) {
  const digits = text.replace(/[ .\-–]/g, "").match(/[0-9]+/g) || [];
  return digits.some((run) => run.length === 12 && !/^91[6-9]/.test(run));
}
