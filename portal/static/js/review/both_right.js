// @ts-check
// The words that a reviewer calls right both ways, marked column by column, sent with the acceptance.

import { gettext, make } from "../page.js";

export class BothRight {
  /** @type {ReviewTask | null} */
  #task = null;
  #place;

  /** @param {HTMLElement} place where the texts stand word under word */
  constructor(place) {
    this.#place = place;
    place.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button[data-column]");
      if (button) mark(button, button.getAttribute("aria-pressed") !== "true");
    });
  }

  /**
   * After the texts of a task are shown.
   *
   * @param {ReviewTask} task
   */
  open(task) {
    this.#task = task;
    if (!this.#columns.length) return;
    const onclick = () => this.next();
    const said = [gettext("Both right"), " ", make("kbd", {}, "Alt E")];
    const act = make("button", { type: "button", class: "both-right", onclick }, ...said);
    this.#place.querySelector(".compared")?.after(act);
  }

  /** Mark the next word that differs; where all are marked, none. */
  next() {
    const columns = this.#columns;
    const open = columns.find((each) => each.getAttribute("aria-pressed") !== "true");
    if (open) mark(open, true);
    else for (const each of columns) mark(each, false);
  }

  /** @returns {[string, string][]} */
  get pairs() {
    const marked = this.#columns.filter((each) => each.getAttribute("aria-pressed") === "true");
    return marked.flatMap((each) => this.#task?.words[Number(each.dataset.column)]?.pairs ?? []);
  }

  get #columns() {
    return [...this.#place.querySelectorAll(/** @type {"button"} */ ("button[data-column]"))];
  }
}

/**
 * @param {Element} button
 * @param {boolean} right
 */
function mark(button, right) {
  button.setAttribute("aria-pressed", String(right));
}
