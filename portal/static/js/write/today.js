// The day in figures, at the head of the page.

import { ask, Refused, Unreachable } from "../page.js";

export class Strip {
  constructor(today) {
    this.today = today;
  }

  async refresh() {
    try {
      this.today = await ask("/write/today");
    } catch (error) {
      if (error instanceof Unreachable || error instanceof Refused) return; // figures can wait
      throw error;
    }
    for (const name of ["clips", "accepted", "earned"]) {
      const place = document.getElementById(`strip-${name}`);
      if (place) place.textContent = this.today[name];
    }
  }
}
