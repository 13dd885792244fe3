// The way of the clips across the desk: one in work, the next at hand, each finished one on its way to the server.

import { ask, byId, make, page, gettext, ngettext, announce, Refused, Unreachable } from "../page.js";
import { secondsOf } from "../parts/clock.js";
import { clipsToDo, merged, seenOnServer } from "./merge.js";
import { notice } from "../parts/notices.js";
import { settings } from "../parts/settings.js";
import { showChips } from "../parts/tags.js";

const AT_HAND = 3; // the clip in work and two with their sound: short ones are written faster than a slow link brings the next
const RECEIPT_WAIT = 120; // milliseconds that an unchecked text waits for its receipt; after that it comes back if refused

export class Round {
  /** parts: store, shelf, outbox, saving, checks, editor, player, wave, lease, around, latin, strip */
  constructor(parts) {
    Object.assign(this, parts);
    this.clips = [];
    this.current = null;
    this.nothing = null;
    this.frozen = false;
    this.done = new Set(); // slot and token of what was finished on this page
  }

  /** The first clips. desk: what came with the page; null where the page is an old one, which this device knows better */
  async begin(desk) {
    if (!desk) this.#waiting();
    await this.take(desk);
    this.outbox.begin(); // not before: a receipt on its way would know more than the clips that came with the page
    await this.refill({ anyway: !desk });
    if (!this.current) this.#empty();
  }

  /** What the server says this person holds; null where it can't be asked. */
  async take(desk) {
    if (desk && desk.project !== page.project) return this.#otherProject();
    const sent = this.outbox.finished();
    const { todo, left } = clipsToDo(desk && desk.clips, await this.shelf.kept(), sent);
    const slots = new Set(todo.map((clip) => clip.slot));
    for (const [order, clip] of todo.entries())
      if (!this.#isDone(clip)) await this.shelf.keep({ ...clip, order });
    for (const clip of left) if (!slots.has(clip.slot) && !this.#isDone(clip)) await this.#leftBehind(clip);
    // From here to the end nothing is waited for. What was finished while all this was asked and kept is left out.
    const open = todo.filter((clip) => !this.#isDone(clip));
    const here =
      this.current &&
      open.find((clip) => clip.slot === this.current.slot && clip.token === this.current.token);
    if (here) this.current.expires_at = here.expires_at;
    this.clips = here ? [this.current, ...open.filter((clip) => clip !== here)] : open;
    this.nothing = desk ? desk.nothing : null;
    if (!this.current && this.clips.length) await this.show(this.clips[0]);
    this.#fetchAhead();
  }

  #isDone(clip) {
    return this.done.has(`${clip.slot} ${clip.token}`);
  }

  /** Fill up what is at hand, once everything finished is on the server. anyway: ask also where enough is at hand */
  async refill({ anyway = false } = {}) {
    if (this.refilling || this.outbox.finished().size) return;
    if (this.clips.length >= AT_HAND && !anyway) return;
    this.refilling = true;
    try {
      await this.take(await ask("/write/claim", { method: "POST", body: { want: AT_HAND } }));
    } catch (error) {
      if (!(error instanceof Unreachable) && !(error instanceof Refused)) throw error;
      if (error instanceof Refused) this.nothing = { title: error.message, then: "" };
    } finally {
      this.refilling = false;
      if (!this.current && !this.stale) this.#empty();
    }
  }

  async #fetchAhead() {
    const [now, ...after] = this.clips;
    byId("work").dataset.next = after.length ? after[0].slot : "";
    // One after the other, the clip in work first. What doesn't come now is asked for again when it is its turn.
    for (const clip of [now, ...after]) if (clip) await this.shelf.sound(clip).catch(() => {});
  }

  async show(clip) {
    const guide = page.guides[clip.language];
    if (!guide || guide.id !== clip.guideline) return this.#newRules();
    this.current = clip;
    this.frozen = false;
    byId("work").dataset.slot = clip.slot;
    byId("nothing").hidden = true;
    byId("work").hidden = false;
    const local = await this.store.get("drafts", clip.slot);
    if (this.current !== clip) return;
    const { text, other } = merged(local, clip.draft);
    const record = { text, sent: clip.draft, seen: [], heard: [], active: 0, ...local };
    if (!local || text !== local.text) Object.assign(record, { text, sent: clip.draft });
    record.seen = seenOnServer(record.seen, clip.draft);
    this.#head(clip, guide);
    this.editor.box.readOnly = false;
    this.editor.open(text, guide);
    this.latin.open(guide);
    showChips({ tags: byId("tags"), letters: byId("letters") }, guide, this.editor);
    this.saving.open(clip, record);
    this.checks.open(clip);
    this.lease.open(clip, record.active);
    this.#returned(clip);
    this.editor.focus();
    this.#sound(clip, record.heard); // not waited for: words can be written before it comes
    if (other !== null) this.#offer(other, clip, guide);
    this.around.open(clip);
  }

  #head(clip, guide) {
    const number = this.strip.today.number + this.outbox.finished().size + 1;
    byId("clip-name").textContent = gettext("Clip %(number)s", { number });
    const about = [secondsOf(clip.seconds), guide.own_name];
    if (clip.voice) {
      const gender = { female: gettext("woman"), male: gettext("man") }[clip.voice.gender];
      about.push(
        gender,
        clip.voice.age_band?.replace("-", "–"),
        clip.voice.district,
        clip.voice.several ? gettext("several voices") : null,
      );
    }
    byId("clip-about").textContent = about.filter(Boolean).join(" · ");
    byId("text").setAttribute(
      "aria-label",
      gettext("What is said, in %(language)s", { language: guide.own_name }),
    );
    this.wave.show(clip);
  }

  async #sound(clip, heard) {
    const { begun } = this.shelf;
    if (begun?.slot === clip.slot && (await begun.sound) && this.player.sound.src && !this.player.owned) {
      this.player.load(this.player.sound.src, clip.seconds, heard); // it plays on
      this.shelf.sound(clip).catch(() => {}); // and is kept, so that a reload without network has it
      if (!this.player.playing && this.player.at === 0 && settings.autoplay && !document.hidden)
        await this.player.play();
      return;
    }
    this.player.pause();
    this.player.sound.removeAttribute("src");
    try {
      const blob = await this.shelf.sound(clip);
      if (this.current !== clip) return;
      this.player.load(URL.createObjectURL(blob), clip.seconds, heard);
      if (settings.autoplay && !document.hidden) await this.player.play();
    } catch (error) {
      if (error instanceof Refused && [404, 409].includes(error.status)) this.lost(clip);
      else if (error instanceof Refused || error instanceof Unreachable) {
        notice(gettext("The sound has not come. You can try again, or look at the network."), {
          action: { label: gettext("Try again"), act: () => this.#sound(clip, heard) },
        });
      } else throw error;
    }
  }

  /** The sound stopped coming: get it anew, and go on where it was. */
  async mendSound() {
    const clip = this.current;
    if (!clip) return;
    const { at, heard } = this.player;
    this.player.sound.removeAttribute("src");
    if (this.mended === clip) {
      notice(gettext("This browser can't play the sound of this clip. Skip it, or try another browser."), {
        kind: "bad",
      });
      return;
    }
    this.mended = clip;
    await this.shelf.forgetSound(clip);
    await this.#sound(clip, heard);
    if (at) this.player.seek(at);
  }

  #returned(clip) {
    const place = byId("returned");
    place.hidden = !clip.returned;
    if (!clip.returned) return;
    const { reasons, note } = clip.returned;
    place.replaceChildren(
      make(
        "p",
        {},
        make("b", {}, gettext("A reviewer asks you to look at this text again.")),
        " ",
        reasons.map((code) => page.returns[code] || code).join(" "),
      ),
      note ? make("p", { dir: "auto" }, note) : "",
    );
  }

  #offer(other, clip, guide) {
    notice(gettext("These words came from another device. Those in the box are from here."), {
      kept: other,
      lang: guide.bcp47,
      action: {
        label: gettext("Use these words instead"),
        act: () => this.current === clip && this.editor.write(other, 0, this.editor.text.length),
      },
    });
  }

  /** Hand the finished text in, and go on. */
  async submit() {
    const clip = this.current;
    if (!clip || this.leaving) return;
    if (this.frozen) return this.next();
    if (!this.player.heardWhole) {
      announce(gettext("Listen to the whole clip once, then send."));
      byId("heard").classList.add("told");
      return this.player.playFrom(this.player.firstUnheard);
    }
    if (!this.editor.text.trim()) {
      notice(gettext("Write what is said, or skip the clip with a reason."));
      return this.editor.focus();
    }
    if (this.checks.blocking.length) return this.checks.toFirstBlocking();
    const checked = this.checks.current;
    const text = this.editor.text;
    this.leaving = true;
    try {
      await this.#finish("submit", clip, { text, active_seconds: Math.round(this.lease.seconds) });
      if (!checked && navigator.onLine) {
        this.editor.box.readOnly = true;
        const refused = await Promise.race([
          this.#receiptOf(clip),
          new Promise((done) => setTimeout(done, RECEIPT_WAIT)),
        ]);
        this.editor.box.readOnly = false;
        if (refused) return;
      }
      await this.next();
    } finally {
      this.leaving = false;
    }
  }

  /** Pass the clip on: kind is skip or report. */
  async pass(kind, reason, later = false) {
    const clip = this.current;
    if (!clip || this.leaving) return;
    await this.#finish(kind, clip, later ? { reason, later } : { reason });
    await this.next();
  }

  async #finish(kind, clip, body) {
    this.player.pause();
    this.saving.close();
    this.lease.close();
    this.done.add(`${clip.slot} ${clip.token}`);
    await this.outbox.add(kind, clip, body);
  }

  #receiptOf(clip) {
    return new Promise((resolve) => (this.awaiting = { slot: clip.slot, resolve }));
  }

  async next() {
    const done = this.current;
    this.current = null;
    this.clips = this.clips.filter((clip) => clip !== done);
    if (this.clips.length) {
      await this.show(this.clips[0]);
      this.#fetchAhead();
    } else this.#waiting();
    await this.refill();
    if (!this.current) this.#empty();
  }

  /** The outbox's: what the server answered to a sending. */
  async receipt(sending, receipt) {
    const { slot, kind } = sending;
    if (kind === "draft") {
      await this.saving.received(slot, sending.body.text, receipt.kept);
      this.lease.renewed(slot, receipt.expires_at);
      if (receipt.outcome === "late") await this.lost({ slot });
      return;
    }
    if (receipt.outcome === "refused") return this.#cameBack(sending, receipt);
    if (receipt.outcome === "late") {
      notice(
        gettext(
          "A text came after its clip was given to somebody else, or taken back. It is kept; if it is right, it is still paid.",
        ),
        { kept: sending.body.text },
      );
    }
    await this.#drop(slot);
    this.#answered(slot, false);
    setTimeout(() => Promise.all([this.strip.refresh(), this.refill()]), 0); // once this sending is forgotten
  }

  /** The outbox's: the server will never take this. The words stay here. */
  async refused(sending, error) {
    this.#answered(sending.slot, false);
    this.done.delete(`${sending.slot} ${sending.body.token}`);
    notice(gettext("The server did not take this: %(why)s", { why: error.message }), {
      kind: "bad",
      kept: sending.body.text,
    });
    setTimeout(() => this.refill(), 0);
  }

  #answered(slot, refused) {
    if (this.awaiting?.slot === slot) this.awaiting.resolve(refused);
    this.awaiting = null;
  }

  async #cameBack(sending, receipt) {
    const { slot } = sending;
    const { text, token } = sending.body;
    this.done.delete(`${slot} ${token}`);
    const before = { heard: [], active: 0, seen: [], ...(await this.store.get("drafts", slot)) };
    const record = { ...before, slot, text, sent: text, seen: seenOnServer(before.seen, receipt.kept) };
    await this.store.put("drafts", slot, record);
    if (this.current?.slot === slot) {
      this.saving.open(this.current, record);
      this.lease.open(this.current, record.active);
      this.checks.told(text, receipt.remarks);
      this.#answered(slot, true);
      if (this.checks.blocking.length) this.checks.toFirstBlocking();
      return;
    }
    const clip = (await this.shelf.kept()).find((each) => each.slot === slot);
    if (!clip) return;
    clip.draft = receipt.kept;
    this.clips.splice(this.current ? 1 : 0, 0, clip);
    notice(gettext("A text came back: something in it must be changed first."), {
      kept: text,
      action: { label: gettext("Change it now"), act: () => this.show(clip) },
    });
    if (!this.current) await this.show(clip);
  }

  /** A clip is somebody else's by now. Its words are kept here and on the server. */
  async lost(clip) {
    const kept = this.current?.slot === clip.slot ? this.current : null;
    if (!kept) return this.#drop(clip.slot);
    if (this.frozen) return;
    this.frozen = true;
    const { text } = this.editor;
    await this.saving.flush();
    this.saving.close();
    this.lease.close();
    byId("lease").textContent = "";
    this.editor.box.readOnly = true;
    await this.shelf.forget(clip.slot);
    const words = text.trim()
      ? gettext("This clip is no longer yours. What you wrote is kept on the server as a late draft.")
      : gettext("This clip is no longer yours.");
    notice(words, { kept: text, action: { label: gettext("Next clip"), act: () => this.next() } });
    announce(words);
  }

  async #leftBehind(clip) {
    if (this.current?.slot === clip.slot) return this.lost(clip);
    const record = await this.store.get("drafts", clip.slot);
    await this.shelf.forget(clip.slot);
    if (!record?.text.trim() || record.text === record.sent) return this.store.remove("drafts", clip.slot);
    notice(gettext("A clip on this device is no longer yours. What you wrote is sent along and kept."), {
      kept: record.text,
    });
    return this.outbox.draft(clip, record.text);
  }

  async #drop(slot) {
    await this.store.remove("drafts", slot);
    await this.shelf.forget(slot);
    this.clips = this.clips.filter((clip) => clip.slot !== slot || clip === this.current);
  }

  #newRules() {
    byId("work").hidden = true;
    this.#loadAgain(
      gettext("The guideline has a new version."),
      gettext("Load this page again to work by it."),
    );
  }

  #otherProject() {
    notice(gettext("Another project was chosen. This page is still at the one before."), {
      action: { label: gettext("Load again"), act: () => location.reload() },
    });
    if (!this.current)
      this.#loadAgain(gettext("Another project was chosen."), gettext("Load this page again to work on it."));
  }

  #loadAgain(title, then) {
    this.stale = true; // no clip comes to this page any more
    this.#say(title, then);
    byId("look-again").textContent = gettext("Load again");
    byId("look-again").onclick = () => location.reload();
  }

  /** Nothing can be sent: once, what to do about it. why: signed-out or old-page */
  heldUp(why) {
    if (this.held === why) return;
    this.held = why;
    if (why === "signed-out") {
      const back = () => (location.href = "/sign-in?back=/write");
      notice(gettext("You are signed out. Your words are kept on this device; sign in and they are sent."), {
        kind: "bad",
        action: { label: gettext("Sign in"), act: back },
      });
    } else if (why === "old-page") {
      notice(gettext("This page is too old to send. Your words are kept on this device."), {
        kind: "bad",
        action: { label: gettext("Load again"), act: () => location.reload() },
      });
    }
  }

  #waiting() {
    byId("work").hidden = true;
    this.#say(gettext("The next clip is on its way."), "");
  }

  #empty() {
    byId("work").hidden = true;
    const waiting = this.outbox.finished().size;
    if (waiting && !this.outbox.held && navigator.onLine) return this.#waiting();
    if (waiting) {
      this.#say(
        gettext("Every clip on this device is written."),
        ngettext(
          "%(num)s text waits for the network and is sent by itself.",
          "%(num)s texts wait for the network and are sent by themselves.",
          waiting,
        ),
      );
    } else if (this.nothing) this.#say(this.nothing.title, this.nothing.then);
    else
      this.#say(
        gettext("No network just now."),
        gettext("The next clip comes when there is network again. Nothing is lost."),
      );
  }

  #say(title, then) {
    byId("nothing-title").textContent = title;
    byId("nothing-then").textContent = then;
    byId("nothing").hidden = false;
    byId("nothing").focus({ preventScroll: true });
  }
}
