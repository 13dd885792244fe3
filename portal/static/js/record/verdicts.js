// @ts-check
// What the server heard in files just received: asked while they are young, and only of those.

import { ask, isUnanswered, page } from "../page.js";
import { sharedOut } from "./entry_rules.js";
import * as store from "./phone_store.js";

const EVERY = 2500; // milliseconds between questions
const WITHIN = 5 * 60_000; // milliseconds after it was received
const MOST = 50; // files a question

let timer = 0;

/** Ask until each has its verdict. Safe to call at any time. */
export async function askVerdicts() {
  clearTimeout(timer);
  const { entries } = sharedOut(await store.entries(), page);
  const waiting = entries.filter(awaitsVerdict);
  if (!waiting.length) return;
  try {
    const query = waiting.slice(0, MOST).map(({ upload }) => `upload=${encodeURIComponent(String(upload))}`);
    const { heard, delayed } = await ask(`/record/heard?${query.join("&")}`);
    for (const { id, upload, seconds } of waiting) {
      const verdict = heard[String(upload)];
      if (verdict) await store.change(id, { heard: verdict, seconds: verdict.seconds ?? seconds });
      else if (delayed[String(upload)]) await store.change(id, { delayed: delayed[String(upload)] });
    }
  } catch (problem) {
    if (!isUnanswered(problem)) throw problem;
  }
  timer = setTimeout(askVerdicts, EVERY);
}

/**
 * @param {Entry} entry
 * @returns {entry is RecordingEntry}
 */
function awaitsVerdict(entry) {
  const young = Date.now() - (entry.received ?? 0) < WITHIN;
  return (
    entry.kind === "recording" && entry.state === "received" && Boolean(entry.upload) && !entry.heard && young
  );
}
