import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionPort } from "../../src/ports/session_port.ts";
import { ClientEviction } from "../../src/session/client_eviction.ts";
import { LocalSession } from "../../src/session/local_session.ts";
import { createFixture } from "../support/engine_fixture.ts";

const KIB = 1024;
/** What a session takes without anything. */
const OWN = 1024;

/** A session that takes so many bytes. */
class Client extends LocalSession {
  readonly #engine: { bufferBytes: number };
  isKilled = false;
  sizeBytes = 0;

  constructor(id: number, engine: { bufferBytes: number }) {
    super(id, 0);
    this.#engine = engine;
  }

  take(sizeBytes: number): void {
    this.#engine.bufferBytes += sizeBytes - this.sizeBytes;
    this.sizeBytes = sizeBytes;
  }

  override get stateBytes(): number {
    return this.sizeBytes - OWN;
  }

  override kill(): void {
    this.isKilled = true;
    this.take(0);
  }
}

function start(maxmemoryClients: number, count: number, maxmemory = 0) {
  const { engine, settings } = createFixture({
    families: [],
    settings: { maxmemoryClients, maxmemory },
  });
  const clients = Array.from({ length: count }, (_, i) => new Client(i + 1, engine));
  const lines: string[] = [];
  let sums = 0;
  const living = (): SessionPort[] => {
    sums++;
    return clients.filter(({ isKilled }) => !isKilled);
  };
  const eviction = new ClientEviction(engine, living, (line) => void lines.push(line));
  const killed = (): number[] => clients.filter((each) => each.isKilled).map(({ id }) => id);
  return { engine, settings, clients, eviction, lines, killed, sums: () => sums };
}

test("ClientEviction: one byte below the limit is allowed, the limit is not", () => {
  const { clients: [a, b], eviction, killed, engine, lines } = start(200 * KIB, 2);
  a.take(120 * KIB);
  b.take(80 * KIB - 1);
  eviction.check();
  assert.deepEqual(killed(), []);
  b.take(80 * KIB);
  eviction.check();
  assert.deepEqual(killed(), [1], "the largest");
  assert.equal(engine.stats.evictedClients, 1);
  assert.match(lines[0], /^Evicting client: id=1 addr=.* tot-mem=122880 /);
  eviction.check();
  assert.deepEqual(killed(), [1]);
});

test("ClientEviction: closes as many as it takes, the largest first", () => {
  const { clients, eviction, killed } = start(200 * KIB, 5);
  [10, 90, 20, 150, 60].forEach((size, i) => clients[i].take(size * KIB));
  eviction.check();
  assert.deepEqual(killed(), [4], "180 KiB are left");
  clients[0].take(99 * KIB);
  clients[2].take(98 * KIB);
  eviction.check();
  assert.deepEqual(killed(), [1, 3, 4]);
});

test("ClientEviction: CLIENT NO-EVICT counts, and stays", () => {
  const { clients: [kept, other], eviction, killed } = start(200 * KIB, 2);
  kept.noEvict = true;
  kept.take(300 * KIB);
  other.take(2 * KIB);
  eviction.check();
  assert.deepEqual(killed(), [2]);
  eviction.recheck();
  assert.deepEqual(killed(), [2]);
});

test("ClientEviction: 0 is no limit, and a low one counts as 128 KiB", () => {
  const none = start(0, 1);
  none.clients[0].take(2 ** 40);
  none.eviction.recheck();
  assert.deepEqual(none.killed(), []);
  const low = start(1, 1);
  low.clients[0].take(128 * KIB - 1);
  low.eviction.check();
  assert.deepEqual(low.killed(), []);
  low.clients[0].take(128 * KIB);
  low.eviction.check();
  assert.deepEqual(low.killed(), [1]);
});

test("ClientEviction: a share follows maxmemory", () => {
  const { clients: [a, b], eviction, killed, settings } = start(-10, 2, 10_000 * KIB);
  a.take(999 * KIB);
  eviction.check();
  assert.deepEqual(killed(), []);
  settings.maxmemory = 5000 * KIB;
  eviction.check();
  assert.deepEqual(killed(), [1]);
  settings.maxmemory = 0;
  b.take(2 ** 40);
  eviction.recheck();
  assert.deepEqual(killed(), [1], "a share of no limit is none");
});

test("ClientEviction: sums up only when the limit may be reached", () => {
  const { clients, eviction, killed, sums } = start(1000 * KIB, 20);
  for (const client of clients) {
    client.take(10 * KIB);
    eviction.check();
  }
  assert.equal(sums(), 1);
  for (let size = 10; size < 40; size++) {
    for (const client of clients) client.take(size * KIB);
    eviction.check();
  }
  assert.ok(sums() <= 3, `${sums()} sums`);
  assert.deepEqual(killed(), []);
  for (const client of clients) client.take(50 * KIB);
  eviction.check();
  assert.equal(killed().length, 1);
});

test("ClientEviction: what others freed meanwhile is noticed by the next recheck", () => {
  const { clients: [client], engine, eviction, killed } = start(200 * KIB, 1);
  engine.bufferBytes += 500 * KIB;
  eviction.check();
  engine.bufferBytes -= 500 * KIB;
  client.take(300 * KIB);
  eviction.check();
  assert.deepEqual(killed(), []);
  eviction.recheck();
  assert.deepEqual(killed(), [1]);
});
