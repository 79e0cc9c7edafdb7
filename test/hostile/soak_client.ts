/**
 * One client of the soak: a random mix of commands on keys of its own, every reply compared with a
 * model, over connections that are killed in the middle of what they do.
 */
import assert from "node:assert/strict";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import type { Argument } from "../support/frames.ts";
import { chance, pick } from "../support/model.ts";
import type { WireClient } from "../support/wire_client.ts";

/** A command, and the exact replies of which one must come; none = the id of an entry. */
interface Step {
  readonly command: readonly Argument[];
  readonly replies: readonly string[];
}

const SLOTS = 24;
const MAX_DEPTH = 20;
/** Chances of a round to be something else than a pipeline. */
const TRANSACTION = 0.15;
const KILL = 0.01;
/** Long enough for a collection to leave its compact encoding now and then. */
const MAX_VALUE = 600;
/** Elements at which a list is deleted. */
const MAX_LIST = 150;

export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

function integer(value: number): string {
  return `:${value}\r\n`;
}

function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join("")}`;
}

const NIL = "$-1\r\n";
const OK = "+OK\r\n";

/** What the keys of a client hold. None has a TTL, so none may be evicted. */
class Model {
  readonly strings = new Map<string, string>();
  readonly lists = new Map<string, string[]>();
  readonly sets = new Map<string, Set<string>>();
  readonly hashes = new Map<string, Map<string, string>>();
  readonly sorted = new Map<string, Map<string, number>>();
  readonly counters = new Map<string, number>();
}

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}

type Maker = (client: SoakClient, slot: number) => Step;

const MAKERS: readonly Maker[] = [
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}s:${slot}`, value = text(random);
    model.strings.set(key, value);
    return { command: ["SET", key, value], replies: [OK] };
  },
  ({ model, prefix }, slot) => {
    const key = `${prefix}s:${slot}`, value = model.strings.get(key);
    return { command: ["GET", key], replies: [value === undefined ? NIL : bulk(value)] };
  },
  ({ model, prefix }, slot) => {
    const key = `${prefix}s:${slot}`, had = model.strings.delete(key);
    return { command: [slot % 2 ? "DEL" : "UNLINK", key], replies: [integer(had ? 1 : 0)] };
  },
  ({ model, prefix }, slot) => {
    const key = `${prefix}n:${slot}`, value = (model.counters.get(key) ?? 0) + slot;
    model.counters.set(key, value);
    return { command: ["INCRBY", key, slot], replies: [integer(value)] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}l:${slot}`, list = of(model.lists, key, () => []), value = text(random);
    if (list.length >= MAX_LIST) {
      list.length = 0;
      return { command: ["DEL", key], replies: [integer(1)] };
    }
    list.push(value);
    return { command: ["RPUSH", key, value], replies: [integer(list.length)] };
  },
  ({ model, prefix }, slot) => {
    const key = `${prefix}l:${slot}`, list = of(model.lists, key, () => []);
    const value = list.shift();
    if (slot % 3 > 0) {
      return { command: ["LPOP", key], replies: [value === undefined ? NIL : bulk(value)] };
    }
    if (value !== undefined) list.unshift(value);
    return { command: ["LRANGE", key, 0, -1], replies: [array(list.map(bulk))] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}t:${slot}`, set = of(model.sets, key, () => new Set());
    const member = String(random.below(200));
    const isNew = !set.has(member);
    if (slot % 3 > 0) {
      set.add(member);
      return { command: ["SADD", key, member], replies: [integer(isNew ? 1 : 0)] };
    }
    set.delete(member);
    return { command: ["SREM", key, member], replies: [integer(isNew ? 0 : 1)] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}t:${slot}`, set = of(model.sets, key, () => new Set());
    if (slot % 2 === 0) return { command: ["SCARD", key], replies: [integer(set.size)] };
    const member = String(random.below(200));
    const has = integer(set.has(member) ? 1 : 0);
    return { command: ["SISMEMBER", key, member], replies: [has] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}h:${slot}`, hash = of(model.hashes, key, () => new Map());
    const field = `f${random.below(300)}`, value = text(random), isNew = !hash.has(field);
    hash.set(field, value);
    return { command: ["HSET", key, field, value], replies: [integer(isNew ? 1 : 0)] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}h:${slot}`, hash = of(model.hashes, key, () => new Map());
    const field = `f${random.below(300)}`, value = hash.get(field);
    if (slot % 4 > 0) {
      return { command: ["HGET", key, field], replies: [value === undefined ? NIL : bulk(value)] };
    }
    hash.delete(field);
    return { command: ["HDEL", key, field], replies: [integer(value === undefined ? 0 : 1)] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}z:${slot}`, sorted = of(model.sorted, key, () => new Map());
    const member = `m${random.below(300)}`, score = random.below(1000), isNew = !sorted.has(member);
    sorted.set(member, score);
    return { command: ["ZADD", key, score, member], replies: [integer(isNew ? 1 : 0)] };
  },
  ({ model, random, prefix }, slot) => {
    const key = `${prefix}z:${slot}`, sorted = of(model.sorted, key, () => new Map());
    if (slot % 2 === 0) {
      const scores = [...sorted.values()].filter((score) => score >= 100 && score <= 500);
      return { command: ["ZCOUNT", key, 100, 500], replies: [integer(scores.length)] };
    }
    const member = `m${random.below(300)}`, score = sorted.get(member);
    const reply = score === undefined ? NIL : bulk(String(score));
    return { command: ["ZSCORE", key, member], replies: [reply] };
  },
  ({ random }) => {
    // Keys of all, which expire and are evicted: a value tells by itself whether it is right.
    const n = random.below(20_000), key = `cache:${n}`;
    if (random.below(3) > 0) return { command: ["GET", key], replies: [NIL, bulk(valueOf(n))] };
    return { command: ["SET", key, valueOf(n), "PX", 200 + random.below(5000)], replies: [OK] };
  },
  ({ prefix, random }, slot) => {
    const key = `${prefix}x:${slot}`;
    return { command: ["XADD", key, "MAXLEN", 50, "*", "f", text(random)], replies: [] };
  },
  ({ prefix }) => ({ command: ["PUBLISH", `${prefix}news`, "n"], replies: [integer(0)] }),
];

function text(random: Xoshiro128): string {
  const length = chance(random, 0.9) ? random.below(40) : random.below(MAX_VALUE);
  return String.fromCharCode(97 + random.below(26)).repeat(length);
}

/** The value of a shared key: nobody ever writes another one. */
function valueOf(n: number): string {
  return `${n}:`.repeat(20 + n % 80);
}

export interface SoakCounts {
  commands: number;
  transactions: number;
  kills: number;
}

export class SoakClient {
  readonly model = new Model();
  readonly random: Xoshiro128;
  readonly prefix: string;
  readonly counts: SoakCounts = { commands: 0, transactions: 0, kills: 0 };
  readonly #dial: () => Promise<WireClient>;
  #client: WireClient | undefined;

  constructor(seed: number, index: number, dial: () => Promise<WireClient>) {
    this.random = createRandom([seed, index, 0x50a4, 1]);
    this.prefix = `soak:${index}:`;
    this.#dial = dial;
  }

  /** Works until it is told to stop. @throws AssertionError on a wrong reply */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.#round();
    this.#client?.close();
  }

  #step(): Step {
    return pick(this.random, MAKERS)(this, this.random.below(SLOTS));
  }

  async #round(): Promise<void> {
    const client = this.#client ??= await this.#dial();
    if (chance(this.random, KILL)) return await this.#kill(client);
    const steps = Array.from({ length: 1 + this.random.below(MAX_DEPTH) }, () => this.#step());
    this.counts.commands += steps.length;
    if (chance(this.random, TRANSACTION)) return await this.#transact(client, steps);
    client.sendCommands(steps.map(({ command }) => command));
    for (const step of steps) this.#check(step, await client.readText());
  }

  async #transact(client: WireClient, steps: readonly Step[]): Promise<void> {
    this.counts.transactions++;
    client.sendCommands([["MULTI"], ...steps.map(({ command }) => command), ["EXEC"]]);
    assert.equal(await client.readText(), OK);
    for (const _ of steps) assert.equal(await client.readText(), "+QUEUED\r\n");
    const reply = await client.readText();
    const head = `*${steps.length}\r\n`;
    assert.ok(reply.startsWith(head), reply.slice(0, 200));
    // The parts have no separator: each must be the beginning of what is left.
    let rest = reply.slice(head.length);
    for (const step of steps) {
      const part = step.replies.length === 0
        ? /^\$\d+\r\n[\d-]+\r\n/.exec(rest)?.[0]
        : step.replies.find((each) => rest.startsWith(each));
      this.#check(step, part ?? rest.slice(0, 100));
      rest = rest.slice(part!.length);
    }
    assert.equal(rest, "");
  }

  /** Ends the connection in the middle of something that changes nothing of the model. */
  async #kill(client: WireClient): Promise<void> {
    this.counts.kills++;
    const { prefix, random } = this;
    const endings: readonly (readonly (readonly Argument[])[])[] = [
      [["WATCH", `${prefix}s:0`], ["MULTI"], ["SET", `${prefix}s:0`, "never"]],
      [["BLPOP", `${prefix}never`, 0]],
      [["SUBSCRIBE", `${prefix}never`, "soak"], ["PSUBSCRIBE", "nothing:*"]],
      [["HELLO", 3], ["CLIENT", "TRACKING", "ON", "BCAST"]],
      [["HELLO", 3], ["CLIENT", "TRACKING", "ON"], ["MGET", "cache:1", "cache:2"]],
      Array.from({ length: 100 }, (_, i) => ["GET", `cache:${i}`]),
      [["MONITOR"]],
    ];
    client.pause();
    client.sendCommands(pick(random, endings));
    if (chance(random, 0.5)) client.send("*3\r\n$3\r\nSET\r\n$9\r\nunfini");
    await new Promise((resolve) => setTimeout(resolve, random.below(5)));
    if (chance(random, 0.5)) client.close();
    else client.socket.resetAndDestroy();
    this.#client = undefined;
  }

  #check(step: Step, reply: string): void {
    if (step.replies.length === 0 && /^\$\d+\r\n[\d-]+\r\n$/.test(reply)) return;
    if (step.replies.includes(reply)) return;
    assert.fail(
      `${this.prefix} asked ${step.command.join(" ").slice(0, 200)} and got ` +
        `${JSON.stringify(reply.slice(0, 200))}, not one of ` +
        `${JSON.stringify(step.replies).slice(0, 400)}`,
    );
  }
}
