// One file over a bad link: in parts, by tus-js-client. A link that has gone silent is dropped and taken up again at
// once; what came counts, so nothing is sent twice.

import { Unreachable } from "../page.js";
import { overAll } from "./way.js";

const ENDPOINT = "/uploads";
const LARGEST_PART = 256 * 1024;
const SMALLEST_PART = 32 * 1024;
const PART_SECONDS = 2; // what a part should take: a cut then costs no more
const FIRST_PATIENCE = 2000; // milliseconds without a sign of life, while nobody knows how fast the link is
const LEAST_PATIENCE = 1200;
const MOST_PATIENCE = 20000;

/** The server will not have this file, and says why. */
export class Unwanted extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Nobody, or somebody else, is signed in. */
export class SignedOut extends Error {}

/**
 * Send a blob and give its receipt: {receipt, upload, transfer}.
 *
 * url:      where it was begun before; null begins it
 * metadata: as the server of /uploads reads it
 * onUrl:    called with the address as soon as there is one, to be kept
 * onSent:   called with the bytes that have gone out
 * Throws Unreachable (nothing is lost: call again), SignedOut, Unwanted.
 */
export async function send(blob, { url, metadata, token, onUrl, onSent, stop }) {
  const pace = { part: 64 * 1024, patience: FIRST_PATIENCE, answer: LEAST_PATIENCE, silences: 0, sent: 0 };
  for (;;) {
    const before = pace.sent;
    try {
      return await attempt(blob, { url, metadata, token, stop, pace, onSent, onUrl: (now) => onUrl((url = now)) });
    } catch (problem) {
      if (!(problem instanceof Silent || problem instanceof Broken) || stop.aborted) throw problem;
      // Where bytes got through, the link lives, and is taken up again at once
      pace.silences = pace.sent > before ? 1 : pace.silences + 1;
      if (pace.silences > 4) throw new Unreachable("silent");
      pace.part = Math.max(SMALLEST_PART, pace.part / 2);
      if (problem instanceof Silent && !problem.hadBody) await overAll(Math.min(MOST_PATIENCE, pace.answer * 2 ** pace.silences) / 1000);
      else if (problem instanceof Broken && pace.sent <= before) await later(250 * 2 ** pace.silences);
    }
  }
}

/** The connection broke, and the browser was told. */
class Broken extends Unreachable {}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

class Silent extends Error {
  constructor(hadBody) {
    super("silent");
    this.hadBody = hadBody;
  }
}

function attempt(blob, { url, metadata, token, stop, pace, onUrl, onSent }) {
  return new Promise((resolve, reject) => {
    let moved = performance.now();
    let partBegan = moved;
    let sending = false; // whether a body is on its way
    let bytes = 0;
    const upload = new self.tus.Upload(blob, {
      endpoint: ENDPOINT,
      uploadUrl: url || null,
      chunkSize: pace.part,
      parallelUploads: 1,
      retryDelays: null,
      storeFingerprintForResuming: false,
      metadata,
      headers: { "X-Boli-Token": token, Accept: "application/json" },
      onBeforeRequest(request) {
        sending = request.getMethod() === "PATCH";
        moved = partBegan = performance.now();
      },
      onAfterResponse(request, response) {
        moved = performance.now();
        if (!sending) pace.answer = Math.max(LEAST_PATIENCE, Math.min(8000, (moved - partBegan) * 3));
        receipt = response.getHeader("Boli-Receipt") || receipt;
        became = response.getHeader("Boli-Upload") || became;
      },
      onUploadUrlAvailable() {
        onUrl(upload.url);
      },
      onProgress(sent) {
        if (sent > bytes) {
          bytes = sent;
          moved = performance.now();
        }
        onSent(sent);
      },
      onChunkComplete(size) {
        pace.sent += size;
        // From what a part took: how large the next one is, and how long silence may last
        const seconds = Math.max(0.01, (performance.now() - partBegan) / 1000);
        pace.silences = 0;
        const fitting = (size / seconds) * PART_SECONDS;
        pace.part = Math.max(SMALLEST_PART, Math.min(LARGEST_PART, fitting, pace.part * 2));
        pace.patience = Math.max(LEAST_PATIENCE, Math.min(MOST_PATIENCE, seconds * 2500));
        upload.options.chunkSize = pace.part;
      },
      onSuccess() {
        end();
        if (receipt) resolve({ receipt, upload: became, transfer: upload.url.split("/").pop() });
        else reject(new Unreachable("no receipt yet")); // asked again: the server tells it as soon as it is kept
      },
      onError(problem) {
        end();
        reject(meaning(problem));
      },
    });
    let receipt = null;
    let became = null;
    const watch = setInterval(() => {
      const patience = Math.min(MOST_PATIENCE, pace.patience * 2 ** pace.silences);
      if (performance.now() - moved < (sending ? patience : pace.answer)) return;
      give(new Silent(sending));
    }, 200);
    const give = (problem) => {
      end();
      upload.abort().catch(() => {});
      reject(problem);
    };
    const stopped = () => give(new Unreachable("stopped"));
    const end = () => {
      clearInterval(watch);
      stop.removeEventListener("abort", stopped);
    };
    stop.addEventListener("abort", stopped);
    upload.start();
  });
}

function meaning(problem) {
  const answer = problem.originalResponse;
  if (!answer) return new Broken(String(problem.message));
  const status = answer.getStatus();
  let error = {};
  try {
    error = JSON.parse(answer.getBody()).error || {};
  } catch {
    // an answer of something between us and the server
  }
  if (status === 401 || status === 403) return new SignedOut(error.code || "signed_out");
  // A browser repeats by itself what broke on a used connection: then more is there than was thought
  if (status === 409) return new Broken(error.message || "409");
  if (status === 423 || status === 429 || status >= 500 || status === 408) return new Unreachable(error.message || String(status));
  // 460: other bytes arrived than were sent; it is begun anew, from the copy that is here
  // The server's word on a consent is the last one: it is not begun anew
  if (error.code === "consent_withdrawn") return new Unwanted(error.code, error.message);
  if (status === 404 || status === 410 || status === 460) return new Gone(error.message);
  return new Unwanted(error.code || "refused", error.message || String(status));
}

/** The server knows this upload no longer: it is begun anew. */
export class Gone extends Error {}
