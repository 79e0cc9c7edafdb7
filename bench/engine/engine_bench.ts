/** The engine without sockets: pipelines of sixteen commands from ten sessions, through the executor. */
import { createRandom } from "../../src/bytes/prng.ts";
import type { ConnectionHandler } from "../../src/ports/transport.ts";
import type { Bench } from "../support/bench.ts";
import { type CommandKind, makePipeline, numberKeys, scatterKeys } from "../support/commands.ts";
import { createLocalServer, type LocalServer } from "./local_server.ts";

const KEYS = 1_000_000;
const VALUE = "x".repeat(64);
const DEPTH = 16;
const SESSIONS = 10;
/** Different pipelines that are sent in turn; more than the caches hold records of. */
const PIPELINES = 20_000;
const LOAD_DEPTH = 500;

interface Loaded {
  readonly server: LocalServer;
  readonly sessions: readonly ConnectionHandler[];
  readonly keys: number;
}

const loaded = new Map<number, Loaded>();

/** A server with so many keys and counters; made once. */
function serverWith(keys: number): Loaded {
  const known = loaded.get(keys);
  if (known !== undefined) return known;
  const server = createLocalServer();
  const sessions = Array.from({ length: SESSIONS }, () => server.connect());
  for (const [prefix, value] of [["key:", VALUE], ["counter:", "0"]]) {
    const pipeline = makePipeline("SET", LOAD_DEPTH, value, prefix);
    for (let first = 0; first < keys; first += LOAD_DEPTH) {
      numberKeys(pipeline, first, keys);
      sessions[0].received(pipeline.bytes);
      server.executor.flush();
    }
  }
  const made = { server, sessions, keys };
  loaded.set(keys, made);
  return made;
}

function createBench(kind: CommandKind): Bench {
  const pipelines = new Map<number, readonly Uint8Array[]>();
  const pipelinesFor = (size: number, keys: number): readonly Uint8Array[] => {
    const count = Math.min(PIPELINES, Math.ceil(size / DEPTH));
    let made = pipelines.get(count);
    if (made === undefined) {
      const random = createRandom([5, 6, 7, 8]);
      const pipeline = makePipeline(kind, DEPTH, VALUE);
      made = Array.from({ length: count }, () => {
        scatterKeys(pipeline, keys, (limit) => random.below(limit));
        return pipeline.bytes.slice();
      });
      pipelines.set(count, made);
    }
    return made;
  };
  return {
    name: `engine without sockets: ${kind} -P ${DEPTH}`,
    run(size) {
      const { server, sessions, keys } = serverWith(Math.min(KEYS, size));
      const { executor, transport } = server;
      const sent = pipelinesFor(size, keys);
      const rounds = Math.ceil(size / DEPTH);
      for (let i = 0, p = 0; i < rounds; i++) {
        sessions[i % SESSIONS].received(sent[p]);
        if (++p === sent.length) p = 0;
        if (i % SESSIONS === SESSIONS - 1) executor.flush();
      }
      executor.flush();
      return transport.hash;
    },
  };
}

const KINDS: readonly CommandKind[] = ["PING", "GET", "SET", "INCR", "MSET"];

export const engineBenches: readonly Bench[] = KINDS.map(createBench);
