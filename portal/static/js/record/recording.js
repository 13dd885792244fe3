// @ts-check
// A voice into the phone: piece by piece to its disk, with a level that can be watched.

import { gettext } from "../page.js";
import { LevelJudge, levelOf } from "./level.js";
import * as store from "./phone_store.js";

const PAD = 250; // milliseconds before and after, so that no word is cut
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS = 48_000; // a second; Opus keeps a voice whole, and a 2G link carries it
const CHUNK = 250; // milliseconds; with the encoder and the disk, a death loses less than a second
const LEVEL_EVERY = 50; // milliseconds
const SAMPLES = 4096; // that a level is measured on

/** Whether a voice can be recorded in this browser. Over plain http it can't, but on this very machine. */
export function canRecord() {
  return "mediaDevices" in navigator && "MediaRecorder" in self;
}

/** The media type of what this browser records, with its codec; "" where it chooses by itself. */
export function recordedType() {
  return KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) || "";
}

/** The microphone refused, is in use, or is not there. */
export class NoMicrophone extends Error {}

/** @typedef {{peak: number, fault: import("./level.js").LevelFault}} Level */

/** One recording on its way. */
export class Recording {
  /** seconds, once it is over */
  length = 0;
  #chunks = 0;
  /** @type {Blob[]} given by the recorder, not yet written */
  #pending = [];
  /** @type {Promise<void>} */
  #writes = Promise.resolve();
  #judge = new LevelJudge();
  #type = "";
  #began = 0;
  #meter = 0;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {WakeLockSentinel | null} */
  #awake = null;
  #over = () => {};

  /**
   * @param {string} entry id under which its seconds are kept
   * @param {object} called
   * @param {(level: Level) => void} called.onLevel 20 times a second
   * @param {(words: string) => void} called.onEnded where something else broke it off
   */
  constructor(entry, { onLevel, onEnded }) {
    this.entry = entry;
    this.onLevel = onLevel;
    this.onEnded = onEnded;
  }

  /** Listen. Resolves when the speaker may speak. Throws NoMicrophone. */
  async begin() {
    this.stream = await openMicrophone();
    for (const track of this.stream.getAudioTracks()) {
      const gone = gettext("The phone took the microphone away. What was said so far is kept.");
      const used = gettext("Something else uses the microphone now. What was said so far is kept.");
      track.addEventListener("ended", () => this.onEnded(gone));
      track.addEventListener("mute", () => this.onEnded(used));
    }
    this.#type = recordedType();
    const options = { mimeType: this.#type || undefined, audioBitsPerSecond: BITS };
    this.recorder = new MediaRecorder(this.stream, options);
    this.recorder.addEventListener("dataavailable", (event) => this.#keep(event.data));
    // Held while it goes on, so that no other tab takes it for one that broke off
    navigator.locks?.request(
      lockOf(this.entry),
      () => new Promise((resolve) => (this.#over = () => resolve(null))),
    );
    this.recorder.start(CHUNK);
    this.#began = performance.now();
    this.#listen(this.stream);
    this.#awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    await later(PAD);
  }

  /** @param {Blob} data */
  #keep(data) {
    if (!data.size) return;
    this.#pending.push(data);
    // However slow the disk, one write waits behind another: it takes all that came meanwhile
    if (this.#pending.length > 1) return;
    this.#writes = this.#writes.then(() => this.#write());
    this.#writes.catch(() => this.onEnded(gettext("The phone is full. What was said so far is kept.")));
  }

  async #write() {
    const bytes = await new Blob(this.#pending.splice(0)).arrayBuffer();
    await store.addChunk(this.entry, this.#chunks++, bytes);
  }

  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  /** Stop. Gives the sound as one blob, on this phone's disk already; null where nothing was recorded. */
  async end() {
    const { recorder, stream } = this;
    if (!recorder || !stream) return null;
    if (recorder.state !== "inactive") await later(PAD);
    this.length = this.seconds;
    if (recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
      recorder.stop();
      await stopped;
    }
    clearInterval(this.#meter);
    stream.getTracks().forEach((track) => track.stop());
    await this.#context?.close();
    this.#awake?.release();
    await this.#writes.catch(() => {});
    this.#over();
    return store.assembled(this.entry, (recorder.mimeType || this.#type).split(";")[0]);
  }

  /** @param {MediaStream} stream */
  #listen(stream) {
    this.#context = new AudioContext();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = SAMPLES;
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(SAMPLES);
    this.#meter = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const level = levelOf(samples);
      this.onLevel({ peak: level.peak, fault: this.#judge.push(level) });
    }, LEVEL_EVERY);
  }
}

async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      // As it is: what cleans a call takes the edges off a voice
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (cause) {
    const words = gettext("The microphone can't be used. Allow it in the browser's settings for this page.");
    throw new NoMicrophone(words, { cause });
  }
}

/** @param {string} id */
function lockOf(id) {
  return `recording ${id}`;
}

/**
 * Call `work` once that recording goes on in no tab any more: at once, where its tab is gone.
 *
 * @param {string} id
 * @param {() => Promise<void>} work
 */
export async function whenOver(id, work) {
  if (!navigator.locks) await work();
  else await navigator.locks.request(lockOf(id), work);
}

/** @param {number} milliseconds */
function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
