// @ts-check
// A reviewer puts word times right by keys: choose a word, move its start or its end, hear it after every move, save.
// The markup is review/times_of_clip.html.j2; the player is that of aligned.js.

import { announce, ask, byId, gettext, page } from "../page.js";
import { players } from "./aligned.js";
import { RATE, moved } from "./moving.js";

/** @typedef {import("./moving.js").Edge} Edge */
/** @typedef {readonly import("./moving.js").WordSpan[]} Words */

const STEP = RATE / 100; // 10 ms
const FAR = 5; // steps, with Shift

/** @type {Record<string, [Edge, 1 | -1]>} by KeyboardEvent.code: the left hand has the start, the right hand the end */
const MOVES = { KeyQ: ["start", -1], KeyW: ["start", 1], KeyO: ["end", -1], KeyP: ["end", 1] };

class TimesFixer {
  /** @param {import("./aligned.js").AlignedClip} player */
  constructor(player) {
    this.player = player;
    this.length = Math.round(player.seconds * RATE);
    /** @type {Words} */
    this.words = player.words.map(({ start, end }) => ({
      start: Math.round(start * RATE),
      end: Math.round(end * RATE),
    }));
    /** @type {Words[]} */
    this.undone = [];
    this.chosen = 0;
    this.kept = `boli-times-${page.person}-${page.seen}`;
    this.#restore();
    this.#listen();
    this.#show();
  }

  #listen() {
    const { root } = this.player;
    root.addEventListener("word", (event) => {
      this.chosen = /** @type {CustomEvent<number>} */ (event).detail;
      this.#show();
    });
    root.addEventListener("keydown", (event) => this.#onKey(event));
    byId("edges").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#onKey(event));
    byId("edges").addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (!button) return;
      const { edge, by } = button.dataset;
      if (edge) this.#move(/** @type {Edge} */ (edge), Number(by));
      else if (button.id === "undo") this.#undo();
      else if (button.id === "hear") this.player.hear(this.chosen);
      else if (button.id === "save") this.#save();
    });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const bare = !event.altKey && !event.ctrlKey && !event.metaKey;
    const move = bare && MOVES[event.code];
    if (move) this.#move(move[0], move[1] * (event.shiftKey ? FAR : 1));
    else if (bare && event.code === "KeyH") this.player.hear(this.chosen);
    else if (!event.altKey && event.code === "KeyZ") this.#undo();
    else if (event.ctrlKey && event.code === "Enter") this.#save();
    else return;
    event.preventDefault();
  }

  /**
   * @param {Edge} edge
   * @param {number} steps
   */
  #move(edge, steps) {
    const next = moved(this.words, { index: this.chosen, edge, by: steps * STEP, length: this.length });
    if (next === this.words) {
      this.#say(gettext("It can't move further."));
      return;
    }
    this.undone.push(this.words);
    this.#become(next);
  }

  #undo() {
    const before = this.undone.pop();
    if (before) this.#become(before);
    else this.#say(gettext("Nothing to undo."));
  }

  /** @param {Words} words */
  #become(words) {
    this.words = words;
    this.#keep();
    this.#show();
    this.player.hear(this.chosen);
    const { start, end } = words[this.chosen];
    announce(gettext("From %(start)s to %(end)s", { start: seconds(start), end: seconds(end) }));
  }

  #show() {
    this.player.words.splice(0, Infinity, ...this.words.map(inSeconds));
    this.player.buttons.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(index === this.chosen)),
    );
    const word = this.words[this.chosen];
    byId("chosen").textContent = this.player.buttons[this.chosen].textContent;
    byId("start-at").textContent = seconds(word.start);
    byId("end-at").textContent = seconds(word.end);
    byId("undo").disabled = !this.undone.length;
    this.player.drawAll();
  }

  /** Moves outlive a page that is loaded again, because its link to the sound was over. */
  #keep() {
    sessionStorage.setItem(this.kept, JSON.stringify(this.words));
  }

  #restore() {
    const kept = sessionStorage.getItem(this.kept);
    const words = kept ? JSON.parse(kept) : null;
    if (!words || words.length !== this.words.length) return;
    this.undone.push(this.words);
    this.words = words;
    this.#say(gettext("What you moved before is here again."));
  }

  async #save() {
    byId("save").disabled = true;
    try {
      const { next } = await ask(location.pathname, {
        method: "POST",
        body: { seen: page.seen, spans: this.words.map(({ start, end }) => [start, end]) },
      });
      sessionStorage.removeItem(this.kept);
      location.assign(next);
    } catch (error) {
      byId("save").disabled = false;
      this.#say(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} words */
  #say(words) {
    byId("said").textContent = words;
  }
}

/** @param {import("./moving.js").WordSpan} word */
function inSeconds({ start, end }) {
  return { start: start / RATE, end: end / RATE };
}

/** @param {number} samples */
function seconds(samples) {
  const style = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const number = new Intl.NumberFormat(page.language, style).format(samples / RATE);
  return gettext("%(number)s s", { number });
}

new TimesFixer(players[0]);
