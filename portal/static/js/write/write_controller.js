// @ts-check
// From clip to clip: which one is open, what is done with it, and what the server answers. Its states: states.js.

import { announce, byId, gettext, isUnanswered, page, Refused } from "../page.js";
import { notice } from "../parts/notices.js";
import { StateMachine } from "../parts/state_machine.js";
import { seenOnServer } from "./merge.js";
import {
  noticeHeld,
  noticeOtherProject,
  showClip,
  showOutdated,
  showRunOut,
  showWaiting,
} from "./empty_screen.js";
import { WRITE_MOVES } from "./states.js";

const RECEIPT_WAIT = 120; // milliseconds that an unchecked text waits for its receipt; after that it comes back if refused

export class WriteController {
  /** @type {Clip | null} */
  current = null;
  /** @type {string | null} why nothing was sent when it was last said */
  #held = null;
  /** @type {{slot: string, resolve: (refused: boolean) => void} | null} the receipt that is waited for */
  #awaited = null;

  /**
   * @param {object} parts
   * @param {import("./clip_feed.js").ClipFeed} parts.feed
   * @param {import("./clip_view.js").ClipView} parts.view
   * @param {import("./draft_store.js").DraftStore} parts.drafts
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {import("./today.js").Today} parts.today
   */
  constructor({ feed, view, drafts, outbox, today }) {
    this.feed = feed;
    this.view = view;
    this.drafts = drafts;
    this.outbox = outbox;
    this.today = today;
    this.states = new StateMachine(WRITE_MOVES, "waiting");
  }

  /**
   * The first clips.
   *
   * @param {HeldClips | null} held what came with the page; null where it is an old one, which this device knows better
   */
  async begin(held) {
    if (!held) this.#wait();
    await this.take(held);
    this.outbox.begin(); // not before: a receipt on its way would know more than the clips that came with the page
    await this.refill({ anyway: !held });
    this.#settle();
  }

  /**
   * What the server says this person holds; null where it can't be asked.
   *
   * @param {HeldClips | null} held
   */
  async take(held) {
    if (this.states.is("outdated")) return;
    if (held && held.project !== page.project) {
      noticeOtherProject();
      if (!this.current) this.#outdate("project");
      return;
    }
    const left = (/** @type {Clip} */ clip) => this.#leaveBehind(clip);
    await this.feed.take(held, () => this.current, left);
    if (!this.current && this.feed.clips.length) await this.show(this.feed.clips[0]);
    this.#prefetch();
  }

  /** Fill up what is at hand. anyway: ask also where enough is at hand */
  async refill({ anyway = false } = {}) {
    if (this.states.is("outdated")) return;
    try {
      const held = await this.feed.claim(anyway);
      if (!held) return;
      await this.take(held);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      if (error instanceof Refused) this.feed.nothing = { title: error.message, then: "" };
    }
    this.#settle();
  }

  #prefetch() {
    byId("work").dataset.next = this.feed.clips[1]?.slot ?? "";
    this.feed.prefetch();
  }

  /** @param {Clip} clip */
  async show(clip) {
    if (!this.states.can("open")) return;
    const guide = page.guides[clip.language];
    if (!guide || guide.id !== clip.guideline) return this.#outdate("guideline");
    this.states.move("open");
    this.current = clip;
    const local = await this.drafts.get("drafts", clip.slot);
    if (this.current !== clip) return;
    showClip();
    this.view.open(clip, guide, local, this.today.figures.number + this.outbox.finished().size + 1);
  }

  /** Hand the finished text in, and go on. */
  async submit() {
    const clip = this.current;
    if (this.states.is("lost")) return this.next();
    if (!clip || !this.states.can("finish") || !this.#isReady()) return;
    const { editor, checks, lease } = this.view.parts;
    const checked = checks.current;
    const seconds = Math.round(lease.seconds);
    await this.#finish("submit", clip, { text: editor.text, active_seconds: seconds });
    if (!checked && navigator.onLine) {
      editor.box.readOnly = true;
      const later = new Promise((resolve) => setTimeout(resolve, RECEIPT_WAIT));
      await Promise.race([this.#receiptOf(clip), later]);
      editor.box.readOnly = false;
    }
    await this.next();
  }

  /** Whether the text may be sent; else says why not. */
  #isReady() {
    const { editor, checks, sound } = this.view.parts;
    if (!sound.player.heardWhole) {
      announce(gettext("Listen to the whole clip once, then send."));
      byId("heard").classList.add("urgent");
      sound.player.playFrom(sound.player.firstUnheard);
    } else if (!editor.text.trim()) {
      notice(gettext("Write what is said, or skip the clip with a reason."));
      editor.focus();
    } else if (checks.blocking.length) checks.toFirstBlocking();
    else return true;
    return false;
  }

  /**
   * Pass the clip on.
   *
   * @param {"skip" | "report"} kind
   * @param {string} reason
   */
  async pass(kind, reason, later = false) {
    const clip = this.current;
    if (this.states.is("lost")) return this.next();
    if (!clip || !this.states.can("finish")) return;
    await this.#finish(kind, clip, later ? { reason, later } : { reason });
    await this.next();
  }

  /**
   * @param {SubmissionKind} kind
   * @param {Clip} clip
   * @param {Partial<QueuedSubmission["body"]>} body
   */
  async #finish(kind, clip, body) {
    this.states.move("finish");
    this.view.close();
    this.feed.finish(clip);
    await this.outbox.add(kind, clip, body);
  }

  /**
   * @param {Clip} clip
   * @returns {Promise<boolean>} whether it was refused
   */
  #receiptOf(clip) {
    return new Promise((resolve) => (this.#awaited = { slot: clip.slot, resolve }));
  }

  /** To the next clip; not where a refused text has just come back. */
  async next() {
    if (!this.states.can("advance")) return;
    const done = this.current;
    this.current = null;
    this.states.move("advance");
    this.feed.clips = this.feed.clips.filter((clip) => clip !== done);
    if (this.feed.clips.length) {
      await this.show(this.feed.clips[0]);
      this.#prefetch();
    } else showWaiting();
    await this.refill();
    this.#settle();
  }

  /**
   * The outbox's: what the server answered.
   *
   * @param {QueuedSubmission} submission
   * @param {SubmissionReceipt} receipt
   */
  async receipt(submission, receipt) {
    const { slot, kind, body } = submission;
    if (kind === "draft") {
      const { saving, lease } = this.view.parts;
      await saving.received(slot, body.text ?? "", receipt.kept);
      lease.renewed(slot, receipt.expires_at);
      if (receipt.outcome === "late") await this.lost({ slot });
      return;
    }
    if (receipt.outcome === "refused") return this.#comeBack(submission, receipt);
    if (receipt.outcome === "late") {
      const words = gettext(
        "A text came after its clip was given to somebody else, or taken back. It is kept; if it is right, it is still paid.",
      );
      notice(words, { kept: body.text });
    }
    await this.feed.forget(slot, this.current);
    this.#answer(slot, false);
    setTimeout(() => Promise.all([this.today.refresh(), this.refill()]), 0); // once this submission is forgotten
  }

  /**
   * The outbox's: the server will never take this. The words stay here.
   *
   * @param {QueuedSubmission} submission
   * @param {Refused} error
   */
  async refused({ slot, body }, error) {
    this.#answer(slot, false);
    this.feed.comeBack({ slot, token: body.token });
    const words = gettext("The server did not take this: %(why)s", { why: error.message });
    notice(words, { kind: "bad", kept: body.text });
    setTimeout(() => this.refill(), 0);
  }

  /**
   * @param {string} slot
   * @param {boolean} refused
   */
  #answer(slot, refused) {
    if (this.#awaited?.slot === slot) this.#awaited.resolve(refused);
    this.#awaited = null;
  }

  /**
   * @param {QueuedSubmission} submission
   * @param {SubmissionReceipt} receipt
   */
  async #comeBack({ slot, body }, receipt) {
    const text = body.text ?? "";
    this.feed.comeBack({ slot, token: body.token });
    const before = { heard: [], active: 0, seen: [], ...(await this.drafts.get("drafts", slot)) };
    const draft = { ...before, slot, text, sent: text, seen: seenOnServer(before.seen, receipt.kept) };
    await this.drafts.put("drafts", slot, draft);
    if (this.current?.slot === slot && this.states.can("comeBack")) {
      this.states.move("comeBack");
      this.view.reopen(this.current, draft, receipt.remarks);
      this.#answer(slot, true);
      return;
    }
    const clip = await this.feed.insert(slot, receipt.kept, Boolean(this.current));
    if (!clip) return;
    const change = { label: gettext("Change it now"), act: () => this.show(clip) };
    notice(gettext("A text came back: something in it must be changed first."), {
      kept: text,
      action: change,
    });
    if (!this.current) await this.show(clip);
  }

  /**
   * A clip is somebody else's by now. Its words are kept here and on the server.
   *
   * @param {{slot: string}} clip
   */
  async lost({ slot }) {
    if (this.current?.slot !== slot) return this.feed.forget(slot, this.current);
    if (!this.states.can("lose")) return; // lost already, or finished: then its receipt says so
    this.states.move("lose");
    const { text } = this.view.parts.editor;
    await this.view.freeze();
    await this.feed.cache.forget(slot);
    this.feed.clips = this.feed.clips.filter((clip) => clip.slot !== slot);
    const words = text.trim()
      ? gettext("This clip is no longer yours. What you wrote is kept on the server as a late draft.")
      : gettext("This clip is no longer yours.");
    const act = () => this.states.is("lost") && this.next();
    notice(words, { kept: text, action: { label: gettext("Next clip"), act } });
    announce(words);
  }

  /** @param {Clip} clip */
  async #leaveBehind(clip) {
    if (this.current?.slot === clip.slot) return this.lost(clip);
    const draft = await this.drafts.get("drafts", clip.slot);
    await this.feed.cache.forget(clip.slot);
    if (!draft?.text.trim() || draft.text === draft.sent) return this.drafts.remove("drafts", clip.slot);
    const words = gettext("A clip on this device is no longer yours. What you wrote is sent along and kept.");
    notice(words, { kept: draft.text });
    return this.outbox.draft(clip, draft.text);
  }

  /**
   * The outbox's: nothing can be sent. Said once.
   *
   * @param {string | null} why
   */
  heldUp(why) {
    if (this.#held !== why) noticeHeld(why);
    this.#held = why;
  }

  /** @param {"guideline" | "project"} why */
  #outdate(why) {
    this.current = null;
    this.states.move("outdate");
    showOutdated(why);
  }

  #wait() {
    this.states.move("wait");
    showWaiting();
  }

  /** Where no clip is open, say what is waited for. */
  #settle() {
    if (!this.states.is("waiting", "empty")) return;
    const waiting = this.outbox.finished().size;
    if (waiting && !this.outbox.held && navigator.onLine) return this.#wait();
    this.states.move("runOut");
    showRunOut(waiting, this.feed.nothing);
  }
}
