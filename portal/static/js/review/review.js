// @ts-check
// The screen where people review: hear the clip, see where the texts differ, decide, next.

import { announce, ask, byId, gettext, isUnanswered, page, Unreachable } from "../page.js";
import { Checks } from "../parts/checks.js";
import { clipCommands, obey, showPlayer, wireButtons } from "../parts/clip_commands.js";
import { timeOf } from "../parts/clock.js";
import { download } from "../parts/download.js";
import { Editor } from "../parts/editor.js";
import { keyAtPlayer, keyWhileWriting } from "../parts/keys.js";
import { Player } from "../parts/player.js";
import { randomId } from "../parts/random_id.js";
import { reportDialog } from "../parts/report_clip.js";
import { settings } from "../parts/settings.js";
import { showChips } from "../parts/tags.js";
import { Waveform } from "../parts/waveform.js";
import { BothRight } from "./both_right.js";
import { markTaken, showTexts } from "./candidates.js";
import { declineDialog, returnsLeft } from "./decline_dialog.js";
import { forgetDraft, keepDraft, keptDraft } from "./review_draft.js";
import { showNotes } from "./review_notes.js";

const player = new Player(byId("sound"));
const editor = new Editor(byId("text"), byId("mirror"), byId("paper"));
const checks = new Checks(byId("findings"), editor, "/review/check");
const bothRight = new BothRight(byId("texts"));
const wave = new Waveform(player, { wave: byId("wave"), ticks: byId("ticks") });

/** @type {ReviewTask | null} */
let task = null;
/** @type {import("./review_draft.js").Taken} */
let taken = { id: null, text: "" };
let deciding = false;
let worked = false; // since the last heartbeat

/** @param {ReviewTask | null} next */
function open(next) {
  task = next;
  byId("work").hidden = !task;
  byId("nothing").hidden = Boolean(task);
  player.unload();
  byId("accept").setAttribute("aria-disabled", "true");
  if (!task) return;
  const guide = page.guides[task.language];
  byId("title").textContent = heading(task);
  byId("why").textContent = task.because;
  showLease(task);
  showTexts(byId("texts"), task, guide, take);
  bothRight.open(task);
  showChips({ tags: byId("tags"), letters: byId("letters") }, guide, editor);
  openText(task, guide);
  wave.show(task);
  showNotes(task.notes);
  byId("return").disabled = task.second_look || !task.texts.some((text) => !text.skipped);
  editor.focus();
  bringSound(task);
}

/**
 * The words in the box: as they stood here, or as proposed.
 *
 * @param {ReviewTask} now
 * @param {Guide} guide
 */
function openText(now, guide) {
  const proposed = now.texts.find((text) => text.text === now.proposal);
  const kept = keptDraft(now);
  taken = kept?.taken || { id: proposed?.id ?? null, text: now.proposal };
  editor.open(kept ? kept.text : now.proposal, guide);
  markTaken(byId("texts"), taken.id);
  checks.open(now);
}

/** @param {ReviewTask} now */
function heading(now) {
  if (now.second_look) return gettext("A second look");
  if (now.words.some((word) => !word.agreed)) return gettext("The texts differ");
  return now.compared.length ? gettext("A text to look at") : gettext("Nobody has written this");
}

/**
 * An act on the task, sent as its holder.
 *
 * @param {ReviewTask} now
 * @param {string} act
 * @param {object} [body]
 */
function send({ slot, token, proof }, act, body = {}) {
  return ask(`/review/${slot}/${act}`, { method: "POST", body: { token, proof, ...body } });
}

/** @param {ReviewTask} now */
async function bringSound(now) {
  let came = await download(now.preview).catch(() => null);
  if (came && !came.ok) {
    const renewed = await send(now, "links").catch(() => null);
    if (renewed) came = await download(renewed.preview).catch(() => null);
  }
  if (task !== now) return;
  if (!came?.ok) return say(gettext("The sound did not come. Look again in a moment."), "warn");
  player.load(URL.createObjectURL(came.blob), now.seconds);
  if (settings.autoplay) player.play();
}

/** @param {CandidateText} text */
function take(text) {
  taken = { id: text.id, text: text.text };
  editor.write(text.text, 0, editor.text.length);
  markTaken(byId("texts"), text.id);
  keep();
  checks.soon(0);
}

function keep() {
  if (task) keepDraft(task, { text: editor.text, taken });
}

async function accept() {
  if (!player.heardWhole) {
    // Nobody judges a text by its looks.
    byId("heard").textContent = gettext("Listen to the whole clip once, then decide.");
    player.playFrom(player.firstUnheard);
    return;
  }
  await checks.now();
  if (checks.blocking.length) checks.toFirstBlocking();
  else {
    const { id, text } = taken;
    const body = { text: editor.text, offered: text, from_text: id, both_right: bothRight.pairs };
    await decide("accept", body);
  }
}

/**
 * @param {"accept" | "decline"} act
 * @param {object} body
 */
async function decide(act, body) {
  if (deciding || !task) return;
  deciding = true;
  try {
    const decided = await send(task, act, body);
    forgetDraft(task);
    say(decided.message, decided.in_force ? "ok" : "warn");
    open(decided.task);
  } catch (error) {
    sayWhatFailed(error);
  } finally {
    deciding = false;
  }
}

/**
 * @param {string} message
 * @param {"ok" | "warn" | "bad"} mark
 */
function say(message, mark) {
  const line = byId("message");
  line.className = `state ${mark}`;
  line.textContent = message;
  line.hidden = false;
}

/** @param {unknown} error */
function sayWhatFailed(error) {
  if (!isUnanswered(error)) throw error;
  say(error.message, "bad");
}

/** @param {ReviewTask} now */
function showLease(now) {
  const time = timeOf(now.expires_at);
  byId("lease").textContent = gettext("yours until %(time)s, renews while you work", { time });
}

// ---- sending back and rejecting

const returning = declineDialog(
  "return-dialog",
  (reasons, note) => decide("decline", { decision: "send_back", reasons, note, from_text: taken.id }),
  () => player.heardWhole && (task?.returns_left ?? 0) > 0,
);
const rejecting = declineDialog("reject-dialog", (reasons, note) =>
  decide("decline", { decision: "reject_audio", reasons, note }),
);

/** Reasons can be chosen while the clip plays; it is sent once all of it was heard. */
function openReturn() {
  if (byId("return").disabled) return;
  showReturns();
  if (!player.heardWhole) player.playFrom(player.firstUnheard);
  returning.open();
}

function showReturns() {
  const words = player.heardWhole
    ? returnsLeft(task?.returns_left ?? 0)
    : gettext("Listen to the whole clip once, then decide.");
  byId("returns-left").textContent = words;
  returning.update();
}

// ---- reporting

const reporting = reportDialog(
  async (_, message) => {
    open((await ask("/review/next", { method: "POST" })).task);
    say(message, "ok");
  },
  (message) => say(message, "bad"),
);

// ---- keys and buttons

const commands = {
  ...clipCommands({ player, editor, checks }),
  submit: accept,
  reject: rejecting.open,
  return: openReturn,
  report: () => task && reporting(task.clip),
  both: () => bothRight.next(),
  candidate: (/** @type {import("../parts/keys.js").KeyAct} */ { digit = 0 }) => {
    const text = task?.texts[digit - 1];
    if (text && !text.skipped) take(text);
  },
};

/**
 * What a key means on this screen alone; null for any other.
 *
 * @param {KeyboardEvent} event
 * @returns {import("../parts/keys.js").KeyAct | null}
 */
function ownKey(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.code === "KeyX") return { act: "reject" };
  if (event.code === "KeyZ") return { act: "return" };
  if (event.code === "KeyP") return { act: "report" };
  if (event.code === "KeyE") return { act: "both" };
  const digit = event.shiftKey && /^Digit([1-9])$/.exec(event.code)?.[1];
  const text = digit && task?.texts[Number(digit) - 1];
  return text && !text.skipped ? { act: "candidate", digit: Number(digit) } : null;
}

editor.box.addEventListener("keydown", (event) => {
  obey(commands, event, ownKey(event) || keyWhileWriting(event, settings));
});
byId("player").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  obey(commands, event, ownKey(event) || keyAtPlayer(event));
});
wireButtons(commands, { reject: "reject", return: "return", report: "report" });
byId("form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  accept();
});
byId("look-again").addEventListener("click", async () => {
  try {
    open((await ask("/review/next", { method: "POST" })).task);
  } catch (error) {
    sayWhatFailed(error);
  }
});
byId("note-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const text = byId("note").value.trim();
  if (!text || !task) return;
  try {
    task.notes = await send(task, "notes", { text, request_id: randomId() });
    byId("note").value = "";
    showNotes(task.notes);
  } catch (error) {
    sayWhatFailed(error);
  }
});

// ---- while somebody works

editor.addEventListener("words", () => {
  worked = true;
  keep();
});
showPlayer(player);
player.addEventListener("heard", () => {
  worked ||= player.playing;
  byId("accept").setAttribute("aria-disabled", String(!player.heardWhole));
  if (!player.heardWhole) return;
  byId("heard").textContent = "";
  if (byId("return-dialog").open) showReturns();
});
setInterval(async () => {
  const now = task;
  if (!now || !worked) return;
  worked = false;
  try {
    now.expires_at = (await send(now, "heartbeat")).expires_at;
    if (task === now) showLease(now);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    if (!(error instanceof Unreachable)) say(error.message, "warn");
  }
}, page.heartbeat_minutes * 60_000);

byId("paper").dataset.size = settings.size;
byId("letters").hidden = !settings.letters;
open(page.task);
announce(task ? byId("title").textContent : "");
