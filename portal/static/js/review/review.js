// The reviewer's desk: hear the clip, see where the texts differ, decide, next.

import { announce, ask, byId, gettext, make, page, Refused, Unreachable } from "../page.js";
import { Checks } from "../parts/checks.js";
import { Editor } from "../parts/editor.js";
import { keyAtPlayer, keyWhileWriting } from "../parts/keys.js";
import { Player, STEP_BACK } from "../parts/player.js";
import { settings } from "../parts/settings.js";
import { showChips, tagOfKey } from "../parts/tags.js";
import { timeOf } from "../parts/clock.js";
import { Waveform } from "../parts/waveform.js";
import { reasonsDialog, returnsLeft } from "./decline_dialog.js";
import { markTaken, showTexts } from "./candidates.js";

const player = new Player(byId("sound"));
const editor = new Editor(byId("text"), byId("mirror"), byId("paper"));
const checks = new Checks(byId("findings"), editor, "/review/check");
const wave = new Waveform(player, { wave: byId("wave"), ticks: byId("ticks") });

let task = null;
let taken = null; // {id, text}: what the box began with; id null for what was proposed
let busy = false;

const held = () => ({ token: task.token, proof: task.proof });
const keptName = () => `boli-review-${page.person}-${task.slot}-${task.token}`;

function open(next) {
  task = next;
  byId("work").hidden = !task;
  byId("nothing").hidden = Boolean(task);
  player.pause();
  if (!task) return;
  const guide = page.guides[task.language];
  byId("title").textContent = heading();
  byId("why").textContent = task.because;
  showLease();
  showTexts(byId("texts"), task, guide, take);
  showChips({ tags: byId("tags"), letters: byId("letters") }, guide, editor);
  const proposed = task.texts.find((text) => text.text === task.proposal);
  const kept = read(keptName());
  taken = kept?.taken || { id: proposed ? proposed.id : null, text: task.proposal };
  editor.open(kept ? kept.text : task.proposal, guide);
  markTaken(byId("texts"), taken.id);
  checks.open(task);
  wave.show(task);
  showNotes();
  byId("return").disabled = task.second_look || !task.texts.some((text) => !text.skipped);
  editor.focus();
  sound();
}

function heading() {
  if (task.second_look) return gettext("A second look");
  if (task.words.some((word) => !word.agreed)) return gettext("The texts differ");
  return task.compared.length ? gettext("A text to look at") : gettext("Nobody has written this");
}

async function sound() {
  const { slot } = task;
  let answer = await fetch(task.preview).catch(() => null);
  if (answer && !answer.ok) {
    const renewed = await ask(`/review/${slot}/links`, { method: "POST", body: held() }).catch(() => null);
    if (renewed) answer = await fetch(renewed.preview).catch(() => null);
  }
  if (!task || task.slot !== slot) return;
  if (!answer?.ok) return tell(gettext("The sound did not come. Look again in a moment."), "warn");
  player.load(URL.createObjectURL(await answer.blob()), task.seconds);
  if (settings.autoplay) player.play();
}

function take(text) {
  taken = { id: text.id, text: text.text };
  editor.write(text.text, 0, editor.text.length);
  markTaken(byId("texts"), text.id);
  keep();
  checks.soon(0);
}

/** Nobody judges a text by its looks. */
function heardFirst() {
  if (player.heardWhole) return true;
  byId("heard").textContent = gettext("Listen to the whole clip once, then decide.");
  player.playFrom(player.firstUnheard);
  return false;
}

async function accept() {
  if (!heardFirst()) return;
  await checks.now();
  if (checks.blocking.length) return checks.toFirstBlocking();
  await decide("accept", { text: editor.text, offered: taken.text, from_text: taken.id });
}

async function decide(act, body) {
  if (busy) return;
  busy = true;
  try {
    const decided = await ask(`/review/${task.slot}/${act}`, {
      method: "POST",
      body: { ...held(), ...body },
    });
    forget(keptName());
    tell(decided.message, decided.in_force ? "ok" : "warn");
    open(decided.task);
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Unreachable)) throw error;
    tell(error.message, "bad");
  } finally {
    busy = false;
  }
}

function tell(message, mark) {
  const line = byId("told");
  line.className = `state ${mark}`;
  line.textContent = message;
  line.hidden = false;
}

function showLease() {
  if (task)
    byId("lease").textContent = gettext("yours until %(time)s, renews while you work", {
      time: timeOf(new Date(task.expires_at)),
    });
}

function showNotes() {
  const by = {
    writer: gettext("who wrote it"),
    reviewer: gettext("a reviewer"),
    manager: gettext("a manager"),
  };
  byId("notes-count").textContent = task.notes.length ? `(${task.notes.length})` : "";
  byId("notes").open = task.notes.length > 0;
  byId("notes-list").replaceChildren(
    ...task.notes.map((note) =>
      make(
        "li",
        {},
        make("b", {}, note.mine ? gettext("you") : by[note.by]),
        make("span", { dir: "auto" }, note.text),
        make("time", { class: "quiet", datetime: note.at }, timeOf(new Date(note.at))),
      ),
    ),
  );
}

// ---- kept on this device until it is decided

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(keptName(), JSON.stringify({ text: editor.text, taken }));
  } catch {
    /* a browser that keeps nothing: the text lasts as long as the page */
  }
}

function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    /* nothing was kept */
  }
}

// ---- keys and buttons

const returning = reasonsDialog(
  "return-dialog",
  (reasons, note) => decide("decline", { decision: "send_back", reasons, note, from_text: taken.id }),
  () => player.heardWhole && task.returns_left > 0,
);
const rejecting = reasonsDialog("reject-dialog", (reasons, note) =>
  decide("decline", { decision: "reject_audio", reasons, note }),
);

const acts = {
  toggle: () => player.toggle(),
  restart: () => player.playFrom(0),
  back: () => player.step(-STEP_BACK),
  forward: () => player.step(STEP_BACK),
  loop: () => player.toggleLoop(),
  slower: () => player.faster(-1),
  faster: () => player.faster(1),
  submit: accept,
  mend: () => checks.mendFirst(),
  tags: () => byId("tags").querySelector("button")?.focus(),
  tag: ({ digit }) => {
    const tag = tagOfKey(editor.guide, digit);
    if (tag) editor.writeTag(tag.name, tag.form);
  },
  leave: () => byId("player").focus(),
  write: () => editor.focus(),
  reject: rejecting.open,
  return: openReturn,
  guide: openGuide,
};

function ownKey(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey) return false;
  const digit = event.shiftKey && /^Digit([1-9])$/.exec(event.code)?.[1];
  const text = digit && task.texts[digit - 1];
  if (text && !text.skipped) take(text);
  else if (event.code === "KeyX") acts.reject();
  else if (event.code === "KeyZ") acts.return();
  else return false;
  return true;
}

function act(event, meant) {
  if (ownKey(event)) event.preventDefault();
  else if (meant && acts[meant.act]) {
    event.preventDefault();
    event.stopPropagation();
    acts[meant.act](meant);
  }
}

editor.box.addEventListener("keydown", (event) => act(event, keyWhileWriting(event, settings)));
byId("player").addEventListener("keydown", (event) => act(event, keyAtPlayer(event)));
for (const [id, name] of Object.entries({
  play: "toggle",
  back: "back",
  restart: "restart",
  loop: "loop",
  slower: "slower",
  faster: "faster",
  reject: "reject",
  return: "return",
  "open-guide": "guide",
})) {
  byId(id).addEventListener("click", () => acts[name]({}));
}
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  accept();
});
byId("look-again").addEventListener("click", refill);
byId("note-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("note").value.trim();
  if (!text) return;
  try {
    task.notes = await ask(`/review/${task.slot}/notes`, {
      method: "POST",
      body: { ...held(), text, request_id: crypto.randomUUID() },
    });
    byId("note").value = "";
    showNotes();
  } catch (error) {
    tell(error.message, "bad");
  }
});

/** Reasons can be chosen while the clip plays; it is sent once all of it was heard. */
function openReturn() {
  if (byId("return").disabled) return;
  showReturns();
  if (!player.heardWhole) player.playFrom(player.firstUnheard);
  returning.open();
}

function showReturns() {
  byId("returns-left").textContent = player.heardWhole
    ? returnsLeft(task.returns_left)
    : gettext("Listen to the whole clip once, then decide.");
  returning.update();
}

async function openGuide() {
  const { fillGuide } = await import("../parts/guide.js");
  fillGuide(byId("guide"), editor.guide);
  byId("guide").showModal();
}

async function refill() {
  try {
    open((await ask("/review/next", { method: "POST" })).task);
  } catch (error) {
    tell(error.message, "bad");
  }
}

let active = false;
editor.addEventListener("words", () => {
  active = true;
  keep();
});
player.addEventListener("change", () => {
  byId("play-word").textContent = player.playing ? gettext("Pause") : gettext("Play");
  byId("play").setAttribute("aria-pressed", String(player.playing));
  byId("loop").setAttribute("aria-pressed", String(settings.loop));
  byId("speed").textContent = `${settings.speed} ×`;
});
player.addEventListener("heard", () => {
  active = active || player.playing;
  byId("accept").setAttribute("aria-disabled", String(!player.heardWhole));
  if (!player.heardWhole) return;
  byId("heard").textContent = "";
  if (byId("return-dialog").open) showReturns();
});
player.addEventListener(
  "blocked",
  () => (byId("heard").textContent = gettext("Press Tab, or the button, to hear the clip.")),
);

setInterval(async () => {
  if (!task || !active) return;
  active = false;
  try {
    task.expires_at = (
      await ask(`/review/${task.slot}/heartbeat`, { method: "POST", body: held() })
    ).expires_at;
    showLease();
  } catch (error) {
    if (!(error instanceof Unreachable)) tell(error.message, "warn");
  }
}, page.heartbeat_minutes * 60000);

byId("paper").dataset.size = settings.size;
byId("letters").hidden = !settings.letters;
open(page.task);
announce(task ? byId("title").textContent : "");
