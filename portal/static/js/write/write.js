// @ts-check
// The screen where people write: brings its parts together.

import { page, byId } from "../page.js";
import { Checks } from "../parts/checks.js";
import { Editor } from "../parts/editor.js";
import { Player } from "../parts/player.js";
import { seenBefore } from "../parts/settings.js";
import { Transliteration } from "../parts/transliteration.js";
import { Waveform } from "../parts/waveform.js";
import { ClipCache } from "./clip_cache.js";
import { ClipFeed } from "./clip_feed.js";
import { ClipSound } from "./clip_sound.js";
import { ClipView } from "./clip_view.js";
import { wire } from "./commands.js";
import { openStore } from "./draft_store.js";
import { showOtherTab } from "./empty_screen.js";
import { first } from "./first_sound.js";
import { Lease } from "./lease.js";
import { Neighbours } from "./neighbours.js";
import { Outbox } from "./outbox.js";
import { Saving } from "./saving.js";
import { singleTab } from "./single_tab.js";
import { Today } from "./today.js";
import { WriteController } from "./write_controller.js";

const LOOK_AGAIN = 60_000; // milliseconds, where there is no clip
const WORKER_AFTER = 4000; // milliseconds

async function open() {
  const drafts = await openStore(page.person);
  const player = new Player(byId("sound"));
  const editor = new Editor(byId("text"), byId("mirror"), byId("paper"));
  const cache = new ClipCache(drafts, first);
  const outbox = new Outbox(drafts, {
    receipt: (submission, receipt) => controller.receipt(submission, receipt),
    refused: (submission, error) => controller.refused(submission, error),
    state: ({ waiting, held }) => {
      byId("work").dataset.waiting = waiting.length;
      controller.heldUp(held);
      saving.show();
    },
  });
  const saving = new Saving(byId("saved"), drafts, outbox, editor);
  const feed = new ClipFeed({ cache, drafts, outbox });
  const lost = (/** @type {Clip} */ clip) => controller.lost(clip);
  const view = new ClipView({
    editor,
    saving,
    checks: new Checks(byId("findings"), editor, "/write/check"),
    wave: new Waveform(player, { wave: byId("wave"), ticks: byId("ticks") }),
    sound: new ClipSound(player, cache, lost),
    lease: new Lease(byId("lease"), page.heartbeat_minutes, { lost, atHand: () => feed.clips }),
    neighbours: new Neighbours(player, { before: byId("before"), after: byId("after") }),
    latin: new Transliteration(
      { bar: byId("typing"), switcher: byId("latin"), example: byId("latin-word") },
      editor,
    ),
  });
  const controller = new WriteController({ feed, view, drafts, outbox, today: new Today(page.today) });
  wire(controller);
  await outbox.open();
  await controller.begin(seenBefore(page.rendered) ? null : page.desk);
  addEventListener("online", () => controller.refill({ anyway: true }));
  setInterval(() => !controller.current && !document.hidden && controller.refill(), LOOK_AGAIN);
  return controller;
}

/** @type {Promise<WriteController> | null} of this tab, once it has the work */
let opened = null;

singleTab(`boli-desk-${page.person}`, {
  opened() {
    byId("nothing").hidden = true;
    opened = open();
  },
  async elsewhere(take) {
    byId("sound").pause();
    const controller = await opened;
    if (controller) await stop(controller);
    showOtherTab();
    const here = () => (controller ? location.reload() : take());
    byId("look-again").addEventListener("click", here, { once: true });
  },
});

/** @param {WriteController} controller */
async function stop({ view, outbox }) {
  await view.parts.saving.flush();
  outbox.paused = true;
  view.close();
}

if ("serviceWorker" in navigator) {
  // After the first sound: it brings every file of ours along, for days without network.
  setTimeout(() => navigator.serviceWorker.register("/sw.js"), WORKER_AFTER);
}
