// Clips with their sound: fetched ahead while somebody works, kept on this device, links renewed without a word.

import { ask, page, Refused, Unreachable } from "../page.js";

export class Shelf {
  /** begun: the clip that begin.js plays already, or null */
  constructor(store, begun) {
    this.store = store;
    this.begun = begun;
    this.sounds = new Map(); // slot → Promise<Blob>
  }

  /** Every clip of the page's project that is kept here, in the order of the desk. */
  async kept() {
    const clips = (await this.store.all("clips")).map(({ sound, ...clip }) => clip);
    return clips
      .filter((clip) => clip.project === page.project)
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  async keep(clip) {
    await this.store.update("clips", clip.slot, (known) => ({ ...known, ...clip, project: page.project }));
  }

  async forget(slot) {
    this.sounds.delete(slot);
    await this.store.remove("clips", slot);
  }

  /** Its sound is of no use: the next time it comes from the server. */
  async forgetSound(clip) {
    this.sounds.delete(clip.slot);
    this.begun = null;
    await this.store.update("clips", clip.slot, (known) => ({
      ...(known || clip),
      sound: undefined,
      kind: undefined,
    }));
  }

  /** The sound of a clip, from this device or the server; asked for once however often it is wanted. */
  sound(clip) {
    if (!this.sounds.has(clip.slot)) {
      const coming = this.#bring(clip);
      this.sounds.set(clip.slot, coming);
      coming.catch(() => this.sounds.delete(clip.slot));
    }
    return this.sounds.get(clip.slot);
  }

  async #bring(clip) {
    const known = await this.store.get("clips", clip.slot);
    if (known?.sound) return new Blob([known.sound], { type: known.kind });
    const begun = this.begun?.slot === clip.slot && (await this.begun.sound);
    const blob = begun || (await (await this.#fetched(clip)).blob());
    const sound = await blob.arrayBuffer();
    await this.store.update("clips", clip.slot, (kept) => ({
      ...clip,
      project: page.project,
      ...kept,
      sound,
      kind: blob.type,
    }));
    return blob;
  }

  async #fetched(clip) {
    let answer = await fetchOrTell(clip.preview);
    if (answer.status === 410 || answer.status === 404) {
      const asked = new URLSearchParams({ token: clip.token, proof: clip.proof });
      clip.preview = (await ask(`/write/${clip.slot}/links?${asked}`)).preview;
      answer = await fetchOrTell(clip.preview);
    }
    if (!answer.ok) throw new Refused(answer.status, "no_sound", answer.statusText);
    return answer;
  }
}

async function fetchOrTell(address) {
  try {
    return await fetch(address, { signal: AbortSignal.timeout(30000) });
  } catch (cause) {
    throw new Unreachable("", { cause });
  }
}
