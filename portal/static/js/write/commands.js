// @ts-check
// Every key and button of this screen, and what follows from playing and typing.

import { byId, gettext } from "../page.js";
import { clipCommands, obey, showPlayer, wireButtons } from "../parts/clip_commands.js";
import { keyAtPlayer, keyAnywhere, keyWhileWriting } from "../parts/keys.js";
import { reasonDialog } from "../parts/reason_dialog.js";
import { settings } from "../parts/settings.js";
import { settingsDialog } from "./dialogs.js";

const RESUME_AFTER = 1000; // milliseconds without a key, where sound pauses while typing

/** @typedef {import("./write_controller.js").WriteController} WriteController */

/** @param {WriteController} controller */
export function wire(controller) {
  const { neighbours, latin } = controller.view.parts;
  const pass = (/** @type {"skip" | "report"} */ kind) => (/** @type {string} */ code) =>
    controller.pass(kind, code, kind === "skip" && byId("skip-later").checked);
  const { player } = controller.view.parts.sound;
  const commands = {
    ...clipCommands({ ...controller.view.parts, player }),
    submit: () => controller.submit(),
    latin: () => latin.toggle(),
    before: () => neighbours.play("before"),
    after: () => neighbours.play("after"),
    skip: reasonDialog("skip-dialog", pass("skip")),
    report: reasonDialog("report-dialog", pass("report")),
    settings: settingsDialog(applySettings),
    bundle: () => openBundle(controller),
  };
  wireKeys(controller, commands);
  const more = { skip: "skip", report: "report", "open-settings": "settings", "open-bundle": "bundle" };
  wireButtons(commands, more);
  byId("look-again").addEventListener("click", () => controller.refill());
  byId("form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    controller.submit();
  });
  showPlayer(player);
  player.addEventListener("heard", () => followHearing(controller));
  followTyping(controller);
  applySettings();
}

/**
 * @param {WriteController} controller
 * @param {import("../parts/clip_commands.js").Commands} commands
 */
function wireKeys({ view }, commands) {
  const { editor, latin } = view.parts;
  editor.box.addEventListener("keydown", (event) => {
    if (!latin.key(event)) return obey(commands, event, keyWhileWriting(event, settings));
    event.preventDefault();
    event.stopPropagation();
  });
  byId("player").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.target === byId("player")) obey(commands, event, keyAtPlayer(event));
    else if (event.code === "Escape") obey(commands, event, { act: "write" });
  });
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || byId("work").hidden) return;
    obey(commands, event, keyAnywhere(event));
  });
}

/** @param {WriteController} controller */
async function openBundle(controller) {
  const { openBundleDialog } = await import("./offline_bundle.js");
  openBundleDialog({
    cache: controller.feed.cache,
    drafts: controller.drafts,
    changed: (held) => controller.take(held),
    toDo: () => controller.feed.clips,
  });
}

/** What was heard is kept with the words, and opens the way to sending. @param {WriteController} controller */
function followHearing({ view, states }) {
  const { lease, saving, sound } = view.parts;
  const { player } = sound;
  const whole = player.heardWhole;
  if (player.playing) lease.busy();
  byId("submit").setAttribute("aria-disabled", String(!whole && !states.is("lost")));
  byId("work").dataset.heard = whole;
  byId("heard").textContent = whole ? "" : gettext("Listen to the whole clip once, then send.");
  if (!saving.clip || !player.seconds) return; // between two sounds nothing is heard, and nothing forgotten
  saving.draft.heard = player.heard;
  if (!player.playing) saving.keep();
}

/** Typing is work; and the sound waits for it, where somebody likes that. @param {WriteController} controller */
function followTyping({ view }) {
  const { editor, lease, saving, sound } = view.parts;
  const { player } = sound;
  let resume = 0;
  editor.addEventListener("words", () => {
    lease.busy();
    if (saving.clip) saving.draft.active = lease.seconds;
    if (!settings.pauses || !(player.playing || resume)) return;
    player.pause();
    clearTimeout(resume);
    resume = setTimeout(() => {
      resume = 0;
      player.step(-1);
      player.play();
    }, RESUME_AFTER);
  });
}

function applySettings() {
  byId("paper").dataset.size = settings.size;
  byId("letters").hidden = !settings.letters;
  byId("wave").closest(".waves").hidden = !settings.wave;
  byId("play-key").textContent = settings.tabPlays ? "Tab" : "Shift Space";
}
