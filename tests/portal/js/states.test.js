import assert from "node:assert/strict";
import test from "node:test";

import { Refused, Unreachable } from "../../../portal/static/js/parts/problems.js";
import { ForbiddenMove, StateMachine, next } from "../../../portal/static/js/parts/state_machine.js";
import {
  ENTRY_MOVES,
  Gone,
  RECORDER_MOVES,
  SENDING_MOVES,
  ServerBusy,
  SignedOut,
  Unwanted,
  moveOf,
} from "../../../portal/static/js/record/states.js";
import { WRITE_MOVES } from "../../../portal/static/js/write/states.js";

const TABLES = {
  "a screen where people write": [WRITE_MOVES, "waiting"],
  "an entry of the phone": [ENTRY_MOVES, "recording"],
  sending: [SENDING_MOVES, "idle"],
  "the recorder": [RECORDER_MOVES, "idle"],
};

function reached(table, first) {
  const found = new Set([first]);
  for (const state of found) for (const to of Object.values(table[state])) found.add(to);
  return found;
}

for (const [name, [table, first]] of Object.entries(TABLES)) {
  test(`every move of ${name} leads to a state that has moves of its own`, () => {
    for (const moves of Object.values(table)) for (const to of Object.values(moves)) assert.ok(table[to], to);
  });

  test(`every state of ${name} can be reached`, () => {
    assert.deepEqual([...reached(table, first)].sort(), Object.keys(table).sort());
  });
}

test("what the server has received never goes back to the phone", () => {
  assert.deepEqual([...reached(ENTRY_MOVES, "received")], ["received"]);
});

test("no clip comes to a page that must be loaded again", () => {
  assert.deepEqual([...reached(WRITE_MOVES, "outdated")], ["outdated"]);
});

test("a clip can be finished once", () => {
  const screen = new StateMachine(WRITE_MOVES, "writing");
  screen.move("finish");

  assert.equal(screen.can("finish"), false);
  assert.throws(() => screen.move("finish"), ForbiddenMove);
  assert.equal(screen.state, "leaving");
});

test("a recording is kept after it was heard, and not before", () => {
  assert.throws(() => next(RECORDER_MOVES, "unheard", "keep"), /nothing that is unheard can keep/);
  assert.equal(next(RECORDER_MOVES, next(RECORDER_MOVES, "unheard", "hear"), "keep"), "idle");
});

test("who watches a state hears of each change once", () => {
  const seen = [];
  const sending = new StateMachine(SENDING_MOVES, "idle", (state) => seen.push(state));
  for (const move of ["connect", "send", "cut", "cut", "drain"]) sending.move(move);

  assert.deepEqual(seen, ["sending", "offline", "idle"]);
});

test("what went wrong decides what becomes of an entry", () => {
  assert.equal(moveOf(new Unreachable()), "fail");
  assert.equal(moveOf(new Unreachable("", { wait: { seconds: 5, alone: false } })), "throttle");
  assert.equal(moveOf(new SignedOut("not_signed_in")), "signOut");
  assert.equal(moveOf(new Refused(403, "forged", "")), "signOut");
  assert.equal(moveOf(new Refused(429, "busy", "")), "throttle");
  assert.equal(moveOf(new Refused(423, "locked", "")), "throttle");
  assert.equal(moveOf(new ServerBusy("disk_full")), "throttle");
  assert.equal(moveOf(new Refused(503, "away", "")), "throttle");
  assert.equal(moveOf(new Refused(409, "alike", "")), "refuse");
  assert.equal(moveOf(new Unwanted("too_large", "")), "refuse");
  assert.equal(moveOf(new Gone()), "beginAnew");
  assert.throws(() => moveOf(new TypeError("ours")), /ours/);
});
