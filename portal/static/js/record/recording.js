// A voice into the phone: second by second to its disk, with a level that can be watched, and warnings while there is
// time to mend what is wrong.

import { gettext, make } from "../page.js";
import * as store from "./phone_store.js";

const PAD = 250; // milliseconds before and after, so that no word is cut
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS = 48000; // a second; Opus keeps a voice whole, and a 2G link carries it
const WINDOW = 80; // levels looked back on: four seconds
const EVERY = 50; // milliseconds

/** Whether a voice can be recorded in this browser. Over plain http it can't, but on this very machine. */
export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia && self.MediaRecorder);
}

/** The microphone refused, is in use, or is not there. */
export class NoMicrophone extends Error {}

/**
 * One recording on its way. entry: id under which its seconds are kept.
 * onLevel({peak, rms, warning}) comes 20 times a second; onEnded(words) where something else broke it off.
 */
export class Take {
  constructor(entry, { onLevel, onEnded }) {
    this.entry = entry;
    this.onLevel = onLevel;
    this.onEnded = onEnded;
    this.number = 0;
    this.writes = Promise.resolve();
    this.levels = [];
    this.clipped = 0;
  }

  /** Listen. Resolves when the speaker may speak. Throws NoMicrophone. */
  async begin() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        // As it is: what cleans a call takes the edges off a voice
        audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    } catch (cause) {
      throw new NoMicrophone(
        gettext("The microphone can't be used. Allow it in the browser's settings for this page."),
        { cause },
      );
    }
    for (const track of this.stream.getAudioTracks()) {
      track.addEventListener("ended", () =>
        this.onEnded(gettext("The phone took the microphone away. What was said so far is kept.")),
      );
      track.addEventListener("mute", () =>
        this.onEnded(gettext("Something else uses the microphone now. What was said so far is kept.")),
      );
    }
    this.type = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) || "";
    this.recorder = new MediaRecorder(this.stream, {
      mimeType: this.type || undefined,
      audioBitsPerSecond: BITS,
    });
    this.recorder.addEventListener("dataavailable", (event) => {
      if (!event.data.size) return;
      const number = this.number++;
      this.writes = this.writes.then(() => store.addChunk(this.entry, number, event.data));
      this.writes.catch(() => this.onEnded(gettext("The phone is full. What was said so far is kept.")));
    });
    // Held while it goes on, so that no other tab takes it for one that broke off
    navigator.locks?.request(
      `recording ${this.entry}`,
      () => new Promise((resolve) => (this.over = resolve)),
    );
    this.recorder.start(1000);
    this.began = performance.now();
    this.listen();
    this.lock = await navigator.wakeLock?.request("screen").catch(() => null);
    await later(PAD);
  }

  get seconds() {
    return (performance.now() - this.began) / 1000;
  }

  /** Stop. Gives the sound as one blob, on this phone's disk already. */
  async end() {
    if (this.recorder.state !== "inactive") {
      await later(PAD);
      this.length = this.seconds;
      if (this.recorder.state !== "inactive") {
        const stopped = new Promise((resolve) =>
          this.recorder.addEventListener("stop", resolve, { once: true }),
        );
        this.recorder.stop();
        await stopped;
      }
    }
    this.length ??= this.seconds;
    clearInterval(this.meter);
    this.stream.getTracks().forEach((track) => track.stop());
    await this.context?.close();
    this.lock?.release();
    await this.writes.catch(() => {});
    this.over?.();
    return store.assembled(this.entry, (this.recorder.mimeType || this.type).split(";")[0]);
  }

  listen() {
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 4096;
    this.context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.meter = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      let peak = 0;
      let sum = 0;
      for (const sample of samples) {
        peak = Math.max(peak, Math.abs(sample));
        sum += sample * sample;
      }
      const rms = Math.sqrt(sum / samples.length);
      this.onLevel({ peak, rms, warning: this.judge(peak, rms) });
    }, EVERY);
  }

  /** What is wrong with the last seconds, in words; "" for good sound. */
  judge(peak, rms) {
    this.levels.push(20 * Math.log10(rms + 1e-6));
    if (this.levels.length > WINDOW) this.levels.shift();
    this.clipped = peak >= 0.985 ? Math.min(40, this.clipped + 8) : Math.max(0, this.clipped - 1);
    if (this.clipped > 8) return gettext("Too loud: hold the phone further away.");
    if (this.levels.length < WINDOW * 0.6) return "";
    const ordered = [...this.levels].sort((a, b) => a - b);
    const voice = ordered[Math.floor(ordered.length * 0.92)];
    const around = ordered[Math.floor(ordered.length * 0.1)];
    if (voice < -45) return gettext("Too quiet: hold the phone a hand's width from the mouth.");
    // A voice pauses; where nothing ever falls silent, something else sounds
    if (around > -42 && voice - around < 9) return gettext("Too much noise: go indoors, or away from it.");
    return "";
  }
}

/** Call `work` unless that recording still goes on in another tab. */
export async function unlessRecording(id, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(`recording ${id}`, { ifAvailable: true }, (lock) => (lock ? work() : null));
}

/** The level over time, drawn as it comes. */
export class Wave {
  constructor() {
    this.canvas = make("canvas", { class: "wave", width: 640, height: 120, "aria-hidden": "true" });
    this.peaks = [];
  }

  add(peak, warned) {
    this.peaks.push({ peak, warned });
    if (this.peaks.length > 160) this.peaks.shift();
    const ink = this.canvas.getContext("2d");
    const style = getComputedStyle(this.canvas);
    const { width, height } = this.canvas;
    ink.clearRect(0, 0, width, height);
    this.peaks.forEach((level, place) => {
      const tall = Math.max(3, Math.min(1, level.peak) ** 0.6 * (height - 8));
      ink.fillStyle = level.warned ? style.getPropertyValue("--warn") : style.getPropertyValue("--wave");
      ink.fillRect(place * 4, (height - tall) / 2, 2.5, tall);
    });
  }
}

function later(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
