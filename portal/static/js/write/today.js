// @ts-check
// The day in figures, at the head of the page.

import { ask, isUnanswered } from "../page.js";

export class Today {
  /** @param {DayFigures} figures */
  constructor(figures) {
    this.figures = figures;
  }

  async refresh() {
    try {
      this.figures = await ask("/write/today");
    } catch (error) {
      if (isUnanswered(error)) return; // figures can wait
      throw error;
    }
    for (const name of /** @type {const} */ (["clips", "accepted", "earned"])) {
      const place = document.getElementById(`strip-${name}`);
      if (place) place.textContent = this.figures[name];
    }
  }
}
