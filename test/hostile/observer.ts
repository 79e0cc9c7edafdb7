/**
 * A client that behaves well while others do not: it asks on and on, and knows every answer to the byte.
 *
 * Each round is a pipeline of random length on keys of its own, whose values it computes from its count;
 * a second connection hears what the first one publishes. One reply that is wrong, missing or too many
 * fails the run.
 */
import assert from "node:assert/strict";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import type { Argument } from "../support/frames.ts";
import { sleep } from "../support/wait.ts";
import type { WireClient } from "../support/wire_client.ts";

const KEYS = 64;
const OWN_KEYS: readonly string[] = [
  ...["observer:n", "observer:list"],
  ...Array.from({ length: KEYS }, (_, i) => `observer:${i}`),
];
const MAX_DEPTH = 12;
const CHANNEL = "observer:channel";
/** Between two rounds, so that it takes neither the machine nor the allowed rate of commands. */
const PAUSE_MS = 2;

interface Asked {
  readonly command: readonly Argument[];
  readonly reply: string;
}

export interface ObserverFigures {
  readonly replies: number;
  /** The longest that a round took, in ms; the attackers share the observer's event loop. */
  readonly slowestMs: number;
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

export class Observer {
  readonly #asking: WireClient;
  readonly #hearing: WireClient;
  readonly #random: Xoshiro128;
  readonly #values = new Map<string, string>();
  #counter = 0;
  #pushed = 0;
  #popped = 0;
  #replies = 0;
  #slowestMs = 0;
  #isEnding = false;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(asking: WireClient, hearing: WireClient, seed: number) {
    this.#asking = asking;
    this.#hearing = hearing;
    this.#random = createRandom([seed, 0x0b5e, 1, 2]);
  }

  /** Starts asking. @param connect gives a connection that may do everything */
  static async start(connect: () => Promise<WireClient>, seed: number): Promise<Observer> {
    const observer = new Observer(await connect(), await connect(), seed);
    await observer.#asking.call("DEL", ...OWN_KEYS);
    const subscribed = await observer.#hearing.call("SUBSCRIBE", CHANNEL);
    assert.ok(subscribed.startsWith("*3\r\n$9\r\nsubscribe\r\n"), subscribed);
    observer.#running = observer.#run();
    return observer;
  }

  /** Ends it and removes its keys. @throws what went wrong meanwhile */
  async stop(): Promise<ObserverFigures> {
    this.#isEnding = true;
    await this.#running;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      assert.equal(this.#asking.frameCount, 0, "the observer got replies that it did not ask for");
      assert.equal(this.#hearing.frameCount, 0, "the observer heard what nobody said");
      await this.#asking.call("DEL", ...OWN_KEYS);
    } finally {
      this.#asking.close();
      this.#hearing.close();
    }
    return { replies: this.#replies, slowestMs: this.#slowestMs };
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isEnding) {
        await this.#round();
        await sleep(PAUSE_MS);
      }
    } catch (error) {
      this.#failure = error;
    }
  }

  async #round(): Promise<void> {
    const depth = 1 + this.#random.below(MAX_DEPTH);
    const asked = Array.from({ length: depth }, () => this.#ask());
    const startMs = performance.now();
    this.#asking.sendCommands(asked.map(({ command }) => command));
    for (const { command, reply } of asked) {
      const got = await this.#asking.readText();
      this.#replies++;
      if (got !== reply) {
        assert.fail(
          `the observer asked ${command.join(" ").slice(0, 200)} and got ` +
            `${JSON.stringify(got.slice(0, 200))}, not ${JSON.stringify(reply.slice(0, 200))}`,
        );
      }
      if (command[0] === "PUBLISH") await this.#hear(String(command[2]));
    }
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startMs);
  }

  async #hear(message: string): Promise<void> {
    const expected = `*3\r\n${bulk("message")}${bulk(CHANNEL)}${bulk(message)}`;
    assert.equal(await this.#hearing.readText(), expected, "the observer heard something else");
    this.#replies++;
  }

  #ask(): Asked {
    const random = this.#random;
    const key = `observer:${random.below(KEYS)}`;
    switch (random.below(8)) {
      case 0: {
        const value = `${this.#replies}:`.repeat(1 + random.below(40));
        this.#values.set(key, value);
        return { command: ["SET", key, value], reply: "+OK\r\n" };
      }
      case 1: {
        const value = this.#values.get(key);
        return { command: ["GET", key], reply: value === undefined ? "$-1\r\n" : bulk(value) };
      }
      case 2:
        return { command: ["INCR", "observer:n"], reply: `:${++this.#counter}\r\n` };
      case 3: {
        const value = String(this.#pushed++);
        return { command: ["RPUSH", "observer:list", value], reply: `:${this.#length()}\r\n` };
      }
      case 4: {
        if (this.#length() === 0) return { command: ["LPOP", "observer:list"], reply: "$-1\r\n" };
        return { command: ["LPOP", "observer:list"], reply: bulk(String(this.#popped++)) };
      }
      case 5: {
        const message = `message ${random.int32()}`;
        return { command: ["PUBLISH", CHANNEL, message], reply: ":1\r\n" };
      }
      case 6: {
        const text = "e".repeat(random.below(5000));
        return { command: ["ECHO", text], reply: bulk(text) };
      }
      default:
        return { command: ["PING"], reply: "+PONG\r\n" };
    }
  }

  #length(): number {
    return this.#pushed - this.#popped;
  }
}
