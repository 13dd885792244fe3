// Everything that goes to the server about a clip: kept here first, sent in order, forgotten only with its receipt.
// With network the queue empties at once; without, it waits. There is no other way to save.

import { ask, Refused, Unreachable } from "../page.js";
import { newName } from "../parts/clock.js";

const KEEPALIVE_BYTES = 30000; // browsers allow 64 kB for all that may outlive a page
const WAITS = [2, 5, 15, 30, 60]; // seconds

export class Outbox {
  /**
   * told: {receipt(sending, receipt), refused(sending, error), state(outbox)}
   * state is called whenever something was added, sent or held up
   */
  constructor(store, told) {
    this.store = store;
    this.told = told;
    this.waiting = [];
    this.running = false;
    this.tries = 0;
    this.held = null; // why nothing goes: "offline", "signed-out", "old-page"
    this.paused = true;
  }

  async open() {
    this.waiting = (await this.store.all("sendings")).filter((sending) => !sending.stuck);
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
    return new Set(this.waiting.filter((sending) => sending.kind !== "draft").map((sending) => sending.slot));
  }

  /** Words on the way: the newest take the place of those that were not sent yet. */
  async draft(clip, text) {
    const old = this.waiting.find(
      (sending) => sending.kind === "draft" && sending.slot === clip.slot && !sending.going,
    );
    if (old) {
      old.body.text = text;
      old.body.request_id = newName();
      await this.store.put("sendings", old.key, this.#kept(old));
      this.pump();
      return;
    }
    await this.add("draft", clip, { text });
  }

  async add(kind, clip, body) {
    if (kind !== "draft") await this.#forgetDraft(clip.slot); // what is finished says more
    const request_id = newName();
    const key = `${String(Date.now()).padStart(15, "0")}-${request_id}`;
    const sending = {
      key,
      kind,
      slot: clip.slot,
      body: { token: clip.token, proof: clip.proof, request_id, ...body },
    };
    await this.store.put("sendings", key, this.#kept(sending), { strict: kind !== "draft" });
    this.waiting.push(sending);
    this.pump(); // not waited for: it is kept, and that is what the caller needs to know
  }

  async #forgetDraft(slot) {
    for (const sending of this.waiting.filter(
      (each) => each.kind === "draft" && each.slot === slot && !each.going,
    )) {
      this.waiting.splice(this.waiting.indexOf(sending), 1);
      await this.store.remove("sendings", sending.key);
    }
  }

  #kept({ going, ...sending }) {
    return sending;
  }

  /** Send what waits, one after the other. Safe to call at any time. */
  async pump() {
    if (this.running || this.paused) return;
    this.running = true;
    clearTimeout(this.timer);
    try {
      while (this.waiting.length && !this.paused) await this.#send(this.waiting[0]);
      this.held = null;
      this.tries = 0;
    } catch (error) {
      if (!(error instanceof Held)) throw error;
      this.held = error.why;
      this.timer = setTimeout(() => this.pump(), 1000 * WAITS[Math.min(this.tries++, WAITS.length - 1)]);
    } finally {
      this.running = false;
      this.told.state(this);
    }
  }

  async #send(sending) {
    sending.going = true;
    this.told.state(this);
    const keepalive = JSON.stringify(sending.body).length < KEEPALIVE_BYTES;
    let receipt;
    try {
      receipt = await ask(`/write/${sending.slot}/${sending.kind}`, {
        method: "POST",
        body: sending.body,
        keepalive,
      });
    } catch (error) {
      sending.going = false;
      if (error instanceof Unreachable || (error instanceof Refused && error.status >= 500))
        throw new Held("offline");
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) throw new Held("signed-out");
      if (error.code === "forged") throw new Held("old-page");
      await this.#done(sending);
      await this.told.refused(sending, error);
      return;
    }
    this.tries = 0;
    // First what the receipt means here, then forget: a crash between the two only sends it again.
    await this.told.receipt(sending, receipt);
    await this.#done(sending);
  }

  async #done(sending) {
    const at = this.waiting.indexOf(sending);
    if (at >= 0) this.waiting.splice(at, 1);
    await this.store.remove("sendings", sending.key);
  }
}

class Held extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}
