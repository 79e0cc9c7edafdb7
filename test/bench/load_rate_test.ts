// The generator against servers whose delays are known: what it says is what they did.

import { createServer, type Server, type Socket } from "node:net";
import { afterEach, test } from "node:test";
import assert from "node:assert/strict";
import { type LoadResult, percentileOf, runLoad } from "../../bench/load/mod.ts";
import type { LoadOptions, SlowRequest } from "../../bench/load/result.ts";
import { searchThroughput } from "../../bench/load/search.ts";

const PING_BYTES = "*1\r\n$4\r\nPING\r\n".length;
const PONG = "+PONG\r\n";
/** Timers may fire so much too early. */
const TIMER_MS = 1.5;

const servers: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/**
 * A server of PING that answers one request after the other.
 * @param delayMs how long the request of this number, from 0 on, is held up; Infinity = for ever
 */
function startDelaying(delayMs: (request: number) => number): Promise<number> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let isHolding = false;
  const waiting: Socket[] = [];
  const work = (): void => {
    while (!isHolding && waiting.length > 0) {
      const socket = waiting.shift() as Socket;
      const ms = delayMs(requests++);
      if (ms === 0) socket.write(PONG);
      else {
        isHolding = true;
        if (ms === Infinity) return;
        setTimeout(() => {
          socket.write(PONG);
          isHolding = false;
          work();
        }, ms);
      }
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    let bytes = 0;
    socket.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      for (; bytes >= PING_BYTES; bytes -= PING_BYTES) waiting.push(socket);
      work();
    });
  });
  servers.push({ server, sockets });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : 0);
    });
  });
}

function load(port: number, options: Partial<LoadOptions>): Promise<LoadResult> {
  return runLoad({
    address: { host: "127.0.0.1", port },
    work: { kind: "test", name: "ping_mbulk" },
    connections: 1,
    serverPid: 0,
    ...options,
  });
}

test("percentiles are at least the delays of the server, and the undelayed are far below", async () => {
  const port = await startDelaying((request) => request % 10 === 9 ? 40 : 0);
  const result = await load(port, { requests: 60 });
  const { latency, histogram } = result;
  assert.equal(result.requests, 60);
  assert.equal(histogram.count, 60);
  // Six of sixty were held up.
  assert.ok(latency.maxUs >= (40 - TIMER_MS) * 1000);
  assert.ok(percentileOf(histogram, 0.91) >= (40 - TIMER_MS) * 1000);
  assert.ok(latency.p50Us < 20_000, `P50 ${latency.p50Us}`);
  assert.ok(latency.meanUs >= (40 - TIMER_MS) * 1000 * 6 / 60);
  assert.ok(result.seconds >= 6 * (40 - TIMER_MS) / 1000);
});

test("a stall is charged with all requests that were due meanwhile, and with one only if none are", async () => {
  const stallMs = 250;
  const stallsOnce = (request: number): number => request === 50 ? stallMs : 0;
  const closed = await load(await startDelaying(stallsOnce), { requests: 500 });
  const due = await load(await startDelaying(stallsOnce), { requests: 500, rate: 1000 });
  // As fast as it is answered: one request is slow, and P99 knows nothing of it.
  assert.ok(closed.latency.maxUs >= (stallMs - TIMER_MS) * 1000);
  assert.ok(closed.latency.p90Us < stallMs * 1000 / 4, `P90 ${closed.latency.p90Us}`);
  // At a thousand a second, 250 of 500 were due in the stall: they waited 250, 249, 248 ... ms.
  assert.equal(due.requests, 500);
  assert.ok(due.latency.maxUs >= (stallMs - TIMER_MS) * 1000);
  for (const [share, leastMs] of [[0.9, 200], [0.8, 150], [0.7, 100], [0.6, 50]]) {
    const us = percentileOf(due.histogram, share);
    assert.ok(us >= (leastMs - 2 * TIMER_MS) * 1000, `P${share * 100} is ${us} µs`);
  }
  const rate = due.rate ?? assert.fail("there are no figures of the rate");
  assert.equal(rate.wanted, 1000);
  assert.ok(rate.backlogMax >= stallMs - 10, `backlog ${rate.backlogMax}`);
  assert.equal(rate.unanswered, 0);
  // Not its own fault: no connection was free.
  assert.ok(rate.ownLateness.p50Us < 50_000);
  assert.ok(due.seconds >= 0.499);
});

test("pipelines are due as a whole, over all connections", async () => {
  const result = await load(await startDelaying(() => 0), {
    connections: 3,
    pipeline: 4,
    rate: 2000,
    seconds: 0.2,
  });
  assert.equal(result.requests, 400);
  assert.ok(result.seconds >= 0.197, String(result.seconds));
  assert.equal(result.rate?.unanswered, 0);
});

test("what is never answered counts with how long it waited", async () => {
  const port = await startDelaying((request) => request === 20 ? Infinity : 0);
  const { rate, requests, histogram, latency } = await load(port, { requests: 60, rate: 1000 });
  assert.equal(requests, 20);
  assert.equal(rate?.unanswered, 40);
  assert.equal(rate?.backlogAtEnd, 39);
  assert.equal(histogram.count, 60);
  // It waited for a second after the last one was due.
  assert.ok(latency.p50Us >= 0.99e6, String(latency.p50Us));
});

test("slow requests are told with their connection and when they were due", async () => {
  const slow: SlowRequest[] = [];
  const port = await startDelaying((request) => request === 5 ? 60 : 0);
  const before = (performance.timeOrigin + performance.now()) * 1000;
  await load(port, {
    requests: 10,
    connections: 2,
    slow: { thresholdUs: 50_000, report: (each) => slow.push(each) },
  });
  const after = (performance.timeOrigin + performance.now()) * 1000;
  assert.ok(slow.length >= 1 && slow.length <= 10, String(slow.length));
  for (const { startUs, endUs, connection, test, requests } of slow) {
    assert.ok(before <= startUs && endUs <= after && endUs - startUs >= 50_000);
    assert.ok(connection === 0 || connection === 1);
    assert.equal(test, "ping_mbulk");
    assert.equal(requests, 1);
  }
});

test("the search finds a rate that is held, and says what it tried", async () => {
  // A millisecond or more for each request: fewer than a thousand a second.
  const port = await startDelaying(() => 1);
  const search = await searchThroughput({
    address: { host: "127.0.0.1", port },
    work: { kind: "test", name: "ping_mbulk" },
    connections: 1,
    serverPid: 0,
    p99LimitUs: 60_000,
    stepSeconds: 0.1,
    steps: 3,
  });
  assert.ok(search.steps.length >= 1 && search.steps.length <= 3);
  assert.equal(search.rate, search.steps.findLast(({ isGood }) => isGood)?.rate ?? 0);
  assert.ok(search.rate <= 1100, String(search.rate));
  assert.equal(search.best === null, search.rate === 0);
  const never = await searchThroughput({
    address: { host: "127.0.0.1", port },
    work: { kind: "test", name: "ping_mbulk" },
    connections: 1,
    serverPid: 0,
    p99LimitUs: 1,
    stepSeconds: 0.03,
    steps: 2,
  });
  assert.equal(never.rate, 0);
  assert.equal(never.best, null);
  assert.deepEqual(never.steps.map(({ isGood }) => isGood), [false, false]);
});

test("a server that goes away ends the run", async () => {
  const port = await startDelaying(() => Infinity);
  const run = load(port, { requests: 5 });
  const lost = assert.rejects(run, /closed|reset/i);
  const { sockets } = servers[0];
  while (sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const socket of sockets) socket.destroy();
  await lost;
});

test("more replies than commands end the run", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.write(PONG + PONG));
  });
  servers.push({ server, sockets: new Set() });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  await assert.rejects(load(port, { requests: 5 }), /more replies than commands/);
});
