// Clips with their sound: fetched ahead while somebody works, kept on this device, links renewed without a word.

import { ask, Refused, Unreachable } from "../page.js";

export class Shelf {
  constructor(store) {
    this.store = store;
    this.sounds = new Map(); // slot → Promise<Blob>
  }

  /** Every clip kept here, in the order of the desk. */
  async kept() {
    const clips = (await this.store.all("clips")).map(({ sound, ...clip }) => clip);
    return clips.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  async keep(clip) {
    const known = await this.store.get("clips", clip.slot);
    await this.store.put("clips", clip.slot, { ...known, ...clip });
  }

  async forget(slot) {
    this.sounds.delete(slot);
    await this.store.remove("clips", slot);
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
    const answer = await this.#fetched(clip);
    const bytes = await answer.arrayBuffer();
    const kind = answer.headers.get("Content-Type") || "audio/ogg";
    await this.store.put("clips", clip.slot, { ...clip, ...known, sound: bytes, kind });
    return new Blob([bytes], { type: kind });
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
