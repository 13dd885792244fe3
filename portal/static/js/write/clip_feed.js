// @ts-check
// The clips at hand: the one in work, two more with their sound, each finished one on its way to the server.

import { ask } from "../page.js";
import { clipsToDo, keyOf } from "./merge.js";

const AT_HAND = 3; // short clips are written faster than a slow link brings the next

export class ClipFeed {
  /** @type {Clip[]} the clip in work first */
  clips = [];
  /** @type {Nothing | null} why the server has no clip */
  nothing = null;
  /** @type {Set<string>} what was finished on this page */
  #finished = new Set();
  #asking = false;

  /**
   * @param {object} kept
   * @param {import("./clip_cache.js").ClipCache} kept.cache
   * @param {import("./draft_store.js").DraftStore} kept.drafts
   * @param {import("./outbox.js").Outbox} kept.outbox
   */
  constructor({ cache, drafts, outbox }) {
    this.cache = cache;
    this.drafts = drafts;
    this.outbox = outbox;
  }

  /**
   * What the server says this person holds; null where it can't be asked.
   *
   * @param {HeldClips | null} held
   * @param {() => Clip | null} current
   * @param {(clip: Clip) => Promise<void>} left called with each clip that is theirs no more
   */
  async take(held, current, left) {
    const found = clipsToDo(held && held.clips, await this.cache.kept(), this.outbox.finished());
    const slots = new Set(found.todo.map((clip) => clip.slot));
    for (const [order, clip] of found.todo.entries()) {
      if (!this.isFinished(clip)) await this.cache.keep({ ...clip, order });
    }
    for (const clip of found.left) if (!slots.has(clip.slot) && !this.isFinished(clip)) await left(clip);
    // From here to the end nothing is waited for. What was finished while all this was asked and kept is left out.
    const open = found.todo.filter((clip) => !this.isFinished(clip));
    const now = current();
    const here = now && open.find((clip) => keyOf(clip) === keyOf(now));
    if (here) now.expires_at = here.expires_at;
    this.clips = here ? [now, ...open.filter((clip) => clip !== here)] : open;
    this.nothing = held ? held.nothing : null;
  }

  /**
   * Ask the server to fill up what is at hand, once everything finished is there. Gives null where there is no need.
   *
   * @param {boolean} anyway also where enough is at hand
   * @returns {Promise<HeldClips | null>} throws Refused, Unreachable
   */
  async claim(anyway) {
    const enough = this.clips.length >= AT_HAND && !anyway;
    if (this.#asking || enough || this.outbox.finished().size) return null;
    this.#asking = true;
    try {
      return await ask("/write/claim", { method: "POST", body: { want: AT_HAND } });
    } finally {
      this.#asking = false;
    }
  }

  /** Bring the sounds, one after the other. What doesn't come now is asked for again when it is its turn. */
  async prefetch() {
    for (const clip of [...this.clips]) await this.cache.sound(clip).catch(() => {});
  }

  /** @param {{slot: string, token: number}} clip */
  isFinished(clip) {
    return this.#finished.has(keyOf(clip));
  }

  /** @param {{slot: string, token: number}} clip */
  finish(clip) {
    this.#finished.add(keyOf(clip));
  }

  /** @param {{slot: string, token: number}} clip */
  comeBack(clip) {
    this.#finished.delete(keyOf(clip));
  }

  /**
   * A text of an earlier clip came back: it is the next one.
   *
   * @param {string} slot
   * @param {string} draft
   * @param {boolean} afterCurrent
   */
  async insert(slot, draft, afterCurrent) {
    const clip = (await this.cache.kept()).find((each) => each.slot === slot);
    if (!clip) return null;
    clip.draft = draft;
    this.clips.splice(afterCurrent ? 1 : 0, 0, clip);
    return clip;
  }

  /**
   * Forget a clip and its words; its name stays in the list while it is on the screen.
   *
   * @param {string} slot
   * @param {Clip | null} current
   */
  async forget(slot, current) {
    await this.drafts.remove("drafts", slot);
    await this.cache.forget(slot);
    this.clips = this.clips.filter((clip) => clip.slot !== slot || clip === current);
  }
}
