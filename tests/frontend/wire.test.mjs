import assert from "node:assert/strict";
import { test } from "node:test";

import { advance, backoff, compareIds, openLive } from "../../frontend/assets/live.mjs";
import { connectionWords, healthWords, isWarming } from "../../frontend/assets/shell.mjs";
import { parseMessage, readArray, readBatch, readBase64 } from "../../frontend/assets/wire.mjs";
import { near, vectors } from "./vectors.mjs";

const bytes = (base64) => Uint8Array.from(Buffer.from(base64, "base64"));

test("a packed event reads back with its arrays", async () => {
  for (const { message, values, arrays } of (await vectors()).wire) {
    const { events } = readBatch(parseMessage(bytes(message).buffer));
    const [event] = events;
    for (const [name, value] of Object.entries(values)) assert.deepEqual(event[name], value, name);
    for (const [name, value] of Object.entries(arrays)) {
      const read = event[name];
      if (Array.isArray(read)) read.forEach((part, i) => { near(part, value[i].data); assert.deepEqual(part.shape, value[i].shape); });
      else { near(read, value.data); assert.deepEqual(read.shape, value.shape); }
    }
  }
});

test("an array at an odd offset is read from a copy", () => {
  const body = new Uint8Array(12);
  new DataView(body.buffer).setFloat32(2, 1.5, true);
  assert.deepEqual([...readArray(["<f4", [1], 2], body)], [1.5]);
});

test("a base64 array reads back", () => {
  const bdata = Buffer.from(new Float32Array([1, 2, 3, 4]).buffer).toString("base64");
  const read = readBase64({ dtype: "f4", shape: "2, 2", bdata });
  assert.deepEqual([[...read], read.shape], [[1, 2, 3, 4], [2, 2]]);
});

test("ids are ordered by number, and cursors never go back", () => {
  assert.ok(compareIds("9-0", "10-0") < 0);
  assert.ok(compareIds("10-2", "10-10") < 0);
  assert.deepEqual(advance({ metrics: "20-0" }, { metrics: "9-0", frames: "3-1" }), { metrics: "20-0", frames: "3-1" });
});

test("the wait doubles from a quarter second to eight", () => {
  assert.deepEqual([0, 1, 5, 9].map((tries) => backoff(tries, 0.5)), [250, 500, 8000, 8000]);
});

test("a lost socket comes back with the cursors it had", async () => {
  const sockets = [];
  class Socket {
    constructor() { this.readyState = 0; this.sent = []; sockets.push(this); }
    send(text) { this.sent.push(text); }
    close() { this.readyState = 3; this.onclose?.(); }
    open() { this.readyState = 1; this.onopen(); }
  }
  const states = [];
  const batches = [];
  const live = openLive({
    url: "ws://x", Socket, onState: ({ state }) => states.push(state),
    onBatch: (batch, acknowledge) => { batches.push(batch); acknowledge(); },
  });
  live.watch("r1", {});
  sockets[0].open();
  const head = JSON.stringify({ run: "r1", cursors: { metrics: "7-0" }, state: null, events: [] });
  const padded = head.padEnd(Math.ceil(head.length / 8) * 8);
  const buffer = new ArrayBuffer(8 + padded.length);
  new DataView(buffer).setUint32(0, 1, true);
  new DataView(buffer).setUint32(4, padded.length, true);
  new Uint8Array(buffer, 8).set(new TextEncoder().encode(padded));
  sockets[0].onmessage({ data: buffer });
  assert.equal(batches.length, 1);
  assert.equal(sockets[0].sent.at(-1), "a");
  sockets[0].close();
  await new Promise((resolve) => setTimeout(resolve, 400));
  sockets[1].open();
  assert.deepEqual(JSON.parse(sockets[1].sent[0]).watch.r1, { metrics: "7-0", events: "0-0", frames: "0-0" });
  assert.deepEqual(states, ["connecting", "live", "lost", "live"]);
  live.close();
});

test("the connection speaks in words", () => {
  assert.equal(connectionWords({ state: "live" }), "live");
  assert.match(connectionWords({ state: "lost", since: 0, tries: 2 }), /^not live since \d\d:\d\d:\d\d · retrying \(3\)$/);
  assert.equal(healthWords({ queues: { interactive: { workers: 0, waiting: 1 } } }), "no worker");
  assert.equal(healthWords({ queues: { interactive: { workers: 0, warming: 1, waiting: 1 } } }), "warming up");
  const queues = (workers, warming) => ({ queues: { interactive: { workers, warming, waiting: 0 } } });
  assert.deepEqual([isWarming(queues(0, 1)), isWarming(queues(1, 1)), isWarming(queues(0, 0)), isWarming(null)], [true, false, false, false]);
});
