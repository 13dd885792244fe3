// The transcriber's desk: brings its parts together, and gives every key and button its act.

import { page, byId, gettext } from "../page.js";
import { first } from "./first_sound.js";
import { Around } from "./neighbours.js";
import { Checks } from "../parts/checks.js";
import { Editor } from "../parts/editor.js";
import { keyAtPlayer, keyAnywhere, keyWhileWriting } from "../parts/keys.js";
import { Lease } from "./lease.js";
import { reasonDialog, settingsDialog } from "../parts/dialogs.js";
import { Outbox } from "./outbox.js";
import { Player, STEP_BACK } from "../parts/player.js";
import { Round } from "./controller.js";
import { Saving } from "./saving.js";
import { seenBefore, settings } from "../parts/settings.js";
import { Shelf } from "./clip_cache.js";
import { openStore } from "./draft_store.js";
import { Strip } from "./today.js";
import { oneTab } from "./single_tab.js";
import { tagOfKey } from "../parts/tags.js";
import { Transliteration } from "./transliteration.js";
import { Waveform } from "../parts/waveform.js";

const RESUME_AFTER = 1000; // milliseconds without a key, where sound pauses while typing
const LOOK_AGAIN = 60000;

async function open() {
  const store = await openStore(page.person);
  const player = new Player(byId("sound"));
  const editor = new Editor(byId("text"), byId("mirror"), byId("paper"));
  const shelf = new Shelf(store, first);
  let round = null;
  let saving = null;
  const outbox = new Outbox(store, {
    receipt: (sending, receipt) => round.receipt(sending, receipt),
    refused: (sending, error) => round.refused(sending, error),
    state: ({ waiting, held }) => {
      byId("work").dataset.waiting = waiting.length;
      round?.heldUp(held);
      saving.show();
    },
  });
  saving = new Saving(byId("saved"), store, outbox, editor);
  const parts = {
    store,
    player,
    editor,
    shelf,
    outbox,
    saving,
    checks: new Checks(byId("findings"), editor),
    wave: new Waveform(player, { wave: byId("wave"), ticks: byId("ticks") }),
    lease: new Lease(byId("lease"), page.heartbeat_minutes, {
      lost: (clip) => round.lost(clip),
      atHand: () => round.clips,
    }),
    around: new Around(player, byId("before"), byId("after")),
    latin: new Transliteration(
      { bar: byId("typing"), switcher: byId("latin"), example: byId("latin-word") },
      editor,
    ),
    strip: new Strip(page.today),
  };
  round = new Round(parts);
  wire(round, parts);
  await outbox.open();
  await round.begin(seenBefore(page.rendered) ? null : page.desk);
  addEventListener("online", () => round.refill({ anyway: true }));
  setInterval(() => !round.current && !document.hidden && round.refill(), LOOK_AGAIN);
  return parts;
}

function wire(round, { player, editor, saving, checks, lease, around, latin, store, shelf }) {
  const openSkip = reasonDialog("skip-dialog", (code) =>
    round.pass("skip", code, byId("skip-later").checked),
  );
  const openReport = reasonDialog("report-dialog", (code) => round.pass("report", code));
  const openSettings = settingsDialog(applySettings);
  const acts = {
    toggle: () => player.toggle(),
    restart: () => player.playFrom(0),
    back: () => player.step(-STEP_BACK),
    forward: () => player.step(STEP_BACK),
    loop: () => player.toggleLoop(),
    slower: () => player.faster(-1),
    faster: () => player.faster(1),
    submit: () => round.submit(),
    latin: () => latin.toggle(),
    mend: () => checks.mendFirst(),
    tags: () => byId("tags").querySelector("button")?.focus(),
    tag: ({ digit }) => {
      const tag = editor.guide && tagOfKey(editor.guide, digit);
      if (tag) editor.writeTag(tag.name, tag.form);
    },
    before: () => around.play("before"),
    after: () => around.play("after"),
    leave: () => byId("player").focus(),
    write: () => editor.focus(),
    skip: openSkip,
    report: openReport,
    guide: openGuide,
    settings: openSettings,
  };
  const act = (event, meant) => {
    if (!meant) return;
    event.preventDefault();
    event.stopPropagation();
    acts[meant.act](meant);
  };

  async function openGuide() {
    const { fillGuide } = await import("../parts/guide.js");
    if (!editor.guide) return;
    fillGuide(byId("guide"), editor.guide);
    byId("guide").showModal();
  }

  async function openAlong() {
    const { alongDialog } = await import("./offline_bundle.js");
    openAlong.made ??= alongDialog({
      shelf,
      store,
      changed: (desk) => round.take(desk),
      toDo: () => round.clips,
    });
    openAlong.made();
  }

  editor.box.addEventListener("keydown", (event) => {
    if (latin.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else act(event, keyWhileWriting(event, settings));
  });
  byId("player").addEventListener("keydown", (event) => {
    if (event.target === byId("player")) act(event, keyAtPlayer(event));
    else if (event.code === "Escape") act(event, { act: "write" });
  });
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector("dialog[open]") && !byId("work").hidden) act(event, keyAnywhere(event));
  });
  for (const [id, name] of Object.entries({
    play: "toggle",
    back: "back",
    restart: "restart",
    loop: "loop",
    slower: "slower",
    faster: "faster",
    skip: "skip",
    report: "report",
    "open-guide": "guide",
    "open-settings": "settings",
  })) {
    byId(id).addEventListener("click", () => acts[name]({}));
  }
  byId("open-along").addEventListener("click", openAlong);
  byId("look-again").addEventListener("click", () => round.refill());
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    round.submit();
  });

  player.addEventListener("change", () => {
    byId("play-word").textContent = player.playing ? gettext("Pause") : gettext("Play");
    byId("play").setAttribute("aria-pressed", String(player.playing));
    byId("loop").setAttribute("aria-pressed", String(settings.loop));
    byId("speed").textContent =
      `${new Intl.NumberFormat(`${page.language}-IN-u-nu-latn`).format(settings.speed)} ×`;
  });
  player.addEventListener("heard", () => {
    const whole = player.heardWhole;
    if (player.playing) lease.busy();
    byId("submit").setAttribute("aria-disabled", String(!whole && !round.frozen));
    byId("work").dataset.heard = whole;
    byId("heard").textContent = whole ? "" : gettext("Listen to the whole clip once, then send.");
    if (saving.clip) {
      saving.record.heard = player.heard;
      if (!player.playing) saving.keep();
    }
  });
  player.addEventListener("broken", () => round.mendSound());
  player.addEventListener(
    "blocked",
    () => (byId("heard").textContent = gettext("Press Tab, or the button, to hear the clip.")),
  );

  let resume = null;
  editor.addEventListener("words", () => {
    lease.busy();
    if (saving.record) saving.record.active = lease.seconds;
    if (!settings.pauses || !(player.playing || resume)) return;
    player.pause();
    clearTimeout(resume);
    resume = setTimeout(() => {
      resume = null;
      player.step(-1);
      player.play();
    }, RESUME_AFTER);
  });

  function applySettings() {
    byId("paper").dataset.size = settings.size;
    byId("letters").hidden = !settings.letters;
    byId("wave").closest(".waves").hidden = !settings.wave;
    byId("play-key").textContent = settings.tabPlays ? "Tab" : "Shift Space";
  }
  applySettings();
}

let opened = null; // the desk of this tab, once it has one

oneTab(`boli-desk-${page.person}`, {
  opened() {
    byId("nothing").hidden = true;
    opened = open();
  },
  async elsewhere(take) {
    byId("sound").pause();
    const desk = await opened;
    if (desk) {
      await desk.saving.flush();
      desk.outbox.paused = true;
      desk.saving.close();
      desk.player.pause();
    }
    byId("work").hidden = true;
    byId("nothing-title").textContent = gettext("You are writing in another tab.");
    byId("nothing-then").textContent = gettext("One tab at a time holds the desk, so that no words cross.");
    byId("nothing").hidden = false;
    const button = byId("look-again");
    button.textContent = gettext("Write here");
    button.addEventListener("click", () => (desk ? location.reload() : take()), { once: true });
  },
});

if ("serviceWorker" in navigator) {
  // After the first sound: it brings every file of ours along, for days without network.
  setTimeout(() => navigator.serviceWorker.register("/sw.js"), 4000);
}
