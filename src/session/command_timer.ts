/**
 * Measures how long commands take, for their totals, their latencies, the slow log and the latency
 * monitor, without reading the clock for each of them.
 *
 *   GET GET GET GET SET SET LRANGE LRANGE KEYS
 *   └─ a group ───┘ └group┘ └group┘└group┘└group┘
 *
 * Consecutive runs of one command that is certainly short (CommandRegistry.isShort, with few bytes of
 * arguments) make a group, of `GROUP_LIMIT` at most; any other command is a group of its own. The clock
 * is read where one group ends and the next begins. The mean over a group stands for each run of it: in
 * the totals that is exact; the slow log names the group's first command when the mean is slow. A
 * reply that turned out long ends its group at once and answers for the group's time: what the short
 * ones before it took is some ten microseconds at most.
 *
 * With a `slowlog-log-slower-than` below `EACH_BELOW_US` every command is measured by itself, from its
 * beginning to its end.
 */
import type { Call } from "../commands/call.ts";
import type { CommandRegistry } from "../commands/registry.ts";
import { FLAG_FAST, FLAG_SKIP_SLOWLOG } from "../commands/registry.ts";
import { shownArguments } from "../commands/shown_arguments.ts";
import type { Engine } from "../engine/engine.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { SessionPort } from "../ports/session_port.ts";

/** Runs of a short command between two readings of the clock, which then cost each 1 ns at most. */
export const GROUP_LIMIT = 64;
/** Arguments up to so many bytes are few. */
const SHORT_BYTES = 4096;
/** So low a threshold of the slow log asks for the time of every command. */
const EACH_BELOW_US = 1000;
const MS_PER_SECOND = 1000;

export class CommandTimer {
  /** The command of the running group, -1 = there is none. */
  id = -1;
  /** Runs of it so far, and how many it may have. */
  calls = 0;
  limit = 0;
  /** Whether it has to be ended right behind its command. */
  isExact = false;
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  #startUs = 0;
  // The group's first command.
  #session!: SessionPort;
  #batch!: CommandBatch;
  #first = 0;
  #argc = 0;

  constructor(engine: Engine, registry: CommandRegistry) {
    this.#engine = engine;
    this.#registry = registry;
  }

  /** Whether this run of command `id` begins a group. */
  isNew(id: number, batch: CommandBatch, first: number, argc: number): boolean {
    if (id !== this.id || this.calls >= this.limit) return true;
    const { argOffsets, argLengths } = batch;
    const last = first + argc - 1;
    // The name may lie apart from the arguments, once for many commands.
    const from = argc > 1 ? first + 1 : first;
    return argOffsets[last] + argLengths[last] - argOffsets[from] > SHORT_BYTES;
  }

  /** Ends the running group, if there is one, and begins the next with the command of `call`. */
  begin(id: number, call: Call): void {
    const nowUs = this.#engine.clock.monotonicUs();
    if (this.id >= 0) this.#record(nowUs);
    const { batch, first, argc } = call;
    this.id = id;
    this.calls = 0;
    this.limit = this.#limitOf(id, batch, first, argc);
    this.#startUs = nowUs;
    this.#session = call.session;
    this.#batch = batch;
    this.#first = first;
    this.#argc = argc;
  }

  /**
   * The same for the command of `call` and those behind it, all with as many arguments, unless they still
   * belong to the running group. @returns how many of these `count` belong to one group
   */
  beginRow(id: number, call: Call, count: number): number {
    const { batch, first, argc } = call;
    if (this.isNew(id, batch, first, argc)) this.begin(id, call);
    const { argOffsets, argLengths } = batch;
    let members = Math.min(count, this.limit - this.calls);
    while (members > 1) {
      const last = first + members * argc - 1;
      if (argOffsets[last] + argLengths[last] - argOffsets[first + 1] <= SHORT_BYTES) break;
      members >>= 1;
    }
    return Math.max(1, members);
  }

  #limitOf(id: number, batch: CommandBatch, first: number, argc: number): number {
    const thresholdUs = this.#engine.settings.slowlogLogSlowerThan;
    this.isExact = thresholdUs >= 0 && thresholdUs < EACH_BELOW_US;
    if (this.isExact || this.#registry.isShort[id] === 0) return 0;
    this.limit = GROUP_LIMIT;
    return this.isNew(id, batch, first, argc) ? 0 : GROUP_LIMIT;
  }

  /** Ends the running group, if there is one. */
  end(): void {
    if (this.id < 0) return;
    this.#record(this.#engine.clock.monotonicUs());
    this.id = -1;
  }

  /** Ends the running group with the command of `call`, whose reply turned out long. */
  endLong(call: Call): void {
    const nowUs = this.#engine.clock.monotonicUs();
    const elapsedUs = nowUs - this.#startUs;
    this.#count(elapsedUs);
    this.#trace(elapsedUs);
    this.#observe(elapsedUs, call.session, call.batch, call.first, call.argc);
    this.id = -1;
  }

  /** Takes in a run that was measured elsewhere: of a command that had been blocked. */
  addRerun(id: number, durationUs: number, call: Call): void {
    this.#engine.stats.commandUsec[id] += durationUs;
    this.id = id;
    this.#observe(durationUs, call.session, call.batch, call.first, call.argc, true);
    this.id = -1;
  }

  #record(nowUs: number): void {
    // The row that it began with may have been refused.
    if (this.calls === 0) return;
    const elapsedUs = nowUs - this.#startUs;
    this.#count(elapsedUs);
    this.#trace(elapsedUs);
    const meanUs = elapsedUs / this.calls;
    this.#observe(meanUs, this.#session, this.#batch, this.#first, this.#argc);
  }

  #count(elapsedUs: number): void {
    const { stats, settings } = this.#engine;
    stats.recordCalls(this.id, this.calls, elapsedUs, settings.latencyTracking);
  }

  /** Tells the trace, if there is one, of the whole group. */
  #trace(elapsedUs: number): void {
    const { trace } = this.#engine.latency;
    if (trace === undefined) return;
    const { isShort, fullNames } = this.#registry;
    const what = isShort[this.id] === 1 ? "fast-command" : "command";
    trace.add(what, this.#startUs, elapsedUs, this.calls, fullNames[this.id]);
  }

  /** Tells the slow log and the latency monitor. */
  #observe(
    durationUs: number,
    session: SessionPort,
    batch: CommandBatch,
    first: number,
    argc: number,
    isRerun = false,
  ): void {
    const { clock, latency, slowLog } = this.#engine;
    const { entries, flags } = this.#registry;
    const isFast = (flags[this.id] & FLAG_FAST) !== 0;
    if (latency.isOn) latency.add(isFast ? "fast-command" : "command", durationUs);
    if (!slowLog.isSlow(durationUs) || (flags[this.id] & FLAG_SKIP_SLOWLOG) !== 0) return;
    // Whoever waits for keys is not done.
    if (session.isBlocked && !isRerun) return;
    slowLog.add({
      atSeconds: Math.floor(clock.nowMs() / MS_PER_SECOND),
      durationUs: Math.trunc(durationUs),
      args: shownArguments(entries[this.id].spec, batch, first, argc),
      clientAddress: session.remoteAddress,
      clientName: session.name,
    });
  }
}
