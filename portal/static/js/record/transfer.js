// @ts-check
// One file over a bad link: in parts, by tus-js-client. A link that has gone silent is dropped and taken up again at
// once; what came counts, so nothing is sent twice.

import { Unreachable } from "../page.js";
import { askedToWait } from "../parts/retry_after.js";
import { script } from "../parts/script.js";
import { overAll } from "./connection.js";
import { Gone, ServerBusy, SignedOut, Unwanted } from "./states.js";

const LIBRARY = new URL("../../vendor/tus-js-client-4.3.1/tus.min.js", import.meta.url);
const ENDPOINT = "/uploads";
const FIRST_PART = 64 * 1024;
const LARGEST_PART = 256 * 1024;
const SMALLEST_PART = 32 * 1024;
const PART_SECONDS = 2; // what a part should take: a cut then costs no more
const FIRST_PATIENCE = 2000; // milliseconds without a sign of life, while nobody knows how fast the link is
const LEAST_PATIENCE = 1200;
const MOST_PATIENCE = 20_000;
const MOST_ANSWER = 8000; // milliseconds that an answer without a body may take
const MOST_SILENCES = 4; // in a row
const LOOK_EVERY = 200; // milliseconds

/** The connection broke, and the browser says so. */
class Broken extends Unreachable {}

/** Nothing moves, and nobody says why. */
class Silent extends Error {
  /** @param {boolean} hadBody whether a body was on its way */
  constructor(hadBody) {
    super("silent");
    this.hadBody = hadBody;
  }
}

/**
 * @typedef {object} Transfer
 * @property {string | null | undefined} url where it was begun before; null begins it
 * @property {Record<string, string>} metadata as the server of /uploads reads it
 * @property {string} token
 * @property {(url: string) => void} onUrl called with the address as soon as there is one, to be kept
 * @property {(bytes: number) => void} onSent called with the bytes that have gone out
 * @property {AbortSignal} stop
 *
 * @typedef {{receipt: string, upload: string | null, transfer: string}} TransferReceipt
 */

/**
 * Send a blob and give its receipt. Throws Unreachable (nothing is lost: call again), SignedOut, Gone, Unwanted.
 *
 * @param {Blob} blob
 * @param {Transfer} transfer
 * @returns {Promise<TransferReceipt>}
 */
export async function send(blob, transfer) {
  await script(LIBRARY).catch((cause) => {
    throw new Unreachable("the library did not come", { cause });
  });
  const pace = new Pace();
  let { url } = transfer;
  const onUrl = (/** @type {string} */ now) => transfer.onUrl((url = now));
  for (;;) {
    const before = pace.sent;
    try {
      return await new Attempt(blob, { ...transfer, url, onUrl }, pace).done;
    } catch (problem) {
      if (transfer.stop.aborted || !(problem instanceof Silent || problem instanceof Broken)) throw problem;
      pace.broke(before);
      if (pace.silences > MOST_SILENCES) throw new Unreachable("silent", { cause: problem });
      if (problem instanceof Silent && !problem.hadBody) await findLiving(pace);
      else if (problem instanceof Broken && pace.sent <= before) await later(250 * 2 ** pace.silences);
    }
  }
}

/**
 * Ask over every connection, so that the dead ones are given up; how long the first answer takes tells how far the
 * server is. Throws Refused, Unreachable.
 *
 * @param {Pace} pace
 */
async function findLiving(pace) {
  const began = performance.now();
  await overAll(MOST_ANSWER / 1000);
  pace.answered(performance.now() - began);
}

/** @param {number} milliseconds */
function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How large the next part is, and how long silence may last: learnt from the parts and answers before. */
class Pace {
  part = FIRST_PART;
  patience = FIRST_PATIENCE;
  answer = LEAST_PATIENCE;
  silences = 0;
  sent = 0;

  /**
   * A part came through.
   *
   * @param {number} size
   * @param {number} milliseconds that it took
   */
  came(size, milliseconds) {
    const seconds = Math.max(0.01, milliseconds / 1000);
    const fitting = (size / seconds) * PART_SECONDS;
    this.sent += size;
    this.silences = 0;
    this.part = Math.max(SMALLEST_PART, Math.min(LARGEST_PART, fitting, this.part * 2));
    this.patience = Math.max(LEAST_PATIENCE, Math.min(MOST_PATIENCE, seconds * 2500));
  }

  /**
   * The server answered something without a body.
   *
   * @param {number} milliseconds that it took
   */
  answered(milliseconds) {
    this.answer = Math.max(LEAST_PATIENCE, Math.min(MOST_ANSWER, milliseconds * 3));
  }

  /**
   * The link broke, or fell silent. Where bytes got through it lives, and is taken up again at once.
   *
   * @param {number} before bytes sent before this attempt
   */
  broke(before) {
    this.silences = this.sent > before ? 1 : this.silences + 1;
    this.part = Math.max(SMALLEST_PART, this.part / 2);
  }

  get partPatience() {
    return Math.min(MOST_PATIENCE, Math.max(this.patience, this.answer) * 2 ** this.silences);
  }

  get answerPatience() {
    return Math.min(MOST_PATIENCE, this.answer * 2 ** this.silences);
  }
}

/** One try, until it is through, breaks or falls silent. */
class Attempt {
  #moved = performance.now();
  #partBegan = this.#moved;
  #hasBody = false; // whether a body is on its way
  #bytes = 0;
  #receipt = "";
  /** @type {string | null} */
  #became = null;
  #watch = 0;

  /**
   * @param {Blob} blob
   * @param {Transfer} transfer
   * @param {Pace} pace
   */
  constructor(blob, transfer, pace) {
    this.transfer = transfer;
    this.pace = pace;
    this.upload = new window.tus.Upload(blob, this.#options());
    /** @type {Promise<TransferReceipt>} */
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.stopped = () => this.#giveUp(new Unreachable("stopped"));
    transfer.stop.addEventListener("abort", this.stopped);
    this.#watch = setInterval(() => this.#look(), LOOK_EVERY);
    this.upload.start();
  }

  #options() {
    const { url, metadata, token, onUrl } = this.transfer;
    return {
      endpoint: ENDPOINT,
      uploadUrl: url || null,
      chunkSize: this.pace.part,
      parallelUploads: 1,
      retryDelays: null,
      storeFingerprintForResuming: false,
      metadata,
      headers: { "X-Boli-Token": token, Accept: "application/json" },
      onBeforeRequest: (/** @type {{getMethod(): string}} */ request) => this.#began(request.getMethod()),
      onAfterResponse: (/** @type {unknown} */ _, /** @type {TusResponse} */ response) =>
        this.#answered(response),
      onUploadUrlAvailable: () => onUrl(String(this.upload.url)),
      onProgress: (/** @type {number} */ sent) => this.#progressed(sent),
      onChunkComplete: (/** @type {number} */ size) => this.#partCame(size),
      onSuccess: () => this.#succeeded(),
      onError: (/** @type {TusProblem} */ problem) => {
        this.#end();
        this.reject?.(meaningOf(problem));
      },
    };
  }

  /** @param {string} method */
  #began(method) {
    this.#hasBody = method === "PATCH";
    this.#moved = this.#partBegan = performance.now();
  }

  /** @param {TusResponse} response */
  #answered(response) {
    this.#moved = performance.now();
    if (!this.#hasBody) this.pace.answered(this.#moved - this.#partBegan);
    this.#receipt = response.getHeader("Boli-Receipt") || this.#receipt;
    this.#became = response.getHeader("Boli-Upload") || this.#became;
  }

  /** @param {number} sent */
  #progressed(sent) {
    if (sent > this.#bytes) {
      this.#bytes = sent;
      this.#moved = performance.now();
    }
    this.transfer.onSent(sent);
  }

  /** @param {number} size */
  #partCame(size) {
    this.pace.came(size, performance.now() - this.#partBegan);
    this.upload.options.chunkSize = this.pace.part;
  }

  #succeeded() {
    this.#end();
    const transfer = String(this.upload.url).split("/").pop() || "";
    if (this.#receipt) this.resolve?.({ receipt: this.#receipt, upload: this.#became, transfer });
    else this.reject?.(new Unreachable("no receipt yet")); // asked again: the server gives it as soon as it is kept
  }

  #look() {
    const patience = this.#hasBody ? this.pace.partPatience : this.pace.answerPatience;
    if (performance.now() - this.#moved >= patience) this.#giveUp(new Silent(this.#hasBody));
  }

  /** @param {Error} problem */
  #giveUp(problem) {
    this.#end();
    this.upload.abort().catch(() => {});
    this.reject?.(problem);
  }

  #end() {
    clearInterval(this.#watch);
    this.transfer.stop.removeEventListener("abort", this.stopped);
  }
}

/** @typedef {Error & {originalResponse?: TusResponse | null}} TusProblem */

/** @typedef {new (message: string) => Error} Meaning of an answer's status for the file, where nobody says whose fault it is */

/** @type {[number, Meaning][]} */
const BY_STATUS = [
  [401, SignedOut],
  [403, SignedOut],
  [404, Gone],
  [408, Unreachable],
  [409, Broken], // a browser repeats by itself what broke on a used connection: then more is there than was thought
  [410, Gone],
  [460, Gone], // other bytes arrived than were sent; it is begun anew, from the copy that is here
];
const MEANINGS = new Map(BY_STATUS);

/** @param {TusProblem} problem */
function meaningOf(problem) {
  const response = problem.originalResponse;
  if (!response) return new Broken(problem.message);
  const status = response.getStatus();
  if (status === 423 || status === 429 || status >= 500) return passing(response, status);
  const { code, message = String(status) } = errorIn(response);
  if (response.getHeader("Boli-Fault") === "server") return passing(response, status);
  // The server's word on a consent is the last one: it is not begun anew
  if (code === "consent_withdrawn") return new Unwanted(code, message);
  const Meant = MEANINGS.get(status);
  if (Meant === SignedOut) return new SignedOut(code || "signed_out");
  return Meant ? new Meant(message) : new Unwanted(code || "refused", message);
}

/**
 * What may go well in a while, with the wait that the server asks for. What it says is in headers: an answer to HEAD has
 * no body.
 *
 * @param {TusResponse} response
 * @param {number} status
 */
function passing(response, status) {
  const wait = askedToWait({ status, header: (name) => response.getHeader(name) }, Date.now());
  const fault = response.getHeader("Boli-Fault");
  if (fault && fault !== "server") return new Unreachable(String(status), { wait });
  return new ServerBusy(response.getHeader("Boli-Error") || "unavailable", wait);
}

/**
 * @param {TusResponse} response
 * @returns {{code?: string, message?: string}}
 */
function errorIn(response) {
  try {
    return JSON.parse(response.getBody()).error || {};
  } catch {
    return {}; // an answer of something between us and the server
  }
}
