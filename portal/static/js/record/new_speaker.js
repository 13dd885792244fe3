// Somebody new, with or without network: written down here first, and on the server as soon as it answers.

import { Refused, Unreachable, announce, ask, byId, gettext, make, page } from "../page.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { register } from "./service_worker.js";

register();
queue.start();

const form = byId("speaker");
const pseudonym = form.elements.pseudonym;
let suggested = pseudonym.value;

form.elements.district.addEventListener("change", suggest);
form.addEventListener("change", (event) => event.target.name === "age_band" && showMinor());
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
  const district = form.elements.district.value.trim();
  let next;
  try {
    next = (await ask(`/speakers/pseudonym?district=${encodeURIComponent(district)}`, { seconds: 6 }))
      .pseudonym;
    await store.setNote(`next ${page.project} ${next.split("-")[0]}`, next);
  } catch (problem) {
    if (!(problem instanceof Unreachable || problem instanceof Refused)) throw problem;
    const letters = district
      .normalize("NFKD")
      .replace(/[^A-Za-z]/g, "")
      .toUpperCase();
    const beginning = letters.length >= 3 ? letters.slice(0, 3) : "SPK";
    next = (await store.note(`next ${page.project} ${beginning}`)) || `${beginning}-001`;
  }
  const here = new Set(
    (await queue.mine()).entries
      .filter((e) => e.kind === "speaker")
      .map((e) => e.fields.pseudonym.toUpperCase()),
  );
  while (here.has(next))
    next = next.replace(/[0-9]+$/, (number) => String(Number(number) + 1).padStart(3, "0"));
  if (pseudonym.value === suggested) pseudonym.value = suggested = next;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(form));
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

async function keepHere(id, fields) {
  const missing = ["language", "gender", "age_band", "district", "pseudonym"].find(
    (name) => !fields[name]?.trim(),
  );
  if (missing || Object.values(fields).some(looksLikeIdentity)) {
    const words = missing
      ? gettext("Something is missing: see below.")
      : gettext(
          "This looks like an Aadhaar number. Identity numbers are never kept here: take it out, nobody needs it.",
        );
    document.querySelector(".lead").after(make("div", { class: "note bad", role: "alert" }, words));
    form.elements[missing]?.focus?.();
    announce(words);
    return;
  }
  await queue.add({
    id,
    kind: "speaker",
    fields: { ...fields, pseudonym: fields.pseudonym.toUpperCase() },
    minor: isMinor(),
  });
  location.assign(`/speakers/consent#${id}`);
}

function looksLikeIdentity(text) {
  const digits = text.replace(/[ .\-–]/g, "").match(/[0-9]+/g) || [];
  return digits.some((run) => run.length === 12 && !/^91[6-9]/.test(run));
}
