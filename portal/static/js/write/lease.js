// @ts-check
// Until when the clip is theirs, and the heartbeats that move it on while somebody is at work.

import { gettext, isUnanswered, ngettext, Refused } from "../page.js";
import { timeOf } from "../parts/clock.js";
import { actAsHolder } from "./holding.js";

const IDLE = 30_000; // milliseconds; a longer pause is no work
const HOUR = 3_600_000; // milliseconds

export class Lease {
  /** @type {Clip | null} */
  clip = null;
  /** seconds of work at this clip */
  seconds = 0;
  #last = 0;
  #worked = false;

  /**
   * @param {HTMLElement} line where it is said
   * @param {number} minutes between two heartbeats
   * @param {object} clips
   * @param {(clip: Clip) => void} clips.lost called when it is somebody else's
   * @param {() => Clip[]} clips.atHand the clips held, this one first
   */
  constructor(line, minutes, { lost, atHand }) {
    this.line = line;
    this.lost = lost;
    this.atHand = atHand;
    setInterval(() => this.#beat(), minutes * 60_000);
    setInterval(() => this.show(), 30_000);
  }

  /**
   * @param {Clip} clip
   * @param {number} seconds of work in an earlier life
   */
  open(clip, seconds) {
    this.clip = clip;
    this.seconds = seconds;
    this.#last = 0;
    this.show();
  }

  close() {
    this.clip = null;
  }

  /** Somebody typed, or listens. */
  busy() {
    const now = Date.now();
    if (this.#last && now - this.#last < IDLE) this.seconds += (now - this.#last) / 1000;
    this.#last = now;
    this.#worked = true;
  }

  /**
   * @param {string} slot
   * @param {string | null} until
   */
  renewed(slot, until) {
    if (this.clip?.slot !== slot || !until) return;
    this.clip.expires_at = until;
    this.show();
  }

  show() {
    if (this.clip) this.line.textContent = leaseWords(new Date(this.clip.expires_at));
  }

  async #beat() {
    const { clip } = this;
    if (!clip || !this.#worked) return;
    this.#worked = false;
    for (const held of [clip, ...this.atHand().slice(1, 2)]) {
      try {
        this.renewed(held.slot, (await actAsHolder(held, "heartbeat")).expires_at);
      } catch (error) {
        if (!isUnanswered(error)) throw error;
        const over = error instanceof Refused && [404, 409].includes(error.status);
        if (held === clip && over) this.lost(clip);
      }
    }
  }
}

/** @param {Date} until */
function leaseWords(until) {
  const time = timeOf(until);
  const hours = (until.getTime() - Date.now()) / HOUR;
  if (hours < 0) return gettext("its time was over at %(time)s; yours while nobody takes it", { time });
  if (hours > 12) return ngettext("yours for %(num)s hour", "yours for %(num)s hours", Math.floor(hours));
  return gettext("yours until %(time)s, renews while you work", { time });
}
