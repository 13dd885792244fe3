// @ts-check
// The coordinator's day: what waits, what is on its way, what was heard; recording and adding files.

import { byId, gettext, page } from "../page.js";
import { BeginDialog } from "./begin_dialog.js";
import { session } from "./connection.js";
import { EntryList } from "./entry_list.js";
import { speakersOf } from "./entry_rules.js";
import { FileDialog } from "./file_dialog.js";
import { looksPacked } from "./imports/archive_name.js";
import { lastSpeaker } from "./last_speaker.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { RecorderDialog } from "./recorder_dialog.js";
import { canRecord } from "./recording.js";
import { recover } from "./recovery.js";
import { register } from "./service_worker.js";
import { heardWithdrawals, obey } from "./withdrawn.js";

const begin = new BeginDialog();
const recorder = new RecorderDialog(() => list.show());
const files = new FileDialog(() => list.show());
const list = new EntryList({ again, listen: (entry) => recorder.listen(entry), drop }, async (entries) => {
  begin.speakers = speakersOf(entries, page.speakers, await heardWithdrawals());
});

/** Once more, while the speaker is still there. @param {RecordingEntry} entry */
async function again(entry) {
  await store.change(entry.id, { repeated: true });
  const back = begin.speakers.some((each) => each.withdrawn && each.pseudonym === entry.speaker.pseudonym);
  if (canRecord() && !back) await recorder.open(entry, entry.prompt);
  else await begin.open(entry.speaker.pseudonym);
}

/** @param {Entry} entry */
async function drop(entry) {
  if (confirm(gettext("Take this recording off this phone, for ever?"))) await store.forget(entry.id);
}

begin.speakers = speakersOf([], page.speakers); // until this phone was read
byId("begin").onclick = () => begin.open();
byId("open-recorder").onclick = async () => {
  const { chosen } = begin;
  begin.close();
  await recorder.open(chosen);
};
byId("files").onchange = (/** @type {Event} */ event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const { chosen } = begin;
  const given = [...(input.files ?? [])];
  input.value = "";
  begin.close();
  const archive = given.find(looksPacked);
  if (archive) openImport([{ file: archive, path: archive.name }]);
  else files.open(given, whoMayBeRecorded(), chosen);
};
byId("archive").onchange = (/** @type {Event} */ event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const [file] = input.files ?? [];
  begin.close();
  openImport([{ file, path: file.name }]);
  input.value = "";
};
byId("folder").onchange = (/** @type {Event} */ event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const given = [...(input.files ?? [])].map((file) => ({
    file,
    path: file.webkitRelativePath || file.name,
  }));
  input.value = "";
  begin.close();
  openImport(given);
};

/** @type {Promise<import("./imports/import_dialog.js").ImportDialog> | undefined} brought when it is needed */
let imports;

/**
 * A chat export, or the folder of a card.
 *
 * @param {{file: File, path: string}[]} given
 */
async function openImport(given) {
  imports ??= import("./imports/import_dialog.js").then(
    ({ ImportDialog }) => new ImportDialog(() => list.show()),
  );
  await (await imports).open(given, whoMayBeRecorded());
}

function whoMayBeRecorded() {
  return begin.speakers.filter((each) => each.consents);
}

for (const name of /** @type {const} */ (["dragover", "drop"])) {
  document.addEventListener(name, (event) => {
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") dropAny(dataTransfer);
  });
}

/** @param {DataTransfer} dropped */
function dropAny(dropped) {
  const given = [...dropped.files];
  const archive = given.find(looksPacked);
  if (archive) return openImport([{ file: archive, path: archive.name }]);
  // Asked for while the event lasts: afterwards a browser knows nothing of what was dropped
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  return entries.some((entry) => entry?.isDirectory) ? dropFolders(entries) : dropFiles(given);
}

/** @param {(FileSystemEntry | null)[]} entries */
async function dropFolders(entries) {
  const { filesBelow } = await import("./imports/dropped_files.js");
  await openImport(await filesBelow(entries));
}

/** @param {File[]} given */
async function dropFiles(given) {
  const last = await lastSpeaker();
  const able = whoMayBeRecorded();
  const speaker = able.find((each) => each.pseudonym === last) || able[0];
  if (speaker) files.open(given, able, { speaker, language: speaker.language });
  else await begin.open();
}

/** Somebody who came from a speaker's page: the pseudonym is behind #. */
async function openFromAddress() {
  const pseudonym = decodeURIComponent(location.hash.slice(1));
  if (!pseudonym) return;
  history.replaceState(null, "", location.pathname);
  if (begin.speakers.some((each) => each.pseudonym === pseudonym)) await begin.open(pseudonym);
}

/** Ask the server who took it back, also where nothing waits to be sent; without network what was last heard holds. */
async function obeyServer() {
  const answer = await session().catch(() => null);
  if (answer?.person !== page.person || answer.project !== page.project) return;
  await obey(answer.withdrawn, (await queue.mine()).entries);
  await list.show();
}

register();
queue.watch(() => list.show());
store.setNote(`speakers ${page.project}`, page.speakers);
await recover();
await queue.tidy();
queue.start();
await list.show();
obeyServer();
document.addEventListener("visibilitychange", () => document.hidden || obeyServer());
await openFromAddress();
