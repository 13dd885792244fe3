// @ts-check
// The states of what this phone keeps, of its sending and of its recorder, and the only moves there are.

import { NO_WAIT, Refused, Unreachable } from "../parts/problems.js";

/**
 * recording: its seconds are being kept; unheard: nobody listened to it yet; kept: to be sent; sending: begun;
 * received: the server has it, and gave a receipt; refused: the server will not have it
 *
 * @type {Record<EntryState, Partial<Record<string, EntryState>>>}
 */
export const ENTRY_MOVES = {
  recording: { stop: "unheard", breakOff: "unheard", keep: "kept" },
  unheard: { stop: "unheard", keep: "kept", refuse: "refused" },
  kept: { send: "sending", receive: "received", refuse: "refused" },
  sending: { send: "sending", receive: "received", refuse: "refused" },
  received: { receive: "received" },
  refused: { insist: "kept", receive: "received" },
};

/** What waits on this phone, for its person or for the network. */
export const WAITING = new Set(["kept", "sending", "unheard"]);

/**
 * idle:          nothing waits
 * sending:       the server answers, and entries go out
 * offline:       the phone says that it has no network
 * unreliable:    it has one, and the server does not answer
 * busy:          the server answers, and can't take what waits: it is full, or something that it needs is away
 * signed_out:    nobody is signed in
 * other_person:  somebody else is: theirs alone is sent
 * other_project: another project was chosen since this page was loaded
 *
 * @typedef {"idle" | "sending" | "offline" | "unreliable" | "busy" | "signed_out" | "other_person" | "other_project"} SendingState
 */

/**
 * However a try ended, the next may end in any of these ways.
 *
 * @type {Partial<Record<string, SendingState>>}
 */
const TRY = {
  connect: "sending",
  drain: "idle",
  cut: "offline",
  fail: "unreliable",
  throttle: "busy",
  signOut: "signed_out",
  changePerson: "other_person",
  changeProject: "other_project",
};

/** @type {Record<SendingState, Partial<Record<string, SendingState>>>} */
export const SENDING_MOVES = {
  idle: TRY,
  offline: TRY,
  unreliable: TRY,
  busy: TRY,
  signed_out: TRY,
  other_person: TRY,
  other_project: TRY,
  sending: { ...TRY, send: "sending", refuse: "sending", beginAnew: "sending" },
};

/** The server will not have this file, and says why. */
export class Unwanted extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Nobody, or somebody else, is signed in. `message` is the server's code. */
export class SignedOut extends Error {}

/** Nothing is wrong with the entry: the server can't take it now. `message` is the server's code. */
export class ServerBusy extends Error {
  /**
   * @param {string} message
   * @param {import("../parts/problems.js").Wait} [wait]
   */
  constructor(message, wait = NO_WAIT) {
    super(message);
    this.wait = wait;
  }
}

/** The server knows this upload no longer: it is begun anew. */
export class Gone extends Error {}

/**
 * How long the server asked to be left alone with a problem.
 *
 * @param {unknown} problem
 * @returns {import("../parts/problems.js").Wait}
 */
export function waitOf(problem) {
  const says = problem instanceof ServerBusy || problem instanceof Refused || problem instanceof Unreachable;
  return says ? problem.wait : NO_WAIT;
}

/**
 * The move of SENDING_MOVES that a problem makes.
 *
 * @param {unknown} problem
 * @returns {"signOut" | "beginAnew" | "fail" | "throttle" | "refuse"} throws the problem where it is a fault of ours
 */
export function moveOf(problem) {
  if (problem instanceof SignedOut) return "signOut";
  if (problem instanceof Gone) return "beginAnew";
  // What says when it can be asked again is no dead link
  if (problem instanceof Unreachable) return problem.wait.seconds ? "throttle" : "fail";
  if (problem instanceof ServerBusy) return "throttle";
  if (problem instanceof Unwanted) return "refuse";
  if (!(problem instanceof Refused)) throw problem;
  if (problem.status === 401 || problem.status === 403) return "signOut";
  return problem.status === 423 || problem.status === 429 || problem.status >= 500 ? "throttle" : "refuse";
}

/**
 * idle: to begin; starting: the microphone is asked for; recording; stopping; unheard: to be listened to;
 * heard: to be kept
 *
 * @typedef {"idle" | "starting" | "recording" | "stopping" | "unheard" | "heard"} RecorderState
 */

/** @type {Record<RecorderState, Partial<Record<string, RecorderState>>>} */
export const RECORDER_MOVES = {
  idle: { begin: "starting", show: "unheard", leave: "idle" },
  starting: { speak: "recording", fail: "idle", leave: "idle" },
  recording: { stop: "stopping", leave: "idle" },
  stopping: { stopped: "unheard", fail: "idle", leave: "idle" },
  unheard: { hear: "heard", again: "idle", leave: "idle" },
  heard: { keep: "idle", again: "idle", leave: "idle" },
};
