/** Streams as values of keys: what the keyspace does with them without knowing what they are. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { streamArena, streamUnit } from "../../../src/engine/streams.ts";
import { totalBytes } from "../../../src/structs/listpack.ts";
import { nodesOf } from "../../../src/structs/stream_header.ts";
import { openNode } from "../../../src/structs/stream_node.ts";
import { unitsOf } from "../../../src/structs/stream_group.ts";
import { at, createStreamFixture, type Reply } from "./conversation.ts";

test("a node's bytes are those that redis-server 7.0.15 dumps", () => {
  const { all, engine } = createStreamFixture();
  all("XADD s 1-1 a 1", "XADD s 2-5 a hello", "XADD s 2-6 b 70000 c -1");
  all("XADD s 5-0 a ", "XDEL s 1-1");
  const { keyspace } = engine;
  let ref = 0;
  keyspace.forEach(keyspace.databases[0], (each) => ref = each);
  const arena = streamArena(keyspace, ref);
  const [node] = unitsOf(arena, nodesOf(streamUnit(keyspace, ref)));
  const opened = { region: arena, lp: 0 };
  openNode(arena, node, opened);
  const bytes = arena.bytes.slice(opened.lp, opened.lp + totalBytes(arena.bytes, opened.lp));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.equal(
    hex,
    "4e 00 00 00 1d 00 03 01 01 01 01 01 81 61 02 00 01 " +
      "03 01 00 01 00 01 01 01 04 01 " +
      "02 01 01 01 04 01 85 68 65 6c 6c 6f 06 04 01 " +
      "00 01 01 01 05 01 02 01 81 62 02 f2 70 11 01 04 81 63 02 df ff 02 08 01 " +
      "02 01 04 01 df ff 02 80 01 04 01 ff",
  );
});

test("COPY, RENAME and expiry take a stream with all its groups", () => {
  const { ask, all, engine, clock } = createStreamFixture();
  for (let i = 1; i <= 300; i++) all(`XADD s ${i}-0 n ${i} text ${"x".repeat(i)}`);
  all("XGROUP CREATE s g 0", "XGROUP CREATE s h $", "XREADGROUP GROUP g a COUNT 90 STREAMS s >");
  all("XREADGROUP GROUP g b COUNT 20 STREAMS s >", "XDEL s 7-0", "XGROUP CREATECONSUMER s h c");
  const whole = (key: string): Reply => ask(`XINFO STREAM ${key} FULL COUNT 0`);
  const before = whole("s");
  all("COPY s t", "COPY s u", "RENAME s v");
  engine.keyspace.checkInvariants();
  assert.deepEqual(whole("t"), before);
  assert.deepEqual(whole("v"), before);
  all("XADD t 400-0 n 1", "XACK t g 1-0", "XGROUP DESTROY t h");
  assert.deepEqual(whole("v"), before);
  engine.keyspace.checkInvariants();
  assert.deepEqual(whole("u"), before);
  all("PEXPIRE u 100", "PEXPIRE v 200");
  clock.advance(150);
  assert.equal(ask("EXISTS u v"), "1");
  all("FLUSHALL");
  engine.keyspace.checkInvariants();
  assert.equal(engine.keyspace.account.liveBytes < 1000, true);
});

test("a large stream is deleted in slices", () => {
  const { all, line, engine } = createStreamFixture();
  const { keyspace } = engine;
  all("XADD s 1-0 n 1", "DEL s");
  const empty = keyspace.account.liveBytes;
  for (let i = 1; i <= 6000; i++) all(`XADD s ${i}-0 n ${i}`);
  all("XGROUP CREATE s g 0", "XREADGROUP GROUP g a COUNT 4000 STREAMS s >");
  all("XREADGROUP GROUP g b STREAMS s >");
  for (const end of ["XGROUP DESTROY s g", "UNLINK s"]) {
    assert.equal(line(end), ":1\r\n");
    let slices = 0;
    for (; keyspace.hasDiscarded; slices++) {
      keyspace.freeDiscarded(100);
      keyspace.checkInvariants();
    }
    assert.ok(slices >= (end === "UNLINK s" ? 1 : 50), `${slices} slices after ${end}`);
  }
  assert.equal(keyspace.account.liveBytes, empty);
});

test("without memory a command is refused, and what it had done before is sound", () => {
  const { ask, all, engine } = createStreamFixture({ capacityBytes: 2 * 1024 * 1024 });
  const { keyspace } = engine;
  const value = "x".repeat(2000);
  let count = 0;
  while (!String(ask(`XADD s ${count + 1}-0 n ${value}`)).startsWith("-OOM")) count++;
  keyspace.checkInvariants();
  assert.equal(ask("XLEN s"), String(count));
  assert.match(String(ask(`XADD new 1-0 n ${value.repeat(20)}`)), /^-OOM/);
  assert.equal(ask("EXISTS new"), "0");
  all(`XDEL s ${Array.from({ length: 40 }, (_, i) => `${i + 1}-0`).join(" ")}`);
  ask("XGROUP CREATE s g 0");
  let delivered = 0;
  for (;;) {
    const reply = ask(`XREADGROUP GROUP g consumer${delivered} COUNT 7 STREAMS s >`);
    if (reply === null || String(reply).startsWith("-OOM")) break;
    delivered++;
  }
  keyspace.checkInvariants();
  all("XTRIM s MAXLEN 1");
  keyspace.checkInvariants();
  all("DEL s");
  keyspace.checkInvariants();
});

test("streams that change at random keep their invariants, and what they answer", () => {
  for (const seed of [1, 2, 3]) {
    const { ask, engine } = createStreamFixture({ seed });
    const { random } = engine;
    engine.settings.streamNodeMaxEntries = [0, 5, 100][seed - 1];
    const entries = new Map<string, Set<string>>();
    for (let i = 1; i <= 1500; i++) {
      const key = `s${random.below(3)}`;
      const id = `${random.below(i) + 1}-0`;
      const group = `g${random.below(3)}`;
      const consumer = `c${random.below(4)}`;
      const has = entries.get(key) ?? new Set<string>();
      entries.set(key, has);
      switch (random.below(12)) {
        case 0:
          ask(`XGROUP CREATE ${key} ${group} ${random.below(2) === 0 ? "0" : "$"}`);
          break;
        case 1:
          if (ask(`XDEL ${key} ${id}`) === "1") has.delete(id);
          break;
        case 2:
          ask(`XACK ${key} ${group} ${id} ${random.below(i)}-0`);
          break;
        case 3:
          ask(`XCLAIM ${key} ${group} ${consumer} 0 ${id} ${random.below(i)}-0 FORCE`);
          break;
        case 4:
          ask(`XAUTOCLAIM ${key} ${group} ${consumer} 0 ${id} COUNT 5`);
          break;
        case 5:
          ask(`XGROUP DELCONSUMER ${key} ${group} ${consumer}`);
          break;
        case 6:
          if (random.below(4) === 0) ask(`XGROUP DESTROY ${key} ${group}`);
          break;
        case 7: {
          const reply = ask(
            `XDELEX ${key} ${["KEEPREF", "DELREF", "ACKED"][random.below(3)]} IDS 1 ${id}`,
          );
          if ((reply as Reply[])[0] === "1") has.delete(id);
          break;
        }
        case 8:
          ask(`XREADGROUP GROUP ${group} ${consumer} COUNT 4 STREAMS ${key} ${id}`);
          break;
        case 9:
          ask(`XREADGROUP GROUP ${group} ${consumer} COUNT 9 STREAMS ${key} >`);
          break;
        default:
          if (ask(`XADD ${key} ${i}-0 n ${i}`) === `${i}-0`) has.add(`${i}-0`);
      }
      if (i % 100 === 0) engine.keyspace.checkInvariants();
    }
    for (const [key, has] of entries) {
      if (has.size === 0) continue;
      assert.deepEqual((ask(`XRANGE ${key} - +`) as Reply[][]).map(([id]) => id), [...has]);
      assert.equal(at(ask(`XINFO STREAM ${key}`), "length"), String(has.size));
    }
    engine.keyspace.checkInvariants();
  }
});
