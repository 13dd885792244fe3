// Asking for a yes: notice, questions one by one, the voice or the form that proves it. Works without network; the
// receipt's code is made here, so that the paper can be written while the speaker is still there.

import { announce, byId, gettext, make, page } from "../page.js";
import { booth } from "./recording_panel.js";
import { shortName } from "./pseudonyms.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { showStrip } from "./status_line.js";
import { register } from "./service_worker.js";

const LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LARGEST_FORM = 15 * 2 ** 20;
const answers = new Map();
let speaker = page.speaker;
let local = null; // the entry of a speaker whom only this phone knows
let notice;
let evidence = null;

/** The speaker of the address: known to the server, or to this phone alone. */
async function who() {
  const id = location.hash.slice(1);
  const [, known] = location.pathname.match(/^\/speakers\/(speaker-[^/]+)\/consent$/) || [];
  if (!speaker && known) {
    // Without network: as this phone last heard of them
    speaker = ((await store.note(`speakers ${page.project}`)) || []).find((each) => each.id === known);
  } else if (!speaker && id) {
    local = await store.entry(id);
    if (local?.person !== page.person) local = null;
    if (local?.speaker?.id) {
      location.replace(`/speakers/${local.speaker.id}/consent`);
      return;
    }
    if (local) {
      const { pseudonym, language } = local.fields;
      speaker = { pseudonym, short: shortName(pseudonym), language, minor: local.minor };
    }
  }
  if (!speaker) {
    location.replace("/speakers");
    return;
  }
  byId("title").textContent = gettext("Ask %(name)s", { name: speaker.pseudonym });
  byId("guardian-part").hidden = !speaker.minor;
  if (speaker.minor)
    byId("who-says").textContent = gettext(
      "Record the parent or guardian saying it, or photograph the form that they signed.",
    );
  choose(page.notices.find((each) => each.language === speaker.language) || page.notices[0]);
}

function choose(chosen) {
  notice = chosen;
  byId("languages").replaceChildren(
    ...page.notices.map((each) => {
      const input = make("input", {
        type: "radio",
        name: "language",
        value: each.language,
        checked: each === notice,
        onchange: () => choose(each),
      });
      return make("label", { lang: each.language }, input, each.own_name);
    }),
  );
  const text = byId("notice");
  text.textContent = notice.text;
  text.lang = notice.language;
  text.dir = notice.direction;
  const sound = byId("sound");
  sound.hidden = !notice.sound;
  if (notice.sound) sound.src = notice.sound;
  byId("aloud").textContent = notice.sound
    ? gettext("Play it, or read it aloud, word for word.")
    : gettext("Nobody has recorded it in this language: read it aloud, word for word.");
  byId("questions").replaceChildren(...page.scopes.map(question));
  look();
}

function question(scope) {
  const choice = (value, words) => {
    const input = make("input", {
      type: "radio",
      name: scope,
      value,
      checked: answers.get(scope) === value,
      onchange: () => (answers.set(scope, value), look()),
    });
    return make("label", {}, input, words);
  };
  return make(
    "fieldset",
    { class: "field" },
    make("legend", { class: "said", lang: notice.language, dir: notice.direction }, notice.questions[scope]),
    make("div", { class: "choices" }, choice("yes", gettext("Yes")), choice("no", gettext("No"))),
  );
}

const recorder = booth(byId("recorder"), {
  words: { start: gettext("Record the yes"), keep: gettext("Keep this yes") },
  begun: (id) => store.keep(draft(id)),
  dropped: (id) => store.forget(id),
  async kept(id, blob) {
    await give(id, blob, gettext("Their spoken yes is kept."));
  },
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
byId("photo").onchange = async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  if (file.size > LARGEST_FORM) {
    announce(gettext("This picture is too large."));
    return;
  }
  const id = store.newId();
  await store.keep(draft(id));
  await give(id, file, gettext("The photographed form is kept."));
};

function draft(id) {
  return {
    id,
    kind: "consent",
    state: "recording",
    person: page.person,
    project: page.project,
    created: Date.now(),
    speaker: named(),
  };
}

function named() {
  const { id, pseudonym, short } = speaker;
  return id ? { id, pseudonym, short } : { local: local.id, pseudonym, short };
}

async function give(id, blob, words) {
  if (evidence) await store.forget(evidence.id);
  evidence = { id, blob };
  byId("recorder").hidden = true;
  byId("ways").hidden = false;
  byId("saving").hidden = false;
  const kept = byId("kept");
  kept.hidden = false;
  kept.textContent = words;
  look();
}

byId("guardian").oninput = look;

/** What is still missing decides whether it can be saved. */
function look() {
  const refused = answers.get("transcription") === "no";
  byId("no").hidden = !refused;
  byId("evidence").hidden = refused;
  const asked = page.scopes.every((scope) => answers.has(scope));
  const guardian = !speaker.minor || byId("guardian").value.trim();
  byId("save").disabled = refused || !asked || !evidence || !guardian;
}

byId("save").onclick = async () => {
  const guardian = byId("guardian").value.trim();
  if (/[0-9][0-9 -]{10,}[0-9]/.test(guardian)) {
    const fault = byId("guardian-fault");
    fault.hidden = false;
    fault.textContent = gettext("Write a name, and no number.");
    return;
  }
  byId("save").disabled = true;
  const code = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join("");
  const ending = (evidence.blob.type.split("/")[1] || "bin").replace(/[^a-z0-9]/g, "").slice(0, 8) || "bin";
  await queue.add(
    {
      ...draft(evidence.id),
      state: "kept",
      name: `consent-${speaker.pseudonym}.${ending}`,
      language: notice.language,
      yes: {
        scopes: page.scopes.filter((scope) => answers.get(scope) === "yes"),
        language: notice.language,
        version: page.version,
        code,
        guardian: speaker.minor ? guardian : null,
      },
    },
    evidence.blob,
  );
  done(evidence.id, code);
};

function done(id, code) {
  byId("asking").hidden = true;
  byId("done").hidden = false;
  byId("code").textContent = code.match(/.{4}/g).join("-");
  byId("address").textContent = `${location.origin}/withdraw`;
  byId("to-record").href = `/record#${encodeURIComponent(speaker.pseudonym)}`;
  scrollTo(0, 0);
  announce(gettext("Kept on this phone."));
  const paper = byId("paper");
  queue.watch(async () => {
    const entry = await store.entry(id);
    if (entry?.state === "received") {
      byId("done-state").textContent = gettext("The server has it too. You may record now.");
      paper.action = `/speakers/${entry.speaker.id}/receipt`;
      paper.elements.token.value = page.token;
      paper.elements.code.value = code;
      paper.hidden = false;
      byId("to-record").href = `/record#${encodeURIComponent(entry.speaker.pseudonym)}`;
    } else if (entry?.state === "refused") {
      byId("done-state").textContent = entry.error.message;
    }
  });
}

addEventListener("beforeunload", (event) => recorder.busy() && event.preventDefault());

register();
queue.start();
queue.watch(showStrip);
await who();
await showStrip();
