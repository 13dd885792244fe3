import assert from "node:assert/strict";
import test from "node:test";

import {
  isOver,
  named,
  nextEntry,
  sharedOut,
  shortName,
  speakersOf,
} from "../../../portal/static/js/record/entry_rules.js";
import { Turns } from "../../../portal/static/js/record/turns.js";

const WHO = { person: "asha", project: "demo" };
const GIVEN = { id: "speaker-1", pseudonym: "DUM-001", short: "001" };
let clock = 0;
const entry = (kind, more = {}) => ({
  id: `e${++clock}`,
  kind,
  state: "kept",
  created: clock,
  ...WHO,
  ...more,
});

test("people go before their consent, consents before recordings, the oldest first", () => {
  const later = entry("recording", { speaker: GIVEN });
  const consent = entry("consent", { speaker: GIVEN, yes: {} });
  const person = entry("speaker", { fields: { pseudonym: "DUM-002" } });
  const last = entry("recording", { speaker: GIVEN });
  const queue = [last, later, consent, person];

  const order = [];
  while (queue.length) order.push(...queue.splice(queue.indexOf(nextEntry(queue)), 1));

  assert.deepEqual(order, [person, consent, later, last]);
});

test("an entry is not sent before the moment that the server named for it, and the others go meanwhile", () => {
  const waiting = entry("recording", { speaker: GIVEN });
  const other = entry("recording", { speaker: GIVEN });
  const turns = new Turns();
  const due = (now) => [waiting, other].filter(({ id }) => turns.isDue(id, now));

  turns.wait(60_000, waiting.id);

  assert.equal(nextEntry(due(59_999), turns.aside), other);
  assert.equal(nextEntry(due(60_000), turns.aside), waiting);
});

test("a server that asks to be left alone by all is", () => {
  const turns = new Turns();
  turns.wait(30_000);

  assert.equal(turns.isDue("any", 29_999), false);
  assert.equal(turns.isDue("any", 30_000), true);
});

test("what the server has taken waits for nothing any more", () => {
  const turns = new Turns();
  turns.wait(60_000, "one");
  turns.succeed("one");

  assert.equal(turns.isDue("one", 0), true);
});

test("what the server failed at three times goes after all others, and is not forgotten", () => {
  const stuck = entry("consent", { speaker: GIVEN, yes: {} });
  const other = entry("recording", { speaker: GIVEN });
  const turns = new Turns();

  assert.deepEqual(
    [1, 2, 3, 4].map(() => turns.fail(stuck.id)),
    [false, false, true, false],
  );

  assert.equal(nextEntry([stuck, other], turns.aside), other);
  assert.equal(nextEntry([stuck], turns.aside), stuck);
  turns.succeed(stuck.id);
  assert.equal(nextEntry([stuck, other], turns.aside), stuck);
});

test("nothing is sent of somebody whom the server does not know yet", () => {
  const waiting = entry("recording", { speaker: { local: "e0", pseudonym: "SHI-001", short: "001" } });

  assert.equal(nextEntry([waiting]), undefined);
});

test("what was not listened to, refused or received is not sent", () => {
  for (const state of ["recording", "unheard", "received", "refused"]) {
    assert.equal(nextEntry([entry("recording", { speaker: GIVEN, state })]), undefined);
  }
});

test("a person sees their own of this project, and how much else waits", () => {
  const mine = entry("recording", { speaker: GIVEN });
  const all = [
    mine,
    entry("recording", { speaker: GIVEN, project: "other" }),
    entry("recording", { speaker: GIVEN, person: "ravi" }),
    entry("recording", { speaker: GIVEN, person: "ravi", state: "received" }),
    entry("consent", { speaker: GIVEN }), // still being asked
  ];

  assert.deepEqual(sharedOut(all, WHO), { entries: [mine], elsewhere: 1, others: 1 });
});

test("somebody met without network can be recorded once they said yes here", () => {
  const person = entry("speaker", {
    fields: { pseudonym: "SHI-001", language: "te", district: "Shikaripara" },
  });
  const speaker = { local: person.id, pseudonym: "SHI-001", short: "001" };

  const [before] = speakersOf([person], []);
  const [after] = speakersOf([person, entry("consent", { speaker, yes: {} })], []);

  assert.equal(before.consents, false);
  assert.equal(after.consents, true);
  assert.deepEqual(named(after), speaker);
});

test("whom the server names is listed once, with what it knows of them", () => {
  const known = { ...GIVEN, language: "te", district: "Dumka", consents: false };
  const consent = entry("consent", { speaker: GIVEN, language: "te", yes: {}, state: "received" });

  const speakers = speakersOf([consent], [known]);

  assert.deepEqual(speakers, [{ ...known, consents: true }]);
});

test("who took it back is recorded only after a younger yes, and what waits under the old one is over", () => {
  const known = { ...GIVEN, language: "te", district: "Dumka", consents: true };
  const old = entry("consent", { speaker: GIVEN, yes: {}, created: 10 });
  const young = entry("consent", { speaker: GIVEN, yes: {}, created: 30 });
  const back = { [String(GIVEN.id)]: 20 };

  assert.equal(speakersOf([old], [known], back)[0].withdrawn, true);
  assert.equal(speakersOf([old], [known], back)[0].consents, false);
  assert.equal(speakersOf([old, young], [known], back)[0].consents, true);
  assert.deepEqual(
    [10, 30].map((created) => isOver(entry("recording", { speaker: GIVEN, created }), back)),
    [true, false],
  );
});

test("a disc shows the number of a pseudonym, or how it begins", () => {
  assert.equal(shortName("DUM-014"), "014");
  assert.equal(shortName("Lakshmi"), "Lak");
});
