// @ts-check
// What keys and buttons do on every screen with a clip: playing, tags, the way between box and player.

import { byId, gettext } from "../page.js";
import { figure } from "./clock.js";
import { STEP_BACK } from "./player.js";
import { settings } from "./settings.js";
import { tagOfKey } from "./tags.js";

/** @typedef {Record<string, (meant: import("./keys.js").KeyAct) => void>} Commands */

const BUTTONS = {
  play: "toggle",
  back: "back",
  restart: "restart",
  loop: "loop",
  slower: "slower",
  faster: "faster",
  "open-guide": "guide",
};

/**
 * The commands that every such screen has.
 *
 * @param {object} parts
 * @param {import("./player.js").Player} parts.player
 * @param {import("./editor.js").Editor} parts.editor
 * @param {import("./checks.js").Checks} parts.checks
 * @returns {Commands}
 */
export function clipCommands({ player, editor, checks }) {
  return {
    toggle: () => player.toggle(),
    restart: () => player.playFrom(0),
    back: () => player.step(-STEP_BACK),
    forward: () => player.step(STEP_BACK),
    loop: () => player.toggleLoop(),
    slower: () => player.faster(-1),
    faster: () => player.faster(1),
    mend: () => checks.mendFirst(),
    tags: () => byId("tags").querySelector("button")?.focus(),
    tag: ({ digit = 0 }) => {
      const tag = editor.guide && tagOfKey(editor.guide, digit);
      if (tag) editor.writeTag(tag.name, tag.form);
    },
    leave: () => byId("player").focus(),
    write: () => editor.focus(),
    guide: async () => (await import("./guide.js")).openGuide(editor.guide),
  };
}

/**
 * Buttons that do what their key does.
 *
 * @param {Commands} commands
 * @param {Record<string, string>} [more] id of a button to its command, beside those of every screen
 */
export function wireButtons(commands, more = {}) {
  for (const [id, act] of Object.entries({ ...BUTTONS, ...more })) {
    byId(id).addEventListener("click", () => commands[act]({ act }));
  }
}

/**
 * Do what a key means, and let nobody else have it.
 *
 * @param {Commands} commands
 * @param {KeyboardEvent} event
 * @param {import("./keys.js").KeyAct | null} meant null for a key that is none of ours
 */
export function obey(commands, event, meant) {
  if (!meant || !commands[meant.act]) return;
  event.preventDefault();
  event.stopPropagation();
  commands[meant.act](meant);
}

/**
 * How the player stands, on its buttons.
 *
 * @param {import("./player.js").Player} player
 */
export function showPlayer(player) {
  player.addEventListener("change", () => {
    byId("play-word").textContent = player.playing ? gettext("Pause") : gettext("Play");
    byId("play").setAttribute("aria-pressed", String(player.playing));
    byId("loop").setAttribute("aria-pressed", String(settings.loop));
    byId("speed").textContent = `${figure(settings.speed, 2)} ×`;
  });
  player.addEventListener("blocked", () => {
    byId("heard").textContent = gettext("Press Tab, or the button, to hear the clip.");
  });
}
