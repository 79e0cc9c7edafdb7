/**
 * Mixed load over a long time: all data types, pipelines, transactions, waiting, messages, tracking,
 * expiry and eviction, by clients that are killed at random; every reply is checked.
 *
 * Resident memory is sampled; the slope of its highs behind the first sixth, by least squares, must stay
 * below a bound: between collections it rises and falls by more than a leak would add.
 */
import assert from "node:assert/strict";
import { sleep } from "../support/wait.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Ground } from "./ground.ts";
import { bulk, SoakClient, type SoakCounts } from "./soak_client.ts";

/** Growth that is no leak: 1 MiB a minute is what samples of a collector's sawtooth may still show. */
export const MAX_SLOPE_BYTES_PER_MINUTE: number = 1024 * 1024;
const MIB = 1024 * 1024;
/** A run shorter than this is too short for a slope; it must stay below a ceiling instead. */
export const SLOPE_MIN_SECONDS = 120;
/** Of what was resident at the first third of a short run, and what a collector may be late with. */
const SHORT_CEILING = 1.15;
const SHORT_SLACK_BYTES = 32 * 1024 * 1024;
/**
 * A store so small that keys are evicted all the time, but none without a TTL: those of the models have
 * none, and would be evicted by LRU when a client that is slow leaves one alone for a second or two.
 */
export const SOAK_FLAGS: readonly string[] = [
  ...["--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"],
];
/** How much longer than asked for it goes on until keys were evicted and expired. */
const MOST_MORE_SECONDS = 60;
/** Of the time, for the highs of memory. */
const PARTS = 6;
const CLIENTS = 8;
const SAMPLES = 200;
const FILLER_BYTES = 4000;
const FILLERS_PER_ROUND = 50;
/** Longer than the soak. */
const FILLER_TTL_SECONDS = 86_400;

export interface SoakFigures extends SoakCounts {
  readonly seconds: number;
  readonly messages: number;
  readonly handedOver: number;
  readonly invalidations: number;
  readonly fillers: number;
  readonly evicted: number;
  readonly expired: number;
  readonly startBytes: number;
  readonly endBytes: number;
  readonly mostBytes: number;
  readonly slopeBytesPerMinute: number;
}

type IsOver = () => boolean;

/** Messages from one connection to another, each exactly once and in order. */
async function talk(ground: Ground, isOver: IsOver): Promise<number> {
  const [speaker, listener] = [await ground.dial(), await ground.dial("unix")];
  await listener.call("SUBSCRIBE", "soak:talk");
  let count = 0;
  for (; !isOver(); count++) {
    assert.equal(await speaker.call("PUBLISH", "soak:talk", count), ":1\r\n");
    const message = `*3\r\n${bulk("message")}${bulk("soak:talk")}${bulk(String(count))}`;
    assert.equal(await listener.readText(), message);
    await sleep(1);
  }
  assert.equal(listener.frameCount, 0);
  return count;
}

/** Elements that one connection pushes and another waits for, each exactly once and in order. */
async function handOver(ground: Ground, isOver: IsOver): Promise<number> {
  const [giver, taker] = [await ground.dial("unix"), await ground.dial()];
  let count = 0;
  for (; !isOver(); count++) {
    taker.sendCommands([["BLPOP", "soak:other", "soak:queue", 0]]);
    if (count % 3 === 0) await sleep(1);
    giver.sendCommands([["RPUSH", "soak:queue", count]]);
    const taken = `*2\r\n${bulk("soak:queue")}${bulk(String(count))}`;
    assert.equal(await taker.readText(), taken);
    assert.match(await giver.readText(), /^:[01]\r\n$/);
  }
  return count;
}

/** A cache of one key on the client's side, which is never staler than the last invalidation. */
async function track(ground: Ground, isOver: IsOver): Promise<number> {
  const [reader, writer] = [await ground.dial(), await ground.dial()];
  reader.sendCommands([["HELLO", 3], ["CLIENT", "TRACKING", "ON"]]);
  await reader.readAll(2);
  const told = `>2\r\n${bulk("invalidate")}*1\r\n${bulk("soak:tracked")}`;
  let count = 0;
  for (; !isOver(); count++) {
    assert.equal(await writer.call("SET", "soak:tracked", count), "+OK\r\n");
    if (count > 0) assert.equal(await reader.readText(), told);
    assert.equal(await reader.call("GET", "soak:tracked"), bulk(String(count)));
    await sleep(1);
  }
  return count;
}

/** Keys that nobody reads again, until the store is full of them and they are evicted. */
async function fill(ground: Ground, isOver: IsOver): Promise<number> {
  const client: WireClient = await ground.dial();
  const value = "f".repeat(FILLER_BYTES);
  let count = 0;
  while (!isOver()) {
    client.sendCommands(
      Array.from(
        { length: FILLERS_PER_ROUND },
        () => ["SET", `filler:${count++}`, value, "EX", FILLER_TTL_SECONDS],
      ),
    );
    for (let i = 0; i < FILLERS_PER_ROUND; i++) assert.equal(await client.readText(), "+OK\r\n");
    await sleep(2);
  }
  return count;
}

/** The highest sample of each part of the time, without the first; it stands for the part's middle. */
export function highsOf(
  samples: readonly (readonly [seconds: number, bytes: number])[],
  seconds: number,
): (readonly [seconds: number, bytes: number])[] {
  const length = seconds / PARTS;
  return Array.from({ length: PARTS - 1 }, (_, i): readonly [number, number] => {
    const start = (i + 1) * length;
    const own = samples.filter(([at]) => at >= start && at < start + length);
    return [start + length / 2, Math.max(...own.map(([, bytes]) => bytes))];
  }).filter(([, bytes]) => bytes > 0);
}

/** @returns bytes per minute by which a line through the samples rises */
export function slopeOf(samples: readonly (readonly [seconds: number, bytes: number])[]): number {
  const n = samples.length;
  const meanX = samples.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = samples.reduce((sum, [, y]) => sum + y, 0) / n;
  let covariance = 0, variance = 0;
  for (const [x, y] of samples) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance * 60;
}

/** Whether what the load is to cause has happened; where others take the machine, that may take longer. */
async function hasEvictedAndExpired(ground: Ground): Promise<boolean> {
  return await ground.figure("evicted_keys") > 0 && await ground.figure("expired_keys") > 0;
}

/** Runs it. @throws AssertionError on a wrong reply, or when memory grows */
export async function soak(ground: Ground, seconds: number): Promise<SoakFigures> {
  const startMs = performance.now();
  const elapsed = (): number => (performance.now() - startMs) / 1000;
  let failed = false, isDone = false;
  const isOver: IsOver = () => failed || isDone;
  const samples: [number, number][] = [];
  const watch = async (): Promise<void> => {
    while (!isOver()) {
      samples.push([elapsed(), ground.residentBytes]);
      await sleep(Math.max(50, seconds * 1000 / SAMPLES));
      isDone = elapsed() >= seconds &&
        (await hasEvictedAndExpired(ground) || elapsed() >= seconds + MOST_MORE_SECONDS);
    }
  };
  const clients = Array.from(
    { length: CLIENTS },
    (_, i) => new SoakClient(ground.seed, i, () => ground.dialOwn(i % 3 === 0 ? "unix" : "tcp")),
  );
  const ending = <T>(name: string, work: Promise<T>): Promise<T> =>
    work.catch((error) => {
      failed = true;
      throw new Error(`${name} after ${elapsed().toFixed(1)} s: ${error}`, { cause: error });
    });
  const startBytes = ground.residentBytes;
  const results = await Promise.allSettled([
    ...[talk, handOver, track, fill].map((work) => ending(work.name, work(ground, isOver))),
    ...clients.map((client) => ending(client.prefix, client.run(isOver))),
    ending("watch", watch()),
  ]);
  const broken = results.filter((result) => result.status === "rejected");
  if (broken.length > 0) {
    throw new AggregateError(
      broken.map(({ reason }) => reason),
      broken.map(({ reason }) => String(reason)).join("; "),
    );
  }
  const [messages, handedOver, invalidations, fillers] = results.map((result) =>
    (result as PromiseFulfilledResult<number>).value
  );
  const sum = (name: keyof SoakCounts): number =>
    clients.reduce((total, { counts }) => total + counts[name], 0);
  const figures: SoakFigures = {
    seconds: elapsed(),
    ...{ commands: sum("commands"), transactions: sum("transactions"), kills: sum("kills") },
    ...{ messages, handedOver, invalidations, fillers },
    evicted: await ground.figure("evicted_keys"),
    expired: await ground.figure("expired_keys"),
    startBytes,
    endBytes: ground.residentBytes,
    mostBytes: Math.max(...samples.map(([, bytes]) => bytes)),
    slopeBytesPerMinute: slopeOf(highsOf(samples, seconds)),
  };
  checkMemory(figures, samples);
  return figures;
}

function checkMemory(
  { seconds, slopeBytesPerMinute, mostBytes }: SoakFigures,
  samples: readonly (readonly [number, number])[],
): void {
  if (seconds >= SLOPE_MIN_SECONDS) {
    const slope = Math.round(slopeBytesPerMinute);
    const course = samples.map(([at, bytes]) => `${at.toFixed(0)} s ${Math.round(bytes / MIB)}`);
    assert.ok(
      slope <= MAX_SLOPE_BYTES_PER_MINUTE,
      `memory grows by ${slope} bytes a minute; in MiB: ${course.join(", ")}`,
    );
    return;
  }
  const first = samples.slice(0, Math.ceil(samples.length / 3));
  const early = Math.max(...first.map(([, bytes]) => bytes));
  const ceiling = early * SHORT_CEILING + SHORT_SLACK_BYTES;
  assert.ok(mostBytes <= ceiling, `memory grew from ${early} to ${mostBytes} bytes`);
}
