// @ts-check
// One clip on the screen: its heading, its box, its sound and everything that goes with them, opened and closed together.

import { byId, gettext, make, page } from "../page.js";
import { secondsOf } from "../parts/clock.js";
import { notice } from "../parts/notices.js";
import { showChips } from "../parts/tags.js";
import { draftOf, merged } from "./merge.js";

export class ClipView {
  /**
   * @param {object} parts
   * @param {import("../parts/editor.js").Editor} parts.editor
   * @param {import("../parts/checks.js").Checks} parts.checks
   * @param {import("../parts/waveform.js").Waveform} parts.wave
   * @param {import("./clip_sound.js").ClipSound} parts.sound
   * @param {import("./saving.js").Saving} parts.saving
   * @param {import("./lease.js").Lease} parts.lease
   * @param {import("./neighbours.js").Neighbours} parts.neighbours
   * @param {import("../parts/transliteration.js").Transliteration} parts.latin
   */
  constructor(parts) {
    this.parts = parts;
  }

  /**
   * @param {Clip} clip
   * @param {Guide} guide
   * @param {Draft | undefined} local words of this device
   * @param {number} number of the clip in this day
   */
  open(clip, guide, local, number) {
    const { editor, checks, wave, sound, saving, lease, neighbours, latin } = this.parts;
    const { text, other } = merged(local, clip.draft);
    const draft = draftOf(local, text, clip.draft);
    showHeading(clip, guide, number);
    wave.show(clip);
    editor.open(text, guide);
    latin.open(guide);
    showChips({ tags: byId("tags"), letters: byId("letters") }, guide, editor);
    saving.open(clip, draft);
    checks.open(clip);
    lease.open(clip, draft.active);
    showReturn(clip.returned);
    byId("by-machine").hidden = !clip.by_machine;
    editor.focus();
    sound.open(clip, draft.heard); // not waited for: words can be written before it comes
    if (other !== null) this.#offer(other, clip, guide);
    neighbours.open(clip);
  }

  /** The clip is finished: nothing more is kept or renewed for it. */
  close() {
    this.parts.sound.close();
    this.parts.saving.close();
    this.parts.lease.close();
  }

  /**
   * A finished text was refused: it goes on where it was.
   *
   * @param {Clip} clip
   * @param {Draft} draft
   * @param {Remark[]} remarks
   */
  reopen(clip, draft, remarks) {
    this.parts.saving.open(clip, draft);
    this.parts.lease.open(clip, draft.active);
    this.parts.checks.show(draft.text, remarks);
    if (this.parts.checks.blocking.length) this.parts.checks.toFirstBlocking();
  }

  /** The words stay in sight, and can be changed no more. */
  async freeze() {
    await this.parts.saving.flush();
    this.parts.saving.close();
    this.parts.lease.close();
    byId("lease").textContent = "";
    this.parts.editor.box.readOnly = true;
  }

  /**
   * @param {string} other
   * @param {Clip} clip
   * @param {Guide} guide
   */
  #offer(other, clip, guide) {
    const { editor, saving } = this.parts;
    const act = () => saving.clip === clip && editor.write(other, 0, editor.text.length);
    notice(gettext("These words came from another device. Those in the box are from here."), {
      kept: other,
      lang: guide.bcp47,
      action: { label: gettext("Use these words instead"), act },
    });
  }
}

/**
 * @param {Clip} clip
 * @param {Guide} guide
 * @param {number} number
 */
function showHeading({ slot, seconds, voice }, guide, number) {
  byId("work").dataset.slot = slot;
  byId("clip-name").textContent = gettext("Clip %(number)s", { number });
  const about = [secondsOf(seconds), guide.own_name];
  if (voice) {
    if (voice.gender === "female") about.push(gettext("woman"));
    if (voice.gender === "male") about.push(gettext("man"));
    about.push(voice.age_band?.replace("-", "–") || "", voice.district || "");
    if (voice.several) about.push(gettext("several voices"));
  }
  byId("clip-about").textContent = about.filter(Boolean).join(" · ");
  const label = gettext("What is said, in %(language)s", { language: guide.own_name });
  byId("text").setAttribute("aria-label", label);
}

/** @param {Clip["returned"]} returned */
function showReturn(returned) {
  const place = byId("returned");
  place.hidden = !returned;
  if (!returned) return;
  const why = returned.reasons.map((code) => page.returns[code] || code).join(" ");
  const title = make("b", {}, gettext("A reviewer asks you to look at this text again."));
  place.replaceChildren(
    make("p", {}, title, " ", why),
    returned.note ? make("p", { dir: "auto" }, returned.note) : "",
  );
}
