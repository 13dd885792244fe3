import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { crc32, deflateRawSync } from "node:zlib";

import { Chat, linesOf } from "../../../portal/static/js/record/imports/chat.js";
import { inArchive, inFolder } from "../../../portal/static/js/record/imports/found_files.js";
import { ZipFault, entriesOf, unpacked } from "../../../portal/static/js/record/imports/zip.js";

const CHATS = new URL("../../whatsapp/", import.meta.url);
const EXPECTED = JSON.parse(readFileSync(new URL("expected.json", CHATS), "utf-8"));
const MOST = 50e6;

/** An archive of files, each as zip has it; `lie` changes what the directory says of them. */
function zipOf(files, { lie = {}, deflate = true } = {}) {
  const [bodies, directory] = [[], []];
  let at = 0;
  for (const [name, text, own = {}] of files) {
    const [label, bytes] = [Buffer.from(name), Buffer.from(text)];
    const packed = deflate ? deflateRawSync(bytes) : bytes;
    const about = {
      crc: crc32(bytes),
      size: bytes.length,
      packed: packed.length,
      at,
      flags: 0x800,
      method: deflate ? 8 : 0,
      ...lie,
      ...own,
    };
    const local = Buffer.alloc(30);
    local.writeUInt32LE(own.signature ?? 0x04034b50, 0);
    local.writeUInt16LE(deflate ? 8 : 0, 8);
    local.writeUInt16LE(label.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(about.flags, 8);
    central.writeUInt16LE(about.method, 10);
    central.writeUInt32LE(about.crc, 16);
    central.writeUInt32LE(about.packed, 20);
    central.writeUInt32LE(about.size, 24);
    central.writeUInt16LE(label.length, 28);
    central.writeUInt32LE(about.at, 42);
    bodies.push(local, label, packed);
    directory.push(central, label);
    at += 30 + label.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length % 0x10000, 10);
  end.writeUInt32LE(
    directory.reduce((sum, each) => sum + each.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return new Blob([...bodies, ...directory, end]);
}

const fault = (code) => (problem) => problem instanceof ZipFault && problem.code === code;
const only = async (archive) => unpacked(archive, (await entriesOf(archive))[0], MOST);

for (const [name, { order, sent }] of Object.entries(EXPECTED)) {
  test(`a chat tells who sent each recording and when: ${name}`, async () => {
    const chat = new Chat((file) => file in sent);

    for await (const line of linesOf([readFileSync(new URL(`${name}.txt`, CHATS))])) chat.push(line);

    assert.equal(chat.order, order);
    const found = [...chat.sent].map(([file, each]) => [
      file,
      { sender: each.sender, at: new Date(each.at).toISOString().slice(0, 19) },
    ]);
    assert.deepEqual(Object.fromEntries(found), sent);
  });
}

test("a line of megabytes is read in no time and says nothing", () => {
  const chat = new Chat(() => true);

  chat.push(`31/01/2024, 10:11 - ${"a: ".repeat(1e6)}.opus`);
  chat.push(`[${"1".repeat(1e6)}/`);

  assert.equal(chat.sent.size, 0);
});

test("lines are the same however the bytes come in", async () => {
  const bytes = readFileSync(new URL("iphone.txt", CHATS));
  const read = async (size) => {
    const blocks = [];
    for (let at = 0; at < bytes.length; at += size) blocks.push(bytes.subarray(at, at + size));
    const lines = [];
    for await (const line of linesOf(blocks)) if (line) lines.push(line);
    return lines;
  };

  assert.deepEqual(await read(1), await read(1e6));
});

for (const deflate of [true, false]) {
  test(`a file of an archive comes out as it went in, ${deflate ? "packed" : "as it was"}`, async () => {
    const text = "voice ".repeat(2e6);

    const blob = await only(zipOf([["PTT-1.opus", text]], { deflate }));

    assert.equal(await blob.text(), text);
  });
}

test("an archive whose words are not true is refused", async () => {
  const one = (own) => zipOf([["a.opus", "sound ".repeat(1000), own]]);

  await assert.rejects(entriesOf(new Blob(["no zip at all"])), fault("no_zip"));
  await assert.rejects(only(one({ crc: 7 })), fault("damaged"));
  await assert.rejects(only(one({ size: 100 })), fault("damaged")); // unpacks to more than it says
  await assert.rejects(only(one({ size: 1e9 })), fault("too_large"));
  await assert.rejects(only(one({ signature: 7 })), fault("damaged"));
  await assert.rejects(only(one({ method: 0 })), fault("damaged"));
  await assert.rejects(only(one({ flags: 1 })), fault("locked"));
  await assert.rejects(entriesOf(one({ packed: 1e9 })), fault("damaged"));
  await assert.rejects(entriesOf(one({ at: 0xffffffff - 7 })), fault("damaged"));
});

test("many entries over the same bytes are a bomb, and ten thousand are the most", async () => {
  const same = Array.from({ length: 50 }, (_, number) => [`${number}.opus`, "sound", { at: 0 }]);
  const many = Array.from({ length: 10_001 }, (_, number) => [`${number}.opus`, ""]);

  await assert.rejects(entriesOf(zipOf(same)), fault("damaged"));
  await assert.rejects(entriesOf(zipOf(many)), fault("too_many"));
});

test("an archive cut anywhere gives a fault and no half file", async () => {
  const whole = zipOf([
    ["a.opus", "sound ".repeat(50)],
    ["b.opus", "more ".repeat(50)],
  ]);

  for (let size = 0; size < whole.size; size += 7) {
    await assert.rejects(entriesOf(whole.slice(0, size)), (problem) => problem instanceof ZipFault);
  }
});

test("recordings of a chat stand by sender and time, all else is left out", async () => {
  const chat = readFileSync(new URL("android_day_first.txt", CHATS), "utf-8");
  const archive = zipOf([
    ["WhatsApp Chat with Asha.txt", chat],
    ["PTT-20240201-WA0002.opus", "2"],
    ["PTT-20240131-WA0001.opus", "1"],
    ["PTT-20240301-WA0009.opus", "9"],
    ["IMG-20240201-WA0004.jpg", "picture"],
    ["__MACOSX/._PTT-20240131-WA0001.opus", "shadow"],
    ["../../../etc/PTT-20240201-WA0003.opus", "3"],
  ]);

  const groups = await inArchive(archive, MOST);

  const found = groups.map(({ sender, files }) => [sender, files.map(({ name }) => name)]);
  assert.deepEqual(found, [
    ["+91 98765 43210", ["PTT-20240201-WA0002.opus"]],
    ["Asha Devi", ["PTT-20240131-WA0001.opus"]],
    ["Asha: Dumka", ["PTT-20240201-WA0003.opus"]],
    ["", ["PTT-20240301-WA0009.opus"]],
  ]);
  assert.equal(await (await groups[1].files[0].open()).text(), "1");
});

test("recordings of a card stand by folder and time", async () => {
  const on = (path, lastModified) => ({
    file: new File(["x"], path.split("/").pop(), { lastModified }),
    path,
  });

  const groups = await inFolder([
    on("card/B/2.wav", 5),
    on("card/A/1.mp3", 9),
    on("card/A/0.MP3", 2),
    on("card/A/x.txt", 1),
  ]);

  const found = groups.map(({ sender, files }) => [sender, files.map(({ name }) => name)]);
  assert.deepEqual(found, [
    ["card/A", ["0.MP3", "1.mp3"]],
    ["card/B", ["2.wav"]],
  ]);
});
