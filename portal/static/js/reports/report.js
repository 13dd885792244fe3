// @ts-check
// A reported clip: hear it, mark by keys what nobody may hear, decide. No mouse is needed, and no drag.

import { byId, gettext, page } from "../page.js";
import { figure } from "../parts/clock.js";
import { obey } from "../parts/clip_commands.js";
import { Player } from "../parts/player.js";
import { Waveform } from "../parts/waveform.js";
import { Marks } from "./marks.js";

const STEP = 0.25; // seconds
const SVG = "http://www.w3.org/2000/svg";

const player = new Player(byId("sound"));
const marks = new Marks(Math.floor(page.seconds * 1000));
const wave = new Waveform(player, { wave: byId("wave"), ticks: byId("ticks") });
/** @type {HTMLInputElement} */
const written = byId("spans");
written.name = "spans";
player.seconds = page.seconds;
marks.read(written.value);
wave.show({ seconds: page.seconds, peaks: page.peaks });

const commands = {
  toggle: () => player.toggle(),
  back: () => player.step(-STEP),
  forward: () => player.step(STEP),
  from: () => changed(() => marks.from(player.at * 1000)),
  to: () => changed(() => marks.to(player.at * 1000)),
  drop: () => changed(() => marks.drop()),
};

/** @type {Record<string, keyof typeof commands>} */
const KEYS = {
  Space: "toggle",
  KeyK: "toggle",
  KeyJ: "back",
  ArrowLeft: "back",
  KeyL: "forward",
  ArrowRight: "forward",
  BracketLeft: "from",
  BracketRight: "to",
  Backspace: "drop",
};

/** @param {() => void} change */
function changed(change) {
  change();
  show();
}

function show() {
  written.value = marks.written;
  const said = marks.all.map(([start, end]) => `${figure(start / 1000, 2)} – ${figure(end / 1000, 2)} s`);
  if (marks.open !== null) said.push(`${figure(marks.open / 1000, 2)} – …`);
  byId("marks").textContent = said.length
    ? gettext("Marked: %(spans)s", { spans: said.join(", ") })
    : gettext("Nothing is marked yet: press [ where it starts and ] where it ends.");
  byId("marks").className = marks.all.length ? "state ok" : "state warn";
  for (const button of document.querySelectorAll("[data-marked]"))
    button.setAttribute("aria-disabled", String(!marks.all.length));
  draw();
}

function draw() {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${marks.length} 1`);
  picture.setAttribute("preserveAspectRatio", "none");
  const last = /** @type {import("./marks.js").Mark} */ ([
    marks.open ?? 0,
    (marks.open ?? 0) + marks.length / 200,
  ]);
  for (const [start, end] of marks.open === null ? marks.all : [...marks.all, last]) {
    const box = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x: start, y: 0, width: end - start, height: 1 }))
      box.setAttribute(name, String(value));
    picture.append(box);
  }
  byId("marked").replaceChildren(picture);
}

/** The tag in place of what is selected in the text. */
function putTag() {
  /** @type {HTMLTextAreaElement} */
  const text = byId("text");
  text.setRangeText(page.tag, text.selectionStart, text.selectionEnd, "end");
  text.focus();
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLButtonElement && event.code === "Space")
  )
    return;
  obey(commands, event, KEYS[event.code] ? { act: KEYS[event.code] } : null);
});
for (const name of /** @type {(keyof typeof commands)[]} */ (["back", "forward", "from", "to", "drop"]))
  byId(name).addEventListener("click", commands[name]);
byId("play").addEventListener("click", commands.toggle);
player.addEventListener("change", () => {
  byId("play-word").textContent = player.playing ? gettext("Pause") : gettext("Play");
  byId("play").setAttribute("aria-pressed", String(player.playing));
});
document.getElementById("put-tag")?.addEventListener("click", putTag);
byId("form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  if (event.submitter?.hasAttribute("data-marked") && !marks.all.length) event.preventDefault();
});
show();
byId("player").focus();
