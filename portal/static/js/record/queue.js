// @ts-check
// The queue of this phone: people written down, consents, recordings, each sent in its turn, by its own person's session
// and no other, until the server has given its receipt. Its states: states.js.

import { Refused, gettext, page } from "../page.js";
import { Backoff } from "../parts/backoff.js";
import { randomId } from "../parts/random_id.js";
import { StateMachine, next } from "../parts/state_machine.js";
import { session } from "./connection.js";
import { nextEntry, sharedOut } from "./entry_rules.js";
import * as store from "./phone_store.js";
import { ENTRY_MOVES, SENDING_MOVES, ServerBusy, SignedOut, Unwanted, moveOf, waitOf } from "./states.js";
import { sendEntry, settleSpeaker } from "./submission_steps.js";
import { Turns } from "./turns.js";
import { askVerdicts } from "./verdicts.js";
import { eraseSound, obey } from "./withdrawn.js";

const WAITS = [1, 2, 4, 8, 15, 30]; // seconds between tries on a dead link
const LOOK_EVERY = 5000; // milliseconds between looks where nothing fails
const MOST_SESSIONS = 3; // tries with a session that was another's
const MOST_BEGINNINGS = 4; // of one upload that the server forgets
const KEPT_FOR = 24 * 3600e3; // milliseconds that what was received stays in the list

/** @type {Set<() => void>} */
const watchers = new Set();
/** @type {Map<string, number>} bytes sent by entry: too many changes to write each down */
const progress = new Map();
/** @type {StateMachine<import("./states.js").SendingState>} */
const sending = new StateMachine(SENDING_MOVES, "idle", changed);
const backoff = new Backoff(WAITS);
const turns = new Turns();
let full = false; // whether the server said last that it has no room
let running = false;
let timer = 0;
let stop = new AbortController();

/**
 * Call `watcher` whenever the list, the progress or the trouble may look different.
 *
 * @param {() => void} watcher
 */
export function watch(watcher) {
  watchers.add(watcher);
}

function changed() {
  watchers.forEach((watcher) => watcher());
}

/** What stands in the way of sending, for people; "" where nothing does. */
export function trouble() {
  switch (sending.state) {
    case "offline":
      return gettext("No network");
    case "unreliable":
      return gettext("The network is bad. It goes on by itself");
    case "busy":
      return full
        ? gettext("The server is full. It goes on by itself once there is room")
        : gettext("The server can't take it just now. It goes on by itself");
    case "signed_out":
      return gettext("Sign in to send");
    case "other_person":
      return gettext("Sign in as yourself to send");
    case "other_project":
      return gettext("Load this page again to send");
    default:
      return "";
  }
}

/** Whether signing in mends it. */
export function needsSignIn() {
  return sending.is("signed_out", "other_person");
}

/**
 * Bytes of an entry that have gone out.
 *
 * @param {Entry} entry
 */
export function sentOf(entry) {
  return progress.get(entry.id) ?? entry.sent ?? 0;
}

/** This person's entries in this project, and how many of others wait on this phone. */
export async function mine() {
  return sharedOut(await store.entries(), page);
}

/**
 * Something new to be sent. Resolves once it is on this phone's disk.
 *
 * @param {AnyFields} entry
 * @param {Blob} [blob]
 */
export async function add(entry, blob) {
  const whole = {
    id: randomId(),
    person: page.person,
    project: page.project,
    created: Date.now(),
    size: blob?.size ?? 0,
    type: blob?.type ?? "",
    ...entry,
    state: entry.state ? next(ENTRY_MOVES, entry.state, "keep") : "kept",
  };
  await store.keep(whole, blob);
  const workers = navigator.serviceWorker;
  workers?.ready.then((worker) => worker.sync?.register("boli-send")).catch(() => {});
  go();
}

/**
 * Somebody alike is known: this is them.
 *
 * @param {SpeakerEntry} entry
 * @param {{id: string, pseudonym: string, short: string}} speaker
 */
export async function settle(entry, speaker) {
  await settleSpeaker(entry, speaker);
  go();
}

/**
 * Somebody alike is known: this is somebody else.
 *
 * @param {SpeakerEntry} entry
 */
export async function insist({ id }) {
  await store.move(id, "insist", { sure: true, error: null });
  go();
}

/** Send what waits, now. */
export function go() {
  clearTimeout(timer);
  timer = setTimeout(run, 0);
}

export function start() {
  store.onChange(changed);
  addEventListener("online", () => {
    backoff.reset();
    // A request that hangs on the dead link is not waited for
    stop.abort();
    stop = new AbortController();
    go();
  });
  addEventListener("offline", () => sending.move("cut"));
  document.addEventListener("visibilitychange", () => document.hidden || go());
  navigator.serviceWorker?.addEventListener("message", (event) => {
    if (event.data !== "send") return;
    event.ports[0]?.postMessage("sending");
    go();
  });
  go();
  askVerdicts();
}

async function run() {
  if (running) return;
  running = true;
  try {
    // One tab sends; another one takes over when it is closed.
    if (!navigator.locks) await sendAll();
    else {
      await navigator.locks.request("boli-sending", { ifAvailable: true }, async (lock) => lock && sendAll());
    }
  } finally {
    running = false;
    clearTimeout(timer);
    timer = setTimeout(run, backoff.wait || LOOK_EVERY);
  }
}

/** Entry after entry, until none is left or something stands in the way. */
async function sendAll() {
  /** @type {import("./connection.js").Session | null} */
  let known = null;
  for (;;) {
    const { entries } = await mine();
    const due = entries.filter(({ id }) => turns.isDue(id, Date.now()));
    const entry = nextEntry(due, turns.aside);
    if (!entry) {
      backoff.reset();
      const stays = nextEntry(entries) ? "throttle" : "drain";
      sending.move(navigator.onLine ? stays : "cut");
      return;
    }
    try {
      known ??= await session();
      if (!belongs(known)) return;
      if ((await obey(known.withdrawn, (await mine()).entries)).includes(entry.id)) continue;
      await sendEntry(entry, { stop: stop.signal, onSent: (bytes) => showSent(entry, bytes) });
      progress.delete(entry.id);
      turns.succeed(entry.id);
      backoff.reset();
      if (entry.kind === "recording") askVerdicts();
    } catch (problem) {
      progress.delete(entry.id);
      if (!(await goesOn(problem, entry, Boolean(known)))) return;
      if (moveOf(problem) === "signOut") known = null;
    }
  }
}

/**
 * @param {Entry} entry
 * @param {number} bytes
 */
function showSent(entry, bytes) {
  progress.set(entry.id, bytes);
  changed();
}

/**
 * Whether what is sent by that session is sent by this page's person, for its project.
 *
 * @param {import("./connection.js").Session} known
 */
function belongs({ person, project, token }) {
  if (person !== page.person) sending.move("changePerson");
  else if (project !== page.project) sending.move("changeProject");
  else {
    page.token = token;
    sending.move("connect");
    return true;
  }
  return false;
}

/**
 * What follows from a problem. Gives whether the next try is made at once.
 *
 * @param {unknown} problem
 * @param {Entry} entry
 * @param {boolean} hadSession
 */
async function goesOn(problem, entry, hadSession) {
  const move = moveOf(problem);
  const waits = mustWait(problem, entry);
  switch (move) {
    case "refuse":
      if (problem instanceof Unwanted && problem.code === "consent_withdrawn") await eraseSound(entry.id);
      else await store.move(entry.id, "refuse", { error: asKept(problem) });
      return true;
    case "beginAnew":
      await store.change(entry.id, { url: null, sent: 0 });
      backoff.fail();
      return backoff.failures < MOST_BEGINNINGS;
    case "signOut":
      // The token of another session: ask once whose it is now
      if (hadSession && !(problem instanceof SignedOut && problem.message === "not_signed_in")) {
        backoff.fail();
        if (backoff.failures < MOST_SESSIONS) return true;
      }
      backoff.failAtLeast(MOST_SESSIONS);
      break;
    case "throttle":
      full = problem instanceof ServerBusy && problem.message === "disk_full";
      backoff.fail();
      sending.move(move);
      // The server may well take another one: a full disk has room for a shorter recording
      return turns.fail(entry.id) || waits;
    default:
      backoff.fail();
  }
  sending.move(move === "fail" && !navigator.onLine ? "cut" : move);
  return false;
}

/**
 * Whether this entry alone waits, as long as the server asked.
 *
 * @param {unknown} problem
 * @param {Entry} entry
 */
function mustWait(problem, { id }) {
  const { seconds, alone } = waitOf(problem);
  if (seconds) turns.wait(Date.now() + 1000 * seconds, alone ? id : undefined);
  return alone && seconds > 0;
}

/** @param {unknown} problem */
function asKept(problem) {
  if (problem instanceof Refused)
    return { code: problem.code, message: problem.message, alike: problem.details.alike };
  if (problem instanceof Unwanted) return { code: problem.code, message: problem.message };
  throw problem;
}

/** Take what was received long ago out of the list: the server's own list has it. */
export async function tidy() {
  for (const { id, state, received = 0 } of (await mine()).entries) {
    if (state === "received" && Date.now() - received > KEPT_FOR) await store.forget(id);
  }
}
