/**
 * Loads many keys in this process, and times every turn of the event loop, or every step of the index;
 * or times turns in which nothing of ours runs, for what the machine and the runtime do by themselves.
 *
 *   turn:  | number the keys | batch: 50 sessions × 16 SETs, flush | other work of the loop: timers, slices, GC |
 *
 * A turn's wall time holds what other programs took from this one's core as well. Its CPU time does not, but
 * holds what the runtime's helper threads used; a stall of our own is no longer than the lesser of the two.
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers";
import { HashIndex, PREFIX_BITS } from "../../src/memory/hash_index.ts";
import type { ConnectionHandler } from "../../src/ports/transport.ts";
import { startBackground } from "../../src/server/background.ts";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { makePipeline, numberKeys, type Pipeline } from "../support/commands.ts";
import { DurationHistogram, type DurationSummary } from "../support/histogram.ts";
import { createLocalServer, type LocalServer } from "./local_server.ts";

const SESSIONS = 50;
const DEPTH = 16;
const TURN_KEYS = SESSIONS * DEPTH;
const VALUE = "12345678";
const STALL_MS = 5;
/** Turns before the load begins, in which the runtime compiles; they set keys that are not counted. */
export const WARM_TURNS = 500;
/** Number of the warm-up's first key. */
const WARM_KEY = 500_000_000_000;
/** Entries of a segment from which on it may split soon: less than it splits at. */
const NEARLY_FULL = 5700;
/** What `main` prints to standard error when the load begins and ends, among what the runtime prints there. */
export const LOAD_MARK = "= load begins or ends =";
const MICROSECONDS_PER_MS = 1000;

/** Memory that a turn of a machine probe touches for the first time, as a turn of a load does. */
const FRESH_BYTES = TURN_KEYS * 104;
const CALIBRATION_STEPS = 20_000_000;

export type ProbeKind = "turns" | "index" | "machine";

export const PROBE_KINDS: readonly ProbeKind[] = ["turns", "index", "machine"];

export interface TurnFigures {
  readonly keys: number;
  /** Keys that were there at the end, the warm-up's included; fewer when the store evicted. */
  readonly keptKeys: number;
  readonly seconds: number;
  /** When the load began and ended, in ms since the process started. */
  readonly beganMs: number;
  readonly endedMs: number;
  /** Turns of the warm-up, in which the runtime compiles. */
  readonly warmTurns: DurationSummary;
  /** From one turn's start to the next one's. */
  readonly turns: DurationSummary;
  /** The lesser of a turn's wall time and the process's CPU time in it. */
  readonly ownTurns: DurationSummary;
  /** Decoding and running one turn's commands. */
  readonly batches: DurationSummary;
  /** Slices of the background work. */
  readonly slices: DurationSummary;
  /** Turns above 5 ms, by wall time and by the lesser of both. */
  readonly longTurns: number;
  readonly ownLongTurns: number;
}

export interface IndexFigures {
  readonly keys: number;
  /** Insertions that split a segment, by wall time. */
  readonly splits: DurationSummary;
  /** The same by the lesser of wall time and the process's CPU time. */
  readonly ownSplits: DurationSummary;
  /** All other insertions. */
  readonly inserts: DurationSummary;
}

export interface MachineFigures {
  /** As in TurnFigures: of turns that do arithmetic and touch fresh memory, and nothing else. */
  readonly turns: DurationSummary;
  readonly ownTurns: DurationSummary;
  readonly ownLongTurns: number;
}

/** Sends SETs for the keys from `first` on, one pipeline a session. */
function sendTurn(
  server: LocalServer,
  sessions: readonly ConnectionHandler[],
  pipelines: readonly Pipeline[],
): void {
  for (let i = 0; i < sessions.length; i++) sessions[i].received(pipelines[i].bytes);
  server.executor.flush();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Sends keys to a server, one turn after the other. */
class Load {
  readonly #server: LocalServer;
  readonly #sessions: readonly ConnectionHandler[];
  readonly #pipelines: readonly Pipeline[];

  constructor(server: LocalServer) {
    this.#server = server;
    this.#sessions = Array.from({ length: SESSIONS }, () => server.connect());
    this.#pipelines = this.#sessions.map(() => makePipeline("SET", DEPTH, VALUE));
  }

  /**
   * Sets `keys` keys, rounded up to whole turns.
   * @param firstKey number of the first
   * @param turn is called in each turn, and calls its argument to send the commands
   */
  async run(firstKey: number, keys: number, turn: (send: () => void) => void): Promise<void> {
    const send = (): void => sendTurn(this.#server, this.#sessions, this.#pipelines);
    for (let first = firstKey; first < firstKey + keys; first += TURN_KEYS) {
      for (let i = 0; i < SESSIONS; i++) numberKeys(this.#pipelines[i], first + i * DEPTH);
      turn(send);
      await nextTurn();
    }
  }
}

/** Times the turns of a load, and what happens in them. */
class TurnTimer {
  readonly turns = new DurationHistogram();
  readonly ownTurns = new DurationHistogram();
  readonly batches = new DurationHistogram();
  longTurns = 0;
  ownLongTurns = 0;
  #lastStart = 0;
  #lastCpu = process.cpuUsage();

  turn(send: () => void): void {
    const start = performance.now();
    const cpu = process.cpuUsage();
    if (this.#lastStart > 0) {
      const last = this.#lastCpu;
      const wallMs = start - this.#lastStart;
      const cpuMs = (cpu.user + cpu.system - last.user - last.system) / MICROSECONDS_PER_MS;
      const ownMs = Math.min(wallMs, cpuMs);
      this.turns.record(wallMs);
      this.ownTurns.record(ownMs);
      if (wallMs > STALL_MS) this.longTurns++;
      if (ownMs > STALL_MS) this.ownLongTurns++;
    }
    this.#lastStart = start;
    this.#lastCpu = cpu;
    const sent = performance.now();
    send();
    this.batches.record(performance.now() - sent);
  }
}

/**
 * Times turns, batches and slices while the keys are loaded, after so many turns of warm-up.
 * @param mark is called when the load begins and when it ends
 */
export async function probeTurns(
  keys: number,
  warmTurns: number,
  mark: () => void = () => {},
): Promise<TurnFigures> {
  const server = createLocalServer();
  const { engine } = server;
  const slices = new DurationHistogram();
  const runSlice = engine.runSlice.bind(engine);
  engine.runSlice = () => {
    const start = performance.now();
    const hasMore = runSlice();
    slices.record(performance.now() - start);
    return hasMore;
  };
  const stopBackground = startBackground({ engine, afterSlice: () => false, everySecond() {} });
  const load = new Load(server);
  const warm = new TurnTimer(), timer = new TurnTimer();
  await load.run(WARM_KEY, warmTurns * TURN_KEYS, (send) => warm.turn(send));
  mark();
  const beganMs = performance.now();
  await load.run(0, keys, (send) => timer.turn(send));
  const endedMs = performance.now();
  mark();
  stopBackground();
  return {
    keys,
    keptKeys: engine.keyspace.databases[0].size,
    seconds: (endedMs - beganMs) / 1000,
    beganMs,
    endedMs,
    warmTurns: warm.turns.summary(),
    turns: timer.turns.summary(),
    ownTurns: timer.ownTurns.summary(),
    batches: timer.batches.summary(),
    slices: slices.summary(),
    longTurns: timer.longTurns,
    ownLongTurns: timer.ownLongTurns,
  };
}

/** Times turns of about `turnMs` each in which nothing of ours runs. */
export async function probeMachine(
  turns: number,
  warmTurns: number,
  turnMs: number,
): Promise<MachineFigures> {
  const calibrationStart = performance.now();
  let sum = compute(0, CALIBRATION_STEPS);
  const steps = CALIBRATION_STEPS * turnMs / (performance.now() - calibrationStart);
  const memory = new Uint8Array(new SharedArrayBuffer((turns + warmTurns) * FRESH_BYTES));
  const warm = new TurnTimer(), timer = new TurnTimer();
  for (let i = 0; i < warmTurns + turns; i++) {
    (i < warmTurns ? warm : timer).turn(() => {
      memory.fill(sum | 1, i * FRESH_BYTES, (i + 1) * FRESH_BYTES);
      sum = compute(sum, steps);
    });
    await nextTurn();
  }
  return {
    turns: timer.turns.summary(),
    ownTurns: timer.ownTurns.summary(),
    ownLongTurns: timer.ownLongTurns,
  };
}

function compute(seed: number, steps: number): number {
  let value = seed;
  for (let i = 0; i < steps; i++) value = (Math.imul(value, 1103515245) + 12345) | 0;
  return value;
}

/** Times every insertion into the index while the keys are loaded, after so many turns of warm-up. */
export async function probeIndex(keys: number, warmTurns: number): Promise<IndexFigures> {
  const load = new Load(createLocalServer());
  await load.run(WARM_KEY, warmTurns * TURN_KEYS, (send) => send());
  const splits = new DurationHistogram(), ownSplits = new DurationHistogram();
  const inserts = new DurationHistogram();
  const prototype = HashIndex.prototype;
  const insert = prototype.insert;
  prototype.insert = function (this: HashIndex, hash, ref) {
    const segments = this.segmentCount;
    const page = segments === 0 ? 0 : this.segmentAt(hash >>> (32 - PREFIX_BITS));
    // Asking for the CPU time costs as much as ten insertions.
    const cpu = this.arena.pageUsed[page] >= NEARLY_FULL ? process.cpuUsage() : undefined;
    const start = performance.now();
    const slot = insert.call(this, hash, ref);
    const ms = performance.now() - start;
    if (this.segmentCount === segments) {
      inserts.record(ms);
      return slot;
    }
    splits.record(ms);
    const { user, system } = process.cpuUsage(cpu);
    ownSplits.record(cpu === undefined ? ms : Math.min(ms, (user + system) / MICROSECONDS_PER_MS));
    return slot;
  };
  try {
    await load.run(0, keys, (send) => send());
  } finally {
    prototype.insert = insert;
  }
  return {
    keys,
    splits: splits.summary(),
    ownSplits: ownSplits.summary(),
    inserts: inserts.summary(),
  };
}

/** Writes the figures to a file as JSON. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["keys", "probe", "out", "warm-turns", "turn-ms"]);
  const keys = countOf(options, "keys", TURN_KEYS);
  const [kind] = choiceOf(options, "probe", PROBE_KINDS);
  const warmTurns = countOf(options, "warm-turns", WARM_TURNS);
  const figures = kind === "turns"
    ? await probeTurns(keys, warmTurns, () => console.error(LOAD_MARK))
    : kind === "index"
    ? await probeIndex(keys, warmTurns)
    : await probeMachine(
      Math.ceil(keys / TURN_KEYS),
      warmTurns,
      Number(options.values.get("turn-ms") ?? 1),
    );
  const path = options.values.get("out");
  if (path === undefined) console.log(JSON.stringify(figures));
  else writeFileSync(path, JSON.stringify(figures));
}

if (import.meta.main) await main(process.argv.slice(2));
