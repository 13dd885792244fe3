// @ts-check
// The sound of the clip in work: from this device or the server, got anew where it stops coming.

import { gettext, isUnanswered, Refused } from "../page.js";
import { notice } from "../parts/notices.js";
import { settings } from "../parts/settings.js";

export class ClipSound {
  /** @type {Clip | null} */
  #clip = null;
  /** @type {Clip | null} whose sound was got anew already */
  #mended = null;

  /**
   * @param {import("../parts/player.js").Player} player
   * @param {import("./clip_cache.js").ClipCache} cache
   * @param {(clip: Clip) => void} lost called where the server says that the clip is somebody else's
   */
  constructor(player, cache, lost) {
    this.player = player;
    this.cache = cache;
    this.lost = lost;
    player.addEventListener("broken", () => this.#mend());
  }

  /**
   * @param {Clip} clip
   * @param {Draft["heard"]} heard
   */
  async open(clip, heard) {
    this.#clip = clip;
    if (await this.#takesOver(clip)) {
      this.player.load(this.player.sound.src, clip.seconds, heard); // it plays on
      this.cache.sound(clip).catch(() => {}); // and is kept, so that a reload without network has it
      if (!this.player.playing && this.player.at === 0) await this.#autoplay();
      return;
    }
    if (this.#clip === clip) await this.#bring(clip, heard);
  }

  close() {
    this.#clip = null;
    this.player.pause();
  }

  /**
   * Whether the sound that first_sound.js began is this clip's, and there.
   *
   * @param {Clip} clip
   */
  async #takesOver(clip) {
    const { begun } = this.cache;
    return begun?.slot === clip.slot && (await begun.sound) && this.player.sound.src && !this.player.owned;
  }

  /**
   * @param {Clip} clip
   * @param {Draft["heard"]} heard
   */
  async #bring(clip, heard) {
    this.player.unload();
    try {
      const blob = await this.cache.sound(clip);
      if (this.#clip !== clip) return;
      this.player.load(URL.createObjectURL(blob), clip.seconds, heard);
      await this.#autoplay();
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      if (error instanceof Refused && [404, 409].includes(error.status)) this.lost(clip);
      else {
        const again = {
          label: gettext("Try again"),
          act: () => this.#clip === clip && this.#bring(clip, heard),
        };
        notice(gettext("The sound has not come. You can try again, or look at the network."), {
          action: again,
        });
      }
    }
  }

  async #autoplay() {
    if (settings.autoplay && !document.hidden) await this.player.play();
  }

  /** The sound stopped coming: get it anew, and go on where it was. */
  async #mend() {
    const clip = this.#clip;
    if (!clip) return;
    const { at, heard } = this.player;
    this.player.unload();
    if (this.#mended === clip) {
      const words = gettext(
        "This browser can't play the sound of this clip. Skip it, or try another browser.",
      );
      notice(words, { kind: "bad" });
      return;
    }
    this.#mended = clip;
    await this.cache.forgetSound(clip);
    await this.#bring(clip, heard);
    if (at) this.player.seek(at);
  }
}
