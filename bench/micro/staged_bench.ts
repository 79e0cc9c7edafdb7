/**
 * Staged against one by one: the same random GETs run as batches of 1, 16, 64 and 1,024 commands.
 *
 * All stages are the same for each; only a batch lets the processor wait for many keys' memory at once. The key
 * numbers are written anew for each batch, which costs every variant the same; the first bench shows how much.
 */
import { makeRegion } from "../../src/bytes/region.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { GrowableBatch } from "../../src/protocol/resp/batch.ts";
import { RespDecoder } from "../../src/protocol/resp/decoder.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { LocalSession } from "../../src/session/local_session.ts";
import { createLocalServer, type LocalServer } from "../engine/local_server.ts";
import type { Bench } from "../support/bench.ts";
import { makePipeline, numberKeys, type Pipeline, scatterKeys } from "../support/commands.ts";

const KEYS = 1_000_000;
const VALUE = "x".repeat(64);
const DEPTHS: readonly number[] = [1, 16, 64, 1024];
const LOAD_DEPTH = 512;
const LIMITS = { protoMaxBulkLen: 512 * 1024 * 1024 };

interface Decoded {
  readonly batch: GrowableBatch;
  readonly pipeline: Pipeline;
}

/** A batch of commands whose keys can be changed in place. */
function decodedBatch(kind: "GET" | "SET", depth: number): Decoded {
  const pipeline = makePipeline(kind, depth, VALUE);
  const input = makeRegion(pipeline.bytes.length);
  input.bytes.set(pipeline.bytes);
  const batch = new GrowableBatch();
  batch.input = input;
  const decoder = new RespDecoder(LIMITS);
  const end = pipeline.bytes.length;
  for (let at = 0; at < end;) at += decoder.decode(batch, at, end, true);
  return { batch, pipeline: { ...pipeline, bytes: input.bytes } };
}

const servers = new Map<number, LocalServer>();
const session = new LocalSession(1, 0);

function serverWith(keys: number): LocalServer {
  const known = servers.get(keys);
  if (known !== undefined) return known;
  const server = createLocalServer();
  const writer = new RespWriter();
  const { batch, pipeline } = decodedBatch("SET", LOAD_DEPTH);
  for (let first = 0; first < keys; first += LOAD_DEPTH) {
    numberKeys(pipeline, first, keys);
    server.executor.executeLocal(batch, session, writer);
    writer.output.reset();
  }
  servers.set(keys, server);
  return server;
}

function createBench(depth: number): Bench {
  const { batch, pipeline } = decodedBatch("GET", depth);
  return {
    name: depth === 1 ? "GET one by one" : `GET staged, batches of ${depth}`,
    run(size) {
      const keys = Math.min(KEYS, size);
      const { executor } = serverWith(keys);
      const random = createRandom([5, 6, 7, 8]);
      const below = (limit: number): number => random.below(limit);
      const writer = new RespWriter();
      let sum = 0;
      for (let done = 0; done < size; done += depth) {
        scatterKeys(pipeline, keys, below);
        executor.executeLocal(batch, session, writer);
        sum += writer.output.length;
        writer.output.reset();
      }
      return sum;
    },
  };
}

const numbersOnly: Bench = {
  name: "GET: writing the key numbers alone",
  run(size) {
    const depth = DEPTHS[1];
    const pipeline = makePipeline("GET", depth, VALUE);
    const random = createRandom([5, 6, 7, 8]);
    for (let done = 0; done < size; done += depth) {
      scatterKeys(pipeline, Math.min(KEYS, size), (limit) => random.below(limit));
    }
    return pipeline.bytes[pipeline.keyAt[0] + 11];
  },
};

export const stagedBenches: readonly Bench[] = [numbersOnly, ...DEPTHS.map(createBench)];
