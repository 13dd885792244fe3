// @ts-check
// Clips with their sound: fetched ahead while somebody works, kept on this device, links renewed without a word.

import { page, Refused } from "../page.js";
import { download } from "../parts/download.js";
import { askAsHolder } from "./holding.js";

export class ClipCache {
  /** @type {Map<string, Promise<Blob>>} by slot */
  #sounds = new Map();

  /**
   * @param {import("./draft_store.js").DraftStore} store
   * @param {typeof import("./first_sound.js").first} begun the clip that first_sound.js plays already
   */
  constructor(store, begun) {
    this.store = store;
    this.begun = begun;
  }

  /**
   * Every clip of the page's project that is kept here, in the order of the work.
   *
   * @returns {Promise<Clip[]>}
   */
  async kept() {
    /** @type {KeptClip[]} */
    const clips = await this.store.all("clips");
    return clips
      .map(({ sound, ...clip }) => clip)
      .filter((clip) => clip.project === page.project)
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  /** @param {Clip} clip */
  async keep(clip) {
    await this.store.update("clips", clip.slot, (known) => ({ ...known, ...clip, project: page.project }));
  }

  /** @param {string} slot */
  async forget(slot) {
    this.#sounds.delete(slot);
    await this.store.remove("clips", slot);
  }

  /**
   * Its sound is of no use: the next time it comes from the server.
   *
   * @param {Clip} clip
   */
  async forgetSound(clip) {
    this.#sounds.delete(clip.slot);
    this.begun = null;
    const without = (/** @type {KeptClip | undefined} */ known) => ({
      ...(known || clip),
      sound: undefined,
      kind: undefined,
    });
    await this.store.update("clips", clip.slot, without);
  }

  /**
   * The sound of a clip, from this device or the server; asked for once however often it is wanted.
   *
   * @param {Clip} clip
   */
  sound(clip) {
    const known = this.#sounds.get(clip.slot);
    if (known) return known;
    const coming = this.#bring(clip);
    this.#sounds.set(clip.slot, coming);
    coming.catch(() => this.#sounds.delete(clip.slot));
    return coming;
  }

  /** @param {Clip} clip */
  async #bring(clip) {
    /** @type {KeptClip | undefined} */
    const known = await this.store.get("clips", clip.slot);
    if (known?.sound) return new Blob([known.sound], { type: known.kind });
    const begun = this.begun?.slot === clip.slot && (await this.begun.sound);
    const blob = begun || (await this.#fetched(clip));
    const sound = await blob.arrayBuffer();
    const { project } = page;
    await this.store.update("clips", clip.slot, (kept) => ({
      ...clip,
      project,
      ...kept,
      sound,
      kind: blob.type,
    }));
    return blob;
  }

  /** @param {Clip} clip */
  async #fetched(clip) {
    let came = await download(clip.preview);
    if (!came.ok && (came.status === 410 || came.status === 404)) {
      clip.preview = (await askAsHolder(clip, "links")).preview;
      came = await download(clip.preview);
    }
    if (!came.ok) throw new Refused(came.status, "no_sound", came.statusText);
    return came.blob;
  }
}
