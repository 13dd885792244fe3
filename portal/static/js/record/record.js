// The coordinator's day: what waits, what is on its way, what was heard; recording and adding files.

import { announce, byId, gettext, make, ngettext, page } from "../page.js";
import { booth } from "./booth.js";
import { clock } from "./clock.js";
import { shortName } from "./names.js";
import { prompts } from "./prompting.js";
import * as queue from "./queue.js";
import { canRecord, unlessRecording } from "./recorder.js";
import * as store from "./store.js";
import { showStrip } from "./strip.js";
import { line } from "./takes.js";
import * as way from "./way.js";
import { hear, heard, mayRecord } from "./withdrawn.js";
import { register } from "./worker.js";

const LITTLE_ROOM = 200 * 2 ** 20;
const LONG_AGO = 3600e3;
let people = [];
let chosen = null; // {speaker, language}
let showing = false;
let stale = false;
let roomAsked = 0;
let left = null;

/** Draw the page anew; at most one drawing at a time, and none lost. */
async function show() {
  stale = true;
  if (showing) return;
  showing = true;
  while (stale) {
    stale = false;
    await draw();
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  showing = false;
}

async function draw() {
  const { entries, others, elsewhere } = await queue.mine();
  people = everybody(entries, await heard());
  const list = byId("takes");
  const newest = [...entries].filter((entry) => entry.state !== "recording").reverse();
  const seen = new Map([...list.children].map((item) => [item.id, item]));
  const lines = newest.map((entry) => {
    const key = JSON.stringify({ ...entry, sent: queue.sentOf(entry), trouble: queue.trouble });
    const before = seen.get(`take-${entry.id}`);
    if (before?.key === key) return before;
    const item = line(entry, { again, listen, drop });
    item.key = key;
    if (before && before.textContent !== item.textContent && ["received", "refused"].includes(entry.state)) {
      announce(item.querySelector(".why").textContent);
    }
    return item;
  });
  // Only what changed is touched: a button under somebody's thumb stays where it is
  if (lines.some((item, place) => list.children[place] !== item) || list.children.length !== lines.length) {
    const focused = document.activeElement?.closest?.("#takes li")?.id;
    list.replaceChildren(...lines);
    if (focused) document.getElementById(focused)?.querySelector("button, a")?.focus();
  }
  byId("nothing").hidden = newest.length > 0;
  total(entries);
  await notes(others, elsewhere);
  await showStrip();
}

function total(entries) {
  const going = entries.filter((entry) => ["kept", "sending"].includes(entry.state) && entry.kind !== "speaker");
  byId("total").hidden = going.length < 2;
  const size = going.reduce((sum, entry) => sum + entry.size, 0);
  const sent = going.reduce((sum, entry) => sum + queue.sentOf(entry), 0);
  byId("total-bar").value = size ? sent / size : 0;
  byId("total-words").textContent = gettext("%(sent)s of %(size)s MB sent", { sent: (sent / 1e6).toFixed(1), size: (size / 1e6).toFixed(1) });
}

async function notes(others, elsewhere) {
  if (Date.now() - roomAsked > 60e3) {
    roomAsked = Date.now();
    left = await store.room().catch(() => null);
  }
  const told = [];
  if (others) told.push(ngettext("%(num)s recording of somebody else waits on this phone. It is sent when they sign in here.", "%(num)s recordings of others wait on this phone. They are sent when they sign in here.", others));
  if (elsewhere) told.push(ngettext("%(num)s recording for another project waits here. Change the project to send it.", "%(num)s recordings for another project wait here. Change the project to send them.", elsewhere));
  if (left !== null && left < LITTLE_ROOM) told.push(gettext("This phone is nearly full: %(left)s MB left. Send what waits before you record more.", { left: Math.max(0, Math.round(left / 1e6)) }));
  const place = byId("notes");
  if (place.textContent === told.join("")) return;
  place.replaceChildren(...told.map((words) => make("p", { class: "note warn" }, words)));
}

/** Ask the server who took it back, also where nothing waits to be sent; without network what was last heard holds. */
async function obeyServer() {
  const told = await way.session().catch(() => null);
  if (told?.person !== page.person || told.project !== page.project) return;
  const { entries } = await queue.mine();
  await hear(told.withdrawn, entries);
  await show();
}

/** Speakers that the server told of, and those whom only this phone knows. */
function everybody(entries, withdrawn) {
  const asked = new Map(entries.filter((e) => e.kind === "consent" && ["kept", "sending", "received"].includes(e.state)).map((e) => [e.speaker.id || e.speaker.local, e.created]));
  const local = entries
    .filter((entry) => entry.kind === "speaker" && entry.state !== "received")
    .map((entry) => ({ local: entry.id, pseudonym: entry.fields.pseudonym, short: shortName(entry.fields.pseudonym), language: entry.fields.language, district: entry.fields.district, own: true }));
  const known = new Set(page.speakers.map((each) => each.id));
  const since = entries
    .filter((entry) => entry.kind === "consent" && entry.speaker.id && !known.has(entry.speaker.id))
    .map((entry) => ({ ...entry.speaker, language: entry.language, own: true }));
  const unique = new Map([...local, ...since, ...page.speakers].map((each) => [each.id || each.local, each]));
  return [...unique].map(([id, each]) => {
    const consents = mayRecord(each, asked.get(id) || 0, withdrawn);
    return { ...each, consents, withdrawn: each.id in withdrawn && !consents };
  });
}

// ---- whose voice

async function fromAddress() {
  const pseudonym = decodeURIComponent(location.hash.slice(1));
  if (!pseudonym) return;
  history.replaceState(null, "", location.pathname);
  const speaker = people.find((each) => each.pseudonym === pseudonym);
  if (speaker) await openBegin(speaker);
}

byId("begin").onclick = () => openBegin();

async function openBegin(speaker) {
  const last = speaker?.pseudonym || (await store.note(`last ${page.person} ${page.project}`));
  const select = byId("speaker");
  if (!people.length) {
    location.assign("/speakers/new");
    return;
  }
  select.replaceChildren(
    ...people.map((each, place) =>
      make("option", { value: place, disabled: each.withdrawn, selected: each.pseudonym === last && !each.withdrawn }, [each.pseudonym, each.district, standing(each)].filter(Boolean).join(" · ")),
    ),
  );
  const able = people.findIndex((each) => !each.withdrawn);
  if (select.selectedIndex < 0 || people[select.selectedIndex].withdrawn) select.selectedIndex = able;
  select.onchange = pick;
  pick();
  byId("begin-box").showModal();
}

/** How a speaker stands, in a word of the list. */
function standing(speaker) {
  if (speaker.withdrawn) return gettext("Took it back: don't record");
  return speaker.consents ? "✓" : gettext("ask first");
}

function pick() {
  const speaker = people[byId("speaker").selectedIndex];
  byId("ways").hidden = !speaker?.consents;
  byId("took-back").hidden = Boolean(speaker);
  byId("ask-first").hidden = !speaker || speaker.consents;
  if (!speaker) return; // everybody in the list took it back
  byId("ask-first-link").href = speaker.id ? `/speakers/${speaker.id}/consent` : `/speakers/consent#${speaker.local}`;
  byId("language").replaceChildren(...languageOptions(speaker.language));
}

function languageOptions(selected) {
  return Object.entries(page.languages).map(([code, own]) => make("option", { value: code, lang: code, selected: code === selected }, own));
}

function named(speaker) {
  const { id, local, pseudonym, short } = speaker;
  return id ? { id, pseudonym, short } : { local, pseudonym, short };
}

// ---- recording

const asking = prompts({ set: byId("set"), prompt: byId("prompt"), steps: byId("steps"), place: byId("prompt-place"), before: byId("prompt-before"), after: byId("prompt-after") });
const recorder = booth(byId("recorder"), {
  words: { start: gettext("Record"), keep: gettext("Keep and send") },
  begun: (id) => {
    const { prompt, title } = asking.now();
    return store.keep({ id, kind: "recording", state: "recording", person: page.person, project: page.project, created: Date.now(), speaker: named(chosen.speaker), language: chosen.language, prompt, title });
  },
  dropped: (id) => store.forget(id),
  async kept(id, blob, seconds) {
    const entry = await store.entry(id);
    const ending = blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm";
    await queue.add({ ...entry, state: "kept", seconds, size: blob.size, type: blob.type, name: `${entry.speaker.pseudonym}-${stamp(entry.created)}.${ending}` }, blob);
    announce(gettext("Kept on this phone."));
    if (!asking.next()) closeRecorder();
  },
  busy: (is) => asking.lock(is),
});

byId("open-recorder").onclick = async () => {
  const speaker = people[Number(byId("speaker").value)];
  await openRecorder({ speaker, language: byId("language").value });
};

async function openRecorder(who, prompt = null) {
  chosen = who;
  await store.setNote(`last ${page.person} ${page.project}`, who.speaker.pseudonym);
  byId("recorder-title").textContent = who.speaker.pseudonym;
  byId("asked").hidden = !asking.open(who.language, prompt);
  if (byId("begin-box").open) byId("begin-box").close();
  byId("recorder-box").showModal();
}

byId("recorder-close").onclick = closeRecorder;
byId("recorder-box").addEventListener("cancel", (event) => {
  event.preventDefault();
  closeRecorder();
});

async function closeRecorder() {
  await recorder.leave();
  byId("recorder-box").close();
  await show();
}

addEventListener("beforeunload", (event) => recorder.busy() && event.preventDefault());

/** Once more, while the speaker is still there. */
async function again(entry) {
  await store.change(entry.id, { repeated: true });
  const speaker = people.find((each) => each.pseudonym === entry.speaker.pseudonym) || { ...entry.speaker, consents: true };
  if (canRecord() && speaker.consents) await openRecorder({ speaker, language: entry.language }, entry.prompt);
  else await openBegin(speaker);
}

/** One that broke off, or that nobody listened to yet. */
async function listen(entry) {
  const blob = await store.assembled(entry.id, entry.type || "audio/webm");
  if (!blob) return;
  await openRecorder({ speaker: entry.speaker, language: entry.language }, entry.prompt);
  recorder.show(entry, blob);
}

async function drop(entry) {
  if (confirm(gettext("Take this recording off this phone, for ever?"))) await store.forget(entry.id);
}

/**
 * What was being recorded when the page went away is kept, second by second: it waits to be heard. A yes that was never
 * finished is none.
 */
async function mend() {
  for (const entry of await store.entries()) {
    if (entry.person !== page.person) continue;
    const old = Date.now() - entry.created > LONG_AGO;
    if (entry.kind === "consent" && !entry.yes && old) await store.forget(entry.id);
    if (entry.kind !== "recording" || entry.state !== "recording") continue;
    await unlessRecording(entry.id, async () => {
      if (await store.assembled(entry.id, "")) await store.change(entry.id, { state: "unheard", brokeOff: true });
      else if (old) await store.forget(entry.id);
    });
  }
}

// ---- files

byId("files").onchange = (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  byId("begin-box").close();
  choose(files, people[Number(byId("speaker").value)], byId("language").value);
};

for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (![...(event.dataTransfer?.types || [])].includes("Files")) return;
    event.preventDefault();
    if (name === "drop") dropped([...event.dataTransfer.files]);
  });
}

async function dropped(files) {
  const last = await store.note(`last ${page.person} ${page.project}`);
  const able = people.filter((each) => each.consents);
  if (!able.length) return openBegin();
  const speaker = able.find((each) => each.pseudonym === last) || able[0];
  choose(files, speaker, speaker.language);
}

function choose(files, speaker, language) {
  const able = people.filter((each) => each.consents);
  byId("chosen").replaceChildren(
    ...files.map((file, place) => {
      const large = file.size > page.limits.most_bytes;
      const empty = file.size === 0;
      const options = able.map((each, number) => make("option", { value: number, selected: each.pseudonym === speaker.pseudonym }, each.pseudonym));
      const wrong = large ? gettext("Larger than this project takes.") : empty ? gettext("This file is empty.") : "";
      const fields = wrong
        ? [make("span", { class: "state bad" }, wrong)]
        : [
            make("select", { name: "speaker", "aria-label": gettext("Speaker of %(name)s", { name: file.name }) }, ...options),
            make("select", { name: "language", "aria-label": gettext("Language of %(name)s", { name: file.name }) }, ...languageOptions(language)),
          ];
      const item = make("li", { class: "chosen" }, make("b", { class: "who" }, make("bdi", {}, file.name)), make("span", { class: "quiet" }, `${(file.size / 1e6).toFixed(1)} MB`), make("span", { class: "why pair" }, ...fields));
      item.file = wrong ? null : files[place];
      return item;
    }),
  );
  offerKeeping();
  byId("files-keep").onclick = () => keepFiles(able);
  byId("files-box").showModal();
}

async function keepFiles(able) {
  byId("files-keep").disabled = true;
  const present = (await queue.mine()).entries;
  for (const item of [...byId("chosen").children]) {
    if (!item.file) continue;
    const [who, language] = item.querySelectorAll("select");
    const speaker = able[Number(who.value)];
    // The same file chosen twice is sent once
    const twin = present.find((each) => each.kind === "recording" && each.name === item.file.name && each.size === item.file.size && each.modified === item.file.lastModified && ["kept", "sending"].includes(each.state));
    if (!twin) {
      await queue.add({ kind: "recording", name: item.file.name, modified: item.file.lastModified, speaker: named(speaker), language: language.value, seconds: await lengthOf(item.file) }, item.file);
    }
    await store.setNote(`last ${page.person} ${page.project}`, speaker.pseudonym);
    item.remove();
  }
  byId("files-keep").disabled = false;
  offerKeeping();
  if (!byId("chosen").children.length) byId("files-box").close();
  await show();
}

/** Nothing is offered where every file left is one that can't be taken. */
function offerKeeping() {
  byId("files-keep").hidden = ![...byId("chosen").children].some((item) => item.file);
}

byId("files-close").onclick = () => byId("files-box").close();

/** Seconds of a file, where the browser can tell; null where it can't, or takes too long. */
function lengthOf(file) {
  return new Promise((resolve) => {
    const audio = new Audio();
    const url = URL.createObjectURL(file);
    const tell = (seconds) => {
      URL.revokeObjectURL(url);
      resolve(Number.isFinite(seconds) ? seconds : null);
    };
    audio.addEventListener("loadedmetadata", () => tell(audio.duration));
    audio.addEventListener("error", () => tell(null));
    setTimeout(() => tell(null), 1500);
    audio.preload = "metadata";
    audio.src = url;
  });
}

function stamp(moment) {
  return new Date(moment).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}

register();
queue.watch(show);
store.setNote(`speakers ${page.project}`, page.speakers);
await mend();
await queue.tidy();
queue.start();
await show();
obeyServer();
document.addEventListener("visibilitychange", () => document.hidden || obeyServer());
await fromAddress();
