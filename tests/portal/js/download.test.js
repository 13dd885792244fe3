import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import test from "node:test";

import { download } from "../../../portal/static/js/parts/download.js";
import { Unreachable } from "../../../portal/static/js/parts/problems.js";

const PIECES = ["a clip ", "that comes ", "in pieces ", "over ", "a slow link"];

/** The address of a server that answers so until the test is over. */
async function answering(t, answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

test("a file that comes piece by piece comes whole, however long it takes", async (t) => {
  const silent = 2;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const pieces = PIECES.values();
  t.mock.method(globalThis, "fetch", async (_, { signal }) => {
    const pull = (controller) => {
      t.mock.timers.tick(900 * silent);
      signal.throwIfAborted();
      const { done, value } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return new Response(body, { headers: { "Content-Type": "audio/ogg" } });
  });

  const { ok, blob } = await download("/clip", silent);

  assert.ok(ok);
  assert.equal(blob.type, "audio/ogg");
  assert.equal(await blob.text(), PIECES.join(""));
});

test("a link that falls silent half-way, or never answers, is given up", async (t) => {
  const halfWay = await answering(t, (_, response) => response.write(PIECES[0]));
  const never = await answering(t, () => {});

  for (const address of [halfWay, never]) await assert.rejects(download(address, 0.2), Unreachable);
});

test("a link that breaks is no file, and a refusal says its status", async (t) => {
  const broken = await answering(t, (_, response) => {
    response.writeHead(200, { "Content-Length": 100 });
    response.write(PIECES[0], () => response.destroy());
  });
  const gone = await answering(t, (_, response) => response.writeHead(410).end());

  await assert.rejects(download(broken), Unreachable);
  const { ok, status } = await download(gone);
  assert.deepEqual([ok, status], [false, 410]);
});
