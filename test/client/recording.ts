/**
 * Calls of a cache's methods, recorded while its own tests run, so that a client can be asked the same and
 * has to answer the same.
 */
import assert from "node:assert/strict";
import type { ClientCommands } from "../../src/client/commands.ts";
import type { Cache } from "../../src/server/cache.ts";
import { METHODS } from "../server/cache_methods.ts";
import { startCache } from "../server/cache_support.ts";

/** One call, and what came of it. */
export interface RecordedCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly asBytes: boolean;
  readonly result?: unknown;
  /** Text of what was thrown. */
  readonly thrown?: string;
}

/** Those that pick something: that it is of the same kind is all that can be said of it. */
const AT_RANDOM: readonly string[] = [
  "hrandfield",
  "randomkey",
  "spop",
  "srandmember",
  "zrandmember",
];

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** The calls of each method's test, by the method's name. */
export function recordMethods(): Map<string, RecordedCall[]> {
  const recordings = new Map<string, RecordedCall[]>();
  for (const [name, check] of Object.entries(METHODS)) {
    const { cache } = startCache();
    const calls: RecordedCall[] = [];
    check(recorder(cache, calls));
    cache.close();
    recordings.set(name, calls);
  }
  return recordings;
}

function recorder(cache: Cache, calls: RecordedCall[]): Cache {
  const view = (target: object, asBytes: boolean): object =>
    new Proxy(target, {
      get(_target, name) {
        if (name === "bytes") return view(cache.bytes, true);
        return (...args: unknown[]): unknown => {
          const call = { name: String(name), args: structuredClone(args), asBytes };
          const at = calls.push(call) - 1;
          try {
            const result = (target as Methods)[String(name)](...args);
            calls[at] = { ...call, result };
            return result;
          } catch (error) {
            calls[at] = { ...call, thrown: String(error) };
            throw error;
          }
        };
      },
    });
  return view(cache, false) as Cache;
}

/** Asks a client the same, one call after the other. @throws AssertionError for what is answered otherwise */
export async function replay(
  client: ClientCommands,
  calls: readonly RecordedCall[],
): Promise<void> {
  for (const { name, args, asBytes, result, thrown } of calls) {
    const commands = (asBytes ? client.bytes : client) as unknown as Methods;
    let answer: unknown;
    let error: string | undefined;
    try {
      answer = await commands[name](...args);
    } catch (caught) {
      error = String(caught);
    }
    assert.equal(error, thrown, name);
    if (AT_RANDOM.includes(name)) assert.equal(kindOf(answer), kindOf(result), name);
    else assert.deepEqual(answer, result, name);
  }
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const size = value instanceof Set ? value.size : (value as { length: number }).length;
  return `${value.constructor.name} of ${size}`;
}
