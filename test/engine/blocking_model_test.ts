/** Random arrivals, additions, deadlines and departures, against plain arrays. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import { TYPE_LIST, TYPE_ZSET } from "../../src/engine/keyspace.ts";
import { Counters, type FakeClient } from "./blocking_harness.ts";

const KEYS = ["a", "b", "c", "d"];
const STEPS = 400;

interface ModelClient {
  readonly client: FakeClient;
  readonly moveTo: string | undefined;
}

/** What the same clients and keys do by the rules, said as simply as possible. */
class Model {
  readonly log: string[] = [];
  waiting: ModelClient[] = [];
  readonly keys = new Map<string, { type: number; count: number }>();
  #ready: string[] = [];

  add(key: string, count: number, type: number): void {
    const value = this.keys.get(key);
    if (value !== undefined) {
      value.count += count;
      return;
    }
    this.keys.set(key, { type, count });
    if (!this.#ready.includes(key)) this.#ready.push(key);
  }

  serve(): void {
    while (this.#ready.length > 0) {
      const round = this.#ready;
      this.#ready = [];
      for (const key of round) {
        for (const each of [...this.waiting]) {
          if (!each.client.keyNames.includes(key)) continue;
          if (this.keys.get(key)?.type === each.client.type) this.#serveOne(each);
        }
      }
    }
  }

  #serveOne(each: ModelClient): void {
    for (const key of each.client.keyNames) {
      const value = this.keys.get(key);
      if (value?.type !== each.client.type) continue;
      if (--value.count === 0) this.keys.delete(key);
      this.log.push(`${each.client.name}<${key}`);
      this.waiting = this.waiting.filter((other) => other !== each);
      if (each.moveTo !== undefined) this.add(each.moveTo, 1, TYPE_LIST);
      return;
    }
  }

  advance(nowMs: number): void {
    const due = this.waiting.filter(({ client }) =>
      client.deadlineMs !== 0 && client.deadlineMs <= nowMs
    );
    due.sort((a, b) => a.client.deadlineMs - b.client.deadlineMs);
    for (const { client } of due) this.log.push(`${client.name} timed out`);
    this.waiting = this.waiting.filter((each) => !due.includes(each));
  }
}

function run(seed: number): void {
  const random = createRandom([seed, 5, 6, 7]);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)];
  const keys = new Counters(seed);
  const model = new Model();
  /** A client waits only if it finds nothing, as commands do. */
  const arrive = (name: string): void => {
    const names = Array.from({ length: 1 + random.below(3) }, () => pick(KEYS));
    const type = random.below(4) === 0 ? TYPE_ZSET : TYPE_LIST;
    if (names.some((key) => model.keys.has(key))) return;
    const moveTo = type === TYPE_LIST && random.below(4) === 0 ? pick(KEYS) : undefined;
    // What is moved to must not have another type.
    if (moveTo !== undefined && model.keys.get(moveTo)?.type === TYPE_ZSET) return;
    const timeoutMs = random.below(2) === 0 ? 0 : 1 + random.below(30);
    const options = { type, timeoutMs, ...moveTo === undefined ? {} : { moveTo } };
    model.waiting.push({ client: keys.wait(name, names, options), moveTo });
  };
  for (let step = 0; step < STEPS; step++) {
    const what = random.below(10);
    if (what < 5) {
      arrive(`c${step}`);
    } else if (what < 8) {
      const added = Array.from({ length: 1 + random.below(3) }, () => ({
        key: pick(KEYS),
        count: 1 + random.below(3),
        type: random.below(8) === 0 && !model.waiting.some((it) => it.moveTo !== undefined)
          ? TYPE_ZSET
          : TYPE_LIST,
      }));
      const add = added.filter(({ key, type }) => (model.keys.get(key)?.type ?? type) === type);
      const log = keys.command(() => {
        for (const { key, count, type } of add) {
          if ((model.keys.get(key)?.type ?? type) !== type) continue;
          keys.add(0, key, count, type);
          model.add(key, count, type);
        }
      });
      model.serve();
      assert.deepEqual(log, model.log.splice(0), `seed ${seed}, step ${step}`);
    } else if (what < 9) {
      keys.clock.advance(random.below(10));
      model.advance(keys.clock.nowMs());
      assert.deepEqual(keys.log.splice(0), model.log.splice(0), `seed ${seed}, step ${step}`);
    } else if (model.waiting.length > 0) {
      const [{ client }] = model.waiting.splice(random.below(model.waiting.length), 1);
      keys.blocking.leave(client);
    }
    assert.equal(keys.blocking.clientCount, model.waiting.length, `seed ${seed}, step ${step}`);
    const names = new Set(model.waiting.flatMap(({ client }) => client.keyNames));
    assert.equal(keys.blocking.keyCount, names.size);
    assert.equal(keys.clock.timerCount, model.waiting.some((it) => it.client.deadlineMs) ? 1 : 0);
    for (const key of KEYS) assert.equal(keys.count(0, key), model.keys.get(key)?.count ?? 0);
  }
  keys.store.keyspace.checkInvariants();
}

test("random clients are served, timed out and forgotten in the order of the rules", () => {
  for (let seed = 1; seed <= 60; seed++) run(seed);
});
