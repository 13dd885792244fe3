// Until when the clip is theirs, and the signs of life that move it on while somebody is at work.

import { ask, gettext, Refused, Unreachable } from "../page.js";
import { timeOf } from "../parts/clock.js";

const IDLE = 30000; // milliseconds; a longer pause is no work

export class Lease {
  /** minutes: between two signs of life. lost(clip): told when it is somebody else's. atHand(): the clips held, this one first */
  constructor(line, minutes, { lost, atHand }) {
    this.line = line;
    this.lost = lost;
    this.atHand = atHand;
    this.clip = null;
    this.last = 0;
    this.busySince = false;
    this.seconds = 0;
    setInterval(() => this.#beat(), minutes * 60000);
    setInterval(() => this.show(), 30000);
  }

  open(clip, seconds) {
    this.clip = clip;
    this.seconds = seconds || 0;
    this.last = 0;
    this.show();
  }

  close() {
    this.clip = null;
  }

  /** Somebody typed, or listens. */
  busy() {
    const now = Date.now();
    if (this.last && now - this.last < IDLE) this.seconds += (now - this.last) / 1000;
    this.last = now;
    this.busySince = true;
  }

  renewed(slot, until) {
    if (this.clip?.slot !== slot || !until) return;
    this.clip.expires_at = until;
    this.show();
  }

  show() {
    if (!this.clip) return;
    const until = new Date(this.clip.expires_at);
    const time = timeOf(until);
    const hours = (until - Date.now()) / 3600000;
    if (hours < 0)
      this.line.textContent = gettext("its time was over at %(time)s; yours while nobody takes it", { time });
    else if (hours > 12)
      this.line.textContent = gettext("yours for %(hours)s hours", { hours: Math.floor(hours) });
    else this.line.textContent = gettext("yours until %(time)s, renews while you work", { time });
  }

  async #beat() {
    const { clip } = this;
    if (!clip || !this.busySince) return;
    this.busySince = false;
    for (const held of [clip, ...this.atHand().slice(1, 2)]) {
      try {
        const renewed = await ask(`/write/${held.slot}/heartbeat`, {
          method: "POST",
          body: { token: held.token, proof: held.proof },
        });
        this.renewed(held.slot, renewed.expires_at);
      } catch (error) {
        if (!(error instanceof Refused) && !(error instanceof Unreachable)) throw error;
        if (held === clip && [404, 409].includes(error.status)) this.lost(clip);
      }
    }
  }
}
