/** The contract of transports, as tests that every implementation passes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep, until } from "../support/wait.ts";
import { assertContent, pattern, record, Recorder, writeAll } from "./transport_harness.ts";
import type { TransportHarness } from "./transport_harness.ts";

const LARGE_BYTES = 10 * 1024 * 1024;
const encoder = new TextEncoder();
const PING = encoder.encode("PING\r\n");
const PONG = encoder.encode("+PONG\r\n");

/** Declares the tests of one implementation. */
export function transportContract(harness: TransportHarness): void {
  const { name } = harness;
  test(`${name}: echoes what it gets`, () => echoes(harness));
  test(`${name}: says who is connected`, () => describesEnds(harness));
  test(`${name}: flushes once after everything a turn received`, () => flushesOnce(harness));
  test(`${name}: pause() stops a sender, resume() loses nothing`, () => pausesSender(harness));
  test(`${name}: a slow reader gets every byte of a large reply`, () => writesSlowly(harness));
  test(`${name}: carries 10 MB in both directions at once`, () => carriesBothWays(harness));
  test(`${name}: replies to a peer that ended its direction`, () => staysHalfOpen(harness));
  test(`${name}: end() sends what was taken, then closes`, () => endSendsTaken(harness));
  test(`${name}: end() inside connected() still sends`, () => endsInConnected(harness));
  test(`${name}: destroy() closes once, then takes nothing`, () => destroys(harness));
  test(`${name}: a reset in the middle of a reply closes once`, () => survivesReset(harness));
  test(`${name}: serves 200 connections at once`, () => servesMany(harness));
  test(`${name}: a closed listener keeps its connections`, () => closesListener(harness));
  test(`${name}: a throwing handler loses only its connection`, () => isolatesThrower(harness));
}

async function echoes(harness: TransportHarness): Promise<void> {
  const echo = (recorder: Recorder): void => {
    recorder.react = (chunk) => void recorder.transport.write(chunk, 0, chunk.length);
  };
  const { listener, recorders } = await record(harness, echo);
  const peer = await harness.connect(listener.address);
  for (let length = 1; length < 3000; length = length * 3 + 1) {
    const message = pattern(length);
    peer.chunks.length = 0;
    const before = peer.receivedBytes;
    peer.send(message);
    await until("the echo", () => peer.receivedBytes - before >= length);
    assertContent(peer.chunks, message);
  }
  const inner = pattern(100);
  peer.chunks.length = 0;
  assert.equal(recorders[0].transport.write(inner, 40, 60), 20);
  assert.equal(recorders[0].transport.write(inner, 40, 40), 0);
  await until("part of a buffer", () => peer.chunks.length > 0);
  assertContent(peer.chunks, inner.subarray(40, 60));
  peer.endSending();
  await until("ended", () => recorders[0].events.includes("ended"));
  recorders[0].transport.end();
  await until("closed", () => recorders[0].closedCount > 0 && peer.isOver);
  listener.close();
}

async function describesEnds(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness);
  const peer = await harness.connect(listener.address);
  await until("a connection", () => recorders.length === 1);
  const { transport } = recorders[0];
  assert.equal(transport.isLoopback, true);
  if (listener.address.kind === "tcp") {
    const { host, port } = listener.address;
    assert.ok(port > 0);
    assert.equal(transport.isUnix, false);
    assert.equal(transport.localAddress, `${host}:${port}`);
    assert.match(transport.remoteAddress, /^127\.0\.0\.1:\d+$/);
  } else {
    assert.equal(transport.isUnix, true);
    assert.equal(transport.localAddress, `${listener.address.path}:0`);
    assert.equal(transport.remoteAddress, `${listener.address.path}:0`);
  }
  transport.destroy();
  await until("the end", () => peer.isOver);
  listener.close();
}

async function flushesOnce(harness: TransportHarness): Promise<void> {
  const events: string[] = [];
  const note = (recorder: Recorder): void => {
    recorder.react = () => void events.push("received");
  };
  const flush = (): void => void events.push("flush");
  const { listener, recorders } = await record(harness, note, { flush });
  const peers = await Promise.all(
    Array.from({ length: 50 }, () => harness.connect(listener.address)),
  );
  await until("all connections", () => recorders.length === 50);
  let gathered = 0;
  for (let round = 1; round <= 5; round++) {
    for (const peer of peers) peer.send(PING);
    const isThere = (recorder: Recorder): boolean => recorder.receivedBytes === PING.length * round;
    await until("all messages", () => recorders.every(isThere) && events.at(-1) === "flush");
    const groups = events.join(" ").split("flush").map((group) => group.trim());
    events.length = 0;
    assert.equal(groups.pop(), "", "a flush follows the last received");
    for (const group of groups) {
      assert.notEqual(group, "", "no flush without anything received");
      gathered = Math.max(gathered, group.split(" ").length);
    }
  }
  assert.ok(gathered >= 20, `a turn gathers what is ready, at most ${gathered} here`);
  for (const recorder of recorders) recorder.transport.destroy();
  await until("all closed", () => recorders.every((recorder) => recorder.closedCount === 1));
  listener.close();
}

async function pausesSender(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness, (recorder) => recorder.transport.pause());
  const peer = await harness.connect(listener.address);
  const message = pattern(2 * LARGE_BYTES);
  peer.send(message);
  await until("a connection", () => recorders.length === 1);
  const [recorder] = recorders;
  const { transport } = recorder;
  await sleep(100);
  assert.ok(recorder.events.length <= 1, "at most one chunk after pause()");
  recorder.react = () => {
    transport.pause();
    setTimeout(() => transport.resume(), recorder.events.length % 8 === 0 ? 1 : 0);
  };
  transport.resume();
  await until("a megabyte", () => recorder.receivedBytes >= 1024 * 1024);
  recorder.react = () => transport.pause();
  await sleep(20);
  const before = recorder.receivedBytes;
  await sleep(100);
  assert.ok(recorder.receivedBytes === before, "nothing comes while paused");
  recorder.react = () => {};
  transport.resume();
  await until("all", () => recorder.receivedBytes >= message.length);
  assertContent(recorder.chunks, message);
  peer.reset();
  await until("closed", () => recorder.events.includes("ended") || recorder.closedCount === 1);
  transport.destroy();
  await until("closed", () => recorder.closedCount === 1);
  listener.close();
}

async function writesSlowly(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness);
  const peer = await harness.connect(listener.address);
  peer.pause();
  await until("a connection", () => recorders.length === 1);
  const message = pattern(LARGE_BYTES);
  const outcome = writeAll(recorders[0], message);
  await until("a full connection", () => outcome.shortWrites > 0);
  await sleep(50);
  assert.ok(peer.receivedBytes < LARGE_BYTES);
  while (peer.receivedBytes < LARGE_BYTES) {
    peer.resume();
    await sleep(1);
    peer.pause();
    await sleep(1);
  }
  assertContent(peer.chunks, message);
  recorders[0].transport.end();
  peer.resume();
  await until("closed", () => recorders[0].closedCount === 1 && peer.isOver);
  listener.close();
}

/** An echo that stops reading while its output waits. */
function echoWithBackpressure(recorder: Recorder): void {
  const { transport } = recorder;
  const waiting: Uint8Array[] = [];
  recorder.refill = () => {
    while (waiting.length > 0) {
      const taken = transport.write(waiting[0], 0, waiting[0].length);
      if (taken < waiting[0].length) {
        waiting[0] = waiting[0].subarray(taken);
        transport.pause();
        return;
      }
      waiting.shift();
    }
    transport.resume();
  };
  recorder.react = (chunk) => {
    waiting.push(chunk.slice());
    if (waiting.length === 1) recorder.refill();
  };
}

async function carriesBothWays(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness, echoWithBackpressure);
  const peer = await harness.connect(listener.address);
  const message = pattern(LARGE_BYTES, 7);
  for (let start = 0; start < message.length; start += 77_777) {
    peer.send(message.subarray(start, start + 77_777));
  }
  for (let round = 0; peer.receivedBytes < LARGE_BYTES; round++) {
    if (round % 3 === 0) peer.pause();
    await sleep(1);
    peer.resume();
    await sleep(1);
    assert.ok(round < 10_000, "it goes on");
  }
  assertContent(peer.chunks, message);
  recorders[0].transport.destroy();
  await until("closed", () => recorders[0].closedCount === 1);
  listener.close();
}

async function staysHalfOpen(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness);
  const peer = await harness.connect(listener.address);
  peer.send(PING);
  peer.endSending();
  await until("the end of the peer", () => recorders[0]?.events.includes("ended") ?? false);
  const [recorder] = recorders;
  assert.deepEqual(recorder.events, ["received", "ended"]);
  await sleep(20);
  assert.equal(recorder.closedCount, 0);
  assert.equal(recorder.transport.write(PONG, 0, PONG.length), PONG.length);
  await until("the reply", () => peer.receivedBytes === PONG.length);
  recorder.transport.end();
  await until("closed", () => recorder.closedCount === 1 && peer.isOver);
  assert.equal(recorder.events.at(-1), "closed");
  listener.close();
}

async function endSendsTaken(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness);
  const peer = await harness.connect(listener.address);
  peer.pause();
  await until("a connection", () => recorders.length === 1);
  const [recorder] = recorders;
  const message = pattern(LARGE_BYTES);
  const taken = recorder.transport.write(message, 0, message.length);
  assert.ok(taken > 0 && taken < message.length);
  recorder.transport.end();
  recorder.transport.end();
  assert.equal(recorder.closedCount, 0, "closed() comes after the call that caused it");
  assert.equal(recorder.transport.write(message, 0, 10), 0);
  peer.resume();
  await until("closed", () => recorder.closedCount === 1 && peer.isOver);
  assertContent(peer.chunks, message.subarray(0, taken));
  assert.deepEqual(recorder.events, ["closed"]);
  listener.close();
}

async function endsInConnected(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness, ({ transport }) => {
    transport.write(PONG, 0, PONG.length);
    transport.end();
  });
  const peer = await harness.connect(listener.address);
  await until("closed", () => recorders[0]?.closedCount === 1 && peer.isOver);
  assertContent(peer.chunks, PONG);
  assert.deepEqual(recorders[0].events, ["closed"]);
  listener.close();
}

async function destroys(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness, (recorder) => {
    recorder.react = () => {
      recorder.transport.destroy();
      recorder.transport.destroy();
      recorder.transport.end();
      assert.equal(recorder.closedCount, 0, "closed() comes after the call that caused it");
    };
  });
  const peer = await harness.connect(listener.address);
  peer.send(PING);
  await until("closed", () => recorders[0]?.closedCount === 1 && peer.isOver);
  const [{ transport, events }] = recorders;
  assert.equal(transport.write(PONG, 0, PONG.length), 0);
  transport.pause();
  transport.resume();
  transport.destroy();
  await sleep(20);
  assert.deepEqual(events, ["received", "closed"]);
  assert.equal(peer.receivedBytes, 0);
  listener.close();
}

async function survivesReset(harness: TransportHarness): Promise<void> {
  const { listener, recorders, failures } = await record(harness);
  for (let round = 0; round < 5; round++) {
    const peer = await harness.connect(listener.address);
    peer.pause();
    await until("a connection", () => recorders.length === round + 1);
    const recorder = recorders[round];
    const message = pattern(LARGE_BYTES);
    writeAll(recorder, message);
    if (round % 2 === 1) recorder.transport.pause();
    await sleep(5);
    peer.reset();
    await until("closed", () => recorder.closedCount === 1);
    assert.equal(recorder.transport.write(message, 0, message.length), 0);
    await sleep(5);
    assert.equal(recorder.closedCount, 1);
    assert.deepEqual(recorder.events.filter((event) => event.includes("after")), []);
  }
  assert.deepEqual(failures, []);
  listener.close();
}

async function servesMany(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness, echoWithBackpressure);
  const connecting = Array.from({ length: 200 }, () => harness.connect(listener.address));
  const peers = await Promise.all(connecting);
  peers.forEach((peer, index) => peer.send(pattern(10_000, index)));
  await until("all echoes", () => peers.every((peer) => peer.receivedBytes === 10_000));
  peers.forEach((peer, index) => assertContent(peer.chunks, pattern(10_000, index)));
  peers.forEach((peer, index) => index % 2 === 0 ? peer.reset() : peer.endSending());
  const isGone = ({ events }: Recorder): boolean =>
    events.includes("ended") || events.includes("closed");
  await until("all gone", () => recorders.every(isGone));
  for (const { transport } of recorders) transport.end();
  await until("all closed", () => recorders.every(({ closedCount }) => closedCount === 1));
  listener.close();
}

async function closesListener(harness: TransportHarness): Promise<void> {
  const { listener, recorders } = await record(harness, echoWithBackpressure);
  const peer = await harness.connect(listener.address);
  await until("a connection", () => recorders.length === 1);
  listener.close();
  listener.close();
  peer.send(PING);
  await until("the echo", () => peer.receivedBytes === PING.length);
  await assert.rejects(async () => await harness.connect(listener.address));
  peer.endSending();
  await until("the end of the peer", () => recorders[0].events.includes("ended"));
  recorders[0].transport.end();
  await until("closed", () => recorders[0].closedCount === 1);
}

async function isolatesThrower(harness: TransportHarness): Promise<void> {
  const { listener, recorders, failures } = await record(harness, (recorder) => {
    recorder.react = (chunk) => {
      if (chunk[0] === 33) throw new Error("thrown on purpose");
      recorder.transport.write(chunk, 0, chunk.length);
    };
  });
  const victim = await harness.connect(listener.address);
  await until("a connection", () => recorders.length === 1);
  const other = await harness.connect(listener.address);
  victim.send(new Uint8Array([33]));
  await until("closed", () => recorders[0].closedCount === 1 && victim.isOver);
  assert.deepEqual(failures.map(String), ["Error: thrown on purpose"]);
  other.send(PING);
  await until("the echo", () => other.receivedBytes === PING.length);
  recorders[1].transport.destroy();
  await until("closed", () => recorders[1].closedCount === 1);
  assert.deepEqual(recorders[0].events, ["received", "closed"]);
  listener.close();
}
