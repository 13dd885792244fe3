// The queue of this phone: people written down, consents, recordings, each sent in its turn, by its own person's session
// and no other, until the server has given its receipt.

import { Refused, Unreachable, ask, gettext, page } from "../page.js";
import { sha256 } from "./digest.js";
import { shortName } from "./names.js";
import { Gone, SignedOut, Unwanted, send } from "./sending.js";
import * as store from "./store.js";
import * as way from "./way.js";
import { erase, hear as hearOf } from "./withdrawn.js";

const TURN = { speaker: 0, consent: 1, recording: 2 };
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds between tries on a dead link
const HEARD_EVERY = 2500; // milliseconds between questions for a verdict
const HEARD_WITHIN = 5 * 60e3;
const KEPT_FOR = 24 * 3600e3; // what is received stays in the list for a day

/** What stands in the way of sending, for people; "" where nothing does. */
export let trouble = "";

const watchers = new Set();
const progress = new Map(); // bytes sent by entry: too many changes to write each down
let running = false;
let failures = 0;
let timer = 0;
let stop = new AbortController();

/** Call `watcher` whenever the list, the progress or the trouble may look different. */
export function watch(watcher) {
  watchers.add(watcher);
}

function changed() {
  watchers.forEach((watcher) => watcher());
}

function say(words) {
  if (trouble === words) return;
  trouble = words;
  changed();
}

/** Bytes of an entry that have gone out. */
export function sentOf(entry) {
  return progress.get(entry.id) ?? entry.sent ?? 0;
}

/** This person's entries in this project, and how many of others wait on this phone. */
export async function mine() {
  // A yes that is still being asked for belongs to its own page
  const all = (await store.entries()).filter((entry) => entry.kind !== "consent" || entry.yes);
  const own = all.filter((entry) => entry.person === page.person);
  const here = own.filter((entry) => entry.project === page.project);
  const waiting = (entry) => ["kept", "sending", "unheard"].includes(entry.state);
  return {
    entries: here,
    elsewhere: own.filter((entry) => entry.project !== page.project && waiting(entry)).length,
    others: all.filter((entry) => entry.person !== page.person && waiting(entry)).length,
  };
}

/** Something new to be sent. Resolves once it is on this phone's disk. */
export async function add(entry, blob) {
  const whole = {
    id: store.newId(),
    person: page.person,
    project: page.project,
    created: Date.now(),
    state: "kept",
    size: blob?.size ?? 0,
    type: blob?.type ?? "",
    ...entry,
  };
  await store.keep(whole, blob);
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("boli-send")).catch(() => {});
  go();
  return whole;
}

/** Send what waits, now. */
export function go() {
  clearTimeout(timer);
  timer = setTimeout(run, 0);
}

export function start() {
  store.onChange(changed);
  addEventListener("online", () => {
    failures = 0;
    // A request that hangs on the dead link is not waited for
    stop.abort();
    stop = new AbortController();
    go();
  });
  addEventListener("offline", () => say(gettext("No network")));
  document.addEventListener("visibilitychange", () => document.hidden || go());
  navigator.serviceWorker?.addEventListener("message", (event) => event.data === "send" && go());
  go();
  hear();
}

async function run() {
  if (running) return;
  running = true;
  try {
    // One tab sends; another one takes over when it is closed.
    if (navigator.locks) await navigator.locks.request("boli-sending", { ifAvailable: true }, (lock) => lock && work());
    else await work();
  } finally {
    running = false;
    clearTimeout(timer);
    timer = setTimeout(run, 1000 * (failures ? WAITS[Math.min(failures, WAITS.length) - 1] : 5));
  }
}

async function work() {
  let session = null;
  for (;;) {
    const next = await following();
    if (!next) {
      failures = 0;
      say(navigator.onLine ? "" : gettext("No network"));
      return;
    }
    try {
      session ||= await way.session();
      if (session.person !== page.person) {
        say(gettext("Sign in as yourself to send"));
        return;
      }
      if (session.project !== page.project) {
        say(gettext("Load this page again to send"));
        return;
      }
      page.token = session.token;
      say("");
      if (await obey(session.withdrawn, next)) continue;
      await STEPS[next.kind](next);
      failures = 0;
    } catch (problem) {
      progress.delete(next.id);
      if (problem instanceof SignedOut || (problem instanceof Refused && [401, 403].includes(problem.status))) {
        if (session && problem.message !== "not_signed_in") {
          // The token of another session: ask once whose it is now
          session = null;
          failures += 1;
          if (failures < 3) continue;
        }
        say(gettext("Sign in to send"));
        failures = Math.max(failures, 3);
        return;
      }
      if (problem instanceof Gone) {
        await store.change(next.id, { url: null, sent: 0 });
        failures += 1;
        if (failures < 4) continue;
        return;
      }
      if (problem instanceof Unreachable) {
        failures += 1;
        say(navigator.onLine ? gettext("The network is bad. It goes on by itself") : gettext("No network"));
        return;
      }
      const refused = problem instanceof Refused || problem instanceof Unwanted;
      if (!refused) throw problem;
      if (problem.code === "consent_withdrawn") {
        await erase(next);
        continue;
      }
      if (problem.status === 429 || problem.status >= 500) {
        failures += 1;
        return;
      }
      await store.change(next.id, { state: "refused", error: { code: problem.code, message: problem.message, alike: problem.details?.alike } });
    }
  }
}

/** What is to be sent now: people before their consent, consents before recordings, the oldest first. */
async function following() {
  const { entries } = await mine();
  const ready = entries.filter(
    (entry) => ["kept", "sending"].includes(entry.state) && (entry.kind === "speaker" || entry.speaker.id),
  );
  return ready.sort((a, b) => TURN[a.kind] - TURN[b.kind] || a.created - b.created)[0];
}

const STEPS = {
  async speaker(entry) {
    let answer;
    try {
      answer = await ask("/speakers/register", {
        method: "POST",
        body: { key: entry.id, fields: entry.fields, sure: entry.sure || false },
      });
    } catch (problem) {
      if (problem instanceof Refused && problem.code === "taken" && problem.details.suggestion) {
        // Adopted here first, then asked for again: a lost reply makes nobody twice
        await rename(entry, problem.details.suggestion);
        return;
      }
      throw problem;
    }
    await settle(entry, answer);
  },

  async consent(entry) {
    let transfer = entry.transfer;
    if (!transfer) {
      const sent = await upload(entry, "consent");
      transfer = sent.transfer;
      await store.change(entry.id, { transfer, receipt: sent.receipt });
    }
    await ask(`/speakers/${entry.speaker.id}/consent`, { method: "POST", body: { transfer, ...entry.yes } });
    progress.delete(entry.id);
    await store.free(entry.id, { state: "received", received: Date.now() });
  },

  async recording(entry) {
    const sent = await upload(entry, "recording");
    progress.delete(entry.id);
    await store.free(entry.id, {
      state: "received",
      received: Date.now(),
      receipt: sent.receipt,
      upload: sent.upload,
      sent: entry.size,
    });
    hear();
  },
};

/** Obey what the server says of consents; whether that took `next` off the line. */
async function obey(withdrawn, next) {
  const { entries } = await mine();
  return (await hearOf(withdrawn, entries)).includes(next.id);
}

async function upload(entry, purpose) {
  const blob = await store.blobOf(entry.id);
  if (!blob) throw new Unwanted("gone", gettext("The phone has lost this file. Record it again."));
  let digest = entry.sha256;
  if (!digest) {
    digest = await sha256(blob);
    await store.change(entry.id, { sha256: digest });
  }
  if (entry.state !== "sending") await store.change(entry.id, { state: "sending" });
  const metadata = { purpose, name: entry.name, speaker: entry.speaker.pseudonym, sha256: digest };
  if (entry.language) metadata.language = entry.language;
  if (entry.prompt) metadata.prompt = entry.prompt;
  if (entry.type) metadata.filetype = entry.type;
  let url = entry.url;
  return send(blob, {
    url,
    metadata,
    token: page.token,
    stop: stop.signal,
    onUrl: (now) => {
      if (now !== url) store.change(entry.id, { url: (url = now) });
    },
    onSent: (bytes) => {
      progress.set(entry.id, bytes);
      changed();
    },
  });
}

/** A person is known to the server now: whatever waits for them may go. */
export async function settle(entry, speaker) {
  const { entries } = await mine();
  const known = { id: speaker.id, pseudonym: speaker.pseudonym, short: speaker.short };
  for (const other of entries) {
    if (other.speaker?.local === entry.id) await store.change(other.id, { speaker: known });
  }
  // Their name and phone leave this one with that
  const fields = { pseudonym: speaker.pseudonym };
  await store.free(entry.id, { state: "received", received: Date.now(), speaker: known, fields });
}

async function rename(entry, pseudonym) {
  await store.change(entry.id, (now) => ({ fields: { ...now.fields, pseudonym } }));
  const { entries } = await mine();
  const short = shortName(pseudonym);
  for (const other of entries) {
    if (other.speaker?.local === entry.id) {
      await store.change(other.id, { speaker: { ...other.speaker, pseudonym, short } });
    }
  }
}

let hearing = 0;

/** Ask what was heard in files just received, and only in those. */
async function hear() {
  clearTimeout(hearing);
  const { entries } = await mine();
  const young = (entry) => Date.now() - entry.received < HEARD_WITHIN;
  const unheard = entries.filter((entry) => entry.state === "received" && entry.upload && !entry.heard && young(entry));
  if (unheard.length) {
    try {
      const query = unheard.slice(0, 50).map((entry) => `upload=${encodeURIComponent(entry.upload)}`);
      const { heard } = await ask(`/record/heard?${query.join("&")}`);
      for (const entry of unheard) {
        const told = heard[entry.upload];
        if (told) await store.change(entry.id, { heard: told, seconds: told.seconds ?? entry.seconds });
      }
    } catch (problem) {
      if (!(problem instanceof Unreachable || problem instanceof Refused)) throw problem;
    }
    hearing = setTimeout(hear, HEARD_EVERY);
  }
}

/** Take what was received long ago out of the list: the server's own list has it. */
export async function tidy() {
  const { entries } = await mine();
  for (const entry of entries) {
    if (entry.state === "received" && Date.now() - entry.received > KEPT_FOR) await store.forget(entry.id);
  }
}
