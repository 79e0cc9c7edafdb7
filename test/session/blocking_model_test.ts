/** Random clients with blocking commands, deadlines, drops and pushes, against plain arrays. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import { type Client, Server } from "./blocking_harness.ts";

const KEYS = ["a", "b", "c"];
const CLIENTS = 8;
const STEPS = 300;

interface Waiting {
  readonly client: number;
  readonly command: "BLPOP" | "BRPOP" | "BLMOVE";
  readonly keys: readonly string[];
  readonly target: string;
  readonly deadlineMs: number;
}

const bulk = (text: string): string => `$${text.length}~${text}~`;

/** The rules, said as simply as possible. */
class Model {
  nowMs = 0;
  readonly lists = new Map<string, string[]>();
  waiting: Waiting[] = [];
  readonly replies: string[] = Array.from({ length: CLIENTS }, () => "");
  #ready: string[] = [];

  push(key: string, values: readonly string[]): void {
    const list = this.lists.get(key);
    if (list !== undefined) {
      list.push(...values);
      return;
    }
    this.lists.set(key, [...values]);
    if (!this.#ready.includes(key)) this.#ready.push(key);
  }

  /** @returns whether there was anything to take */
  attempt({ client, command, keys, target }: Waiting): boolean {
    const key = keys.find((each) => this.lists.has(each));
    if (key === undefined) return false;
    const list = this.lists.get(key)!;
    const value = command === "BRPOP" ? list.pop()! : list.shift()!;
    if (list.length === 0) this.lists.delete(key);
    if (command === "BLMOVE") this.push(target, [value]);
    this.replies[client] += command === "BLMOVE" ? bulk(value) : `*2~${bulk(key)}${bulk(value)}`;
    return true;
  }

  serve(): void {
    while (this.#ready.length > 0) {
      const round = this.#ready;
      this.#ready = [];
      for (const key of round) {
        for (const each of this.waiting.filter(({ keys }) => keys.includes(key))) {
          if (!this.lists.has(key)) break;
          if (this.attempt(each)) this.waiting = this.waiting.filter((other) => other !== each);
        }
      }
    }
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.waiting.filter(({ deadlineMs }) => deadlineMs <= this.nowMs);
    for (const { client } of due) this.replies[client] += "*-1~";
    this.waiting = this.waiting.filter((each) => !due.includes(each));
  }
}

function run(seed: number): void {
  const random = createRandom([seed, 7, 8, 9]);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)];
  const server = new Server(seed);
  const model = new Model();
  const clients: Client[] = Array.from({ length: CLIENTS }, () => server.connect());
  const pushes = server.connect();
  let values = 0;
  const arrive = (client: number): void => {
    const command = pick(["BLPOP", "BRPOP", "BLMOVE"] as const);
    const keys = Array.from(
      { length: command === "BLMOVE" ? 1 : 1 + random.below(3) },
      () => pick(KEYS),
    );
    const target = pick(KEYS);
    const timeoutMs = random.below(2) * (1 + random.below(40));
    const rest = command === "BLMOVE" ? `${target} LEFT RIGHT ` : "";
    clients[client].send(`${command} ${keys.join(" ")} ${rest}${timeoutMs / 1000}`);
    const deadlineMs = timeoutMs === 0 ? Infinity : model.nowMs + timeoutMs;
    const waiting = { client, command, keys, target, deadlineMs };
    if (!model.attempt(waiting)) model.waiting.push(waiting);
    model.serve();
  };
  for (let step = 0; step < STEPS; step++) {
    const what = random.below(20);
    const free = clients.map((_, i) => i).filter((i) =>
      !model.waiting.some(({ client }) => client === i)
    );
    if (what < 9 && free.length > 0) {
      arrive(pick(free));
    } else if (what < 15) {
      const key = pick(KEYS);
      const added = Array.from({ length: 1 + random.below(3) }, () => `v${values++}`);
      pushes.send(`RPUSH ${key} ${added.join(" ")}`);
      model.push(key, added);
      model.serve();
    } else if (what < 18) {
      const ms = random.below(15);
      server.turn();
      server.pass(ms);
      model.pass(ms);
    } else if (model.waiting.length > 0) {
      const { client } = pick(model.waiting);
      server.turn();
      clients[client].drop();
      clients[client] = server.connect();
      model.waiting = model.waiting.filter((each) => each.client !== client);
      model.replies[client] = "";
    }
    // Commands of several connections run in one turn, in the order in which they came.
    if (random.below(2) === 0) server.turn();
    if (step % 10 !== 0) continue;
    server.turn();
    const replies = clients.map((client) => client.take());
    assert.deepEqual(replies, model.replies.splice(0), `seed ${seed}, step ${step}`);
    for (let i = 0; i < CLIENTS; i++) model.replies.push("");
    assert.equal(server.blockedCount, model.waiting.length, `seed ${seed}, step ${step}`);
  }
  server.core.engine.keyspace.checkInvariants();
}

test("random blocking clients are answered as the rules say", () => {
  for (let seed = 1; seed <= 25; seed++) run(seed);
});
