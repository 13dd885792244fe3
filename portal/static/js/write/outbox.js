// @ts-check
// Everything that goes to the server about a clip: kept here first, sent in order, forgotten only with its receipt.
// With network the queue empties at once; without, it waits. There is no other way to save.

import { ask, Refused, Unreachable } from "../page.js";
import { Backoff } from "../parts/backoff.js";
import { randomId } from "../parts/random_id.js";

const KEEPALIVE_BYTES = 30_000; // browsers allow 64 kB for all that may outlive a page
const WAITS = [2, 5, 15, 30, 60]; // seconds

/** @typedef {"offline" | "signed-out" | "old-page"} HeldWhy */

/** Nothing goes just now. */
class Held extends Error {
  /** @param {HeldWhy} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/** Without the mark of this page's life. @param {QueuedSubmission} submission */
const asKept = ({ going, ...submission }) => submission;

export class Outbox {
  /** @type {QueuedSubmission[]} */
  waiting = [];
  /** @type {HeldWhy | null} why nothing goes */
  held = null;
  paused = true;
  #running = false;
  #timer = 0;
  #backoff = new Backoff(WAITS);

  /**
   * @param {import("./draft_store.js").DraftStore} store
   * @param {object} answers
   * @param {(submission: QueuedSubmission, receipt: SubmissionReceipt) => Promise<void>} answers.receipt
   * @param {(submission: QueuedSubmission, error: Refused) => Promise<void>} answers.refused
   * @param {(outbox: Outbox) => void} answers.state called whenever something was added, sent or held up
   */
  constructor(store, answers) {
    this.store = store;
    this.answers = answers;
  }

  async open() {
    this.waiting = await this.store.all("sendings");
    addEventListener("online", () => this.pump());
    document.addEventListener("visibilitychange", () => this.pump());
  }

  /** From now on what waits is sent. */
  begin() {
    this.paused = false;
    this.pump();
  }

  /** Slots with a finished text or a skip that is not on the server yet. */
  finished() {
    return new Set(this.waiting.filter(({ kind }) => kind !== "draft").map(({ slot }) => slot));
  }

  /**
   * Words on the way: the newest take the place of those that were not sent yet.
   *
   * @param {Clip} clip
   * @param {string} text
   */
  async draft(clip, text) {
    const [old] = this.#drafts(clip.slot);
    if (!old) return this.add("draft", clip, { text });
    old.body.text = text;
    old.body.request_id = randomId();
    await this.store.put("sendings", old.key, asKept(old));
    this.pump();
  }

  /**
   * @param {SubmissionKind} kind
   * @param {Clip} clip
   * @param {Partial<QueuedSubmission["body"]>} body
   */
  async add(kind, clip, body) {
    if (kind !== "draft") await this.#forgetDrafts(clip.slot); // what is finished says more
    const request_id = randomId();
    const key = `${String(Date.now()).padStart(15, "0")}-${request_id}`;
    const whole = { token: clip.token, proof: clip.proof, request_id, ...body };
    const submission = { key, kind, slot: clip.slot, body: whole };
    await this.store.put("sendings", key, submission, { strict: kind !== "draft" });
    this.waiting.push(submission);
    this.pump(); // not waited for: it is kept, and that is what the caller needs to know
  }

  /** @param {string} slot */
  #drafts(slot) {
    return this.waiting.filter((each) => each.kind === "draft" && each.slot === slot && !each.going);
  }

  /** @param {string} slot */
  async #forgetDrafts(slot) {
    for (const draft of this.#drafts(slot)) await this.#remove(draft);
  }

  /** Send what waits, one after the other. Safe to call at any time. */
  async pump() {
    if (this.#running || this.paused) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      while (this.waiting.length && !this.paused) await this.#send(this.waiting[0]);
      this.held = null;
      this.#backoff.reset();
    } catch (error) {
      if (!(error instanceof Held)) throw error;
      this.held = error.why;
      this.#backoff.fail();
      this.#timer = setTimeout(() => this.pump(), this.#backoff.wait);
    } finally {
      this.#running = false;
      this.answers.state(this);
    }
  }

  /** @param {QueuedSubmission} submission */
  async #send(submission) {
    submission.going = true;
    this.answers.state(this);
    const { slot, kind, body } = submission;
    const keepalive = JSON.stringify(body).length < KEEPALIVE_BYTES;
    let receipt;
    try {
      receipt = await ask(`/write/${slot}/${kind}`, { method: "POST", body, keepalive });
    } catch (error) {
      submission.going = false;
      await this.#remove(submission, refusalOf(error));
      return;
    }
    this.#backoff.reset();
    // First what the receipt means here, then forget: a crash between the two only sends it again.
    await this.answers.receipt(submission, receipt);
    await this.#remove(submission);
  }

  /**
   * @param {QueuedSubmission} submission
   * @param {Refused} [refused] what the server said, where it will never take it
   */
  async #remove(submission, refused) {
    const at = this.waiting.indexOf(submission);
    if (at >= 0) this.waiting.splice(at, 1);
    await this.store.remove("sendings", submission.key);
    if (refused) await this.answers.refused(submission, refused);
  }
}

/**
 * A refusal for good. Throws Held where it goes later.
 *
 * @param {unknown} error
 */
function refusalOf(error) {
  if (error instanceof Unreachable) throw new Held("offline");
  if (!(error instanceof Refused)) throw error;
  if (error.status >= 500) throw new Held("offline");
  if (error.status === 401) throw new Held("signed-out");
  if (error.code === "forged") throw new Held("old-page");
  return error;
}
