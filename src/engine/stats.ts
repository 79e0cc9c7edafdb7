/**
 * Counters of everything that INFO reports about what the server did: plain numbers that their
 * owners increment, per-command totals in typed arrays, errors by code, and sampled rates.
 */
import { LatencyHistogram } from "./latency_histogram.ts";
import { LoopLag } from "./loop_lag.ts";

/** Samples that a rate is the mean of; one per call of `sample`. */
const SAMPLE_COUNT = 16;
/** Different error codes that are kept before counting by code stops. */
const ERROR_CODE_LIMIT = 128;
/** A code ends with a space within this many bytes, the dash of the wire included. */
const ERROR_CODE_SPAN = 32;
/** The only entry that remains once there were more codes than the limit. */
const ERRORS_DISABLED = "ERRORSTATS_DISABLED";
const US_PER_SECOND = 1_000_000;

/** The mean over the last samples of how fast a counter grows. */
class Rate {
  readonly #samples = new Float64Array(SAMPLE_COUNT);
  #next = 0;
  #lastValue = 0;
  #lastUs = -1;

  sample(value: number, nowUs: number): void {
    if (this.#lastUs >= 0) {
      const elapsedUs = nowUs - this.#lastUs;
      const grown = value - this.#lastValue;
      this.#samples[this.#next] = elapsedUs > 0 ? grown * US_PER_SECOND / elapsedUs : 0;
      this.#next = (this.#next + 1) % SAMPLE_COUNT;
    }
    this.#lastValue = value;
    this.#lastUs = nowUs;
  }

  perSecond(): number {
    let sum = 0;
    for (let i = 0; i < SAMPLE_COUNT; i++) sum += this.#samples[i];
    return sum / SAMPLE_COUNT;
  }

  reset(): void {
    this.#samples.fill(0);
    this.#next = 0;
    this.#lastValue = 0;
    this.#lastUs = -1;
  }
}

/** What the server counts about itself. */
export class Stats {
  /** Commands executed, on all connections. */
  totalCommands = 0;
  totalConnections = 0;
  /** Connections turned away because of `maxclients`. */
  rejectedConnections = 0;
  /** Bytes received. */
  totalNetInput = 0;
  /** Bytes sent. */
  totalNetOutput = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  /** Estimate of how many of the keys with an expiry are past it, 0 to 100. */
  expiredStalePercent = 0;
  /** How often a slice of active expiry ended because its time was used up. */
  expiredTimeCapReached = 0;
  evictedKeys = 0;
  /** Clients closed because all buffers together exceeded `maxmemory-clients`. */
  evictedClients = 0;
  /** Clients closed because too much waited for them to be read. */
  outputLimitDisconnections = 0;
  /** Clients closed because they sent too much without a whole command. */
  queryLimitDisconnections = 0;
  /** Commands refused because their connection sent more than its rate allows. */
  rateLimitedCommands = 0;
  tlsHandshakeFailures = 0;
  /** What access control denied: attempts to sign in, commands, keys, channels. */
  deniedAuth = 0;
  deniedCommands = 0;
  deniedKeys = 0;
  deniedChannels = 0;
  /** Microseconds during which more memory was in use than maxmemory allows, periods that are over. */
  totalEvictionExceededUs = 0;
  /** When the current one began, -1 = there is none. */
  #evictionExceededSinceUs = -1;
  /** Microseconds that slices of active expiry took. */
  expireCycleUs = 0;
  /** Chunks received from clients, and writes to them. */
  totalReads = 0;
  totalWrites = 0;
  /** Changes of the data since the start; not touched by `reset`. */
  dirty = 0;
  /** Error replies of a kind that no client's mistake explains. */
  unexpectedErrors = 0;
  totalErrorReplies = 0;

  /** Runs by command id. */
  readonly commandCalls: Float64Array;
  /** Microseconds spent, by command id. */
  readonly commandUsec: Float64Array;
  /** Refused before they ran (arity, authentication, memory), by command id. */
  readonly commandRejected: Float64Array;
  /** Runs that ended with an error, by command id. */
  readonly commandFailed: Float64Array;
  /** Error replies by code, the first word of their text. */
  readonly errorCounts = new Map<string, number>();

  readonly loopLag: LoopLag = new LoopLag();
  readonly #latencies: (LatencyHistogram | undefined)[];
  readonly #opsRate = new Rate();
  readonly #inputRate = new Rate();
  readonly #outputRate = new Rate();
  #errorsDisabled = false;

  /** @param commandCount one more than the highest command id */
  constructor(commandCount: number) {
    this.commandCalls = new Float64Array(commandCount);
    this.commandUsec = new Float64Array(commandCount);
    this.commandRejected = new Float64Array(commandCount);
    this.commandFailed = new Float64Array(commandCount);
    this.#latencies = new Array<LatencyHistogram | undefined>(commandCount).fill(undefined);
  }

  /** Commands executed per second, lately. */
  get instantaneousOpsPerSec(): number {
    return this.#opsRate.perSecond();
  }

  /** Bytes received per second, lately. */
  get instantaneousNetInput(): number {
    return this.#inputRate.perSecond();
  }

  /** Bytes sent per second, lately. */
  get instantaneousNetOutput(): number {
    return this.#outputRate.perSecond();
  }

  /**
   * Counts consecutive runs of one command; `totalCommands` is left to the caller.
   *
   * @param id the command's id
   * @param calls how many runs, at least 1
   * @param totalUs microseconds that they took together
   * @param trackLatency whether each run's share goes into the command's histogram
   */
  recordCalls(id: number, calls: number, totalUs: number, trackLatency: boolean): void {
    this.commandCalls[id] += calls;
    this.commandUsec[id] += totalUs;
    if (!trackLatency) return;
    const histogram = this.#latencies[id] ?? (this.#latencies[id] = new LatencyHistogram());
    histogram.record(totalUs / calls, calls);
  }

  /** Whether more memory is in use than maxmemory allows, as it was noted last. */
  get isOverMemoryLimit(): boolean {
    return this.#evictionExceededSinceUs >= 0;
  }

  /** Notes whether more memory is in use than allowed. @param nowUs as of `sample` */
  noteMemoryLimit(isOver: boolean, nowUs: number): void {
    if (isOver === this.isOverMemoryLimit) return;
    if (!isOver) this.totalEvictionExceededUs += this.currentEvictionExceededUs(nowUs);
    this.#evictionExceededSinceUs = isOver ? nowUs : -1;
  }

  /** How long that has been so, in microseconds; 0 while it is not. */
  currentEvictionExceededUs(nowUs: number): number {
    return this.isOverMemoryLimit ? nowUs - this.#evictionExceededSinceUs : 0;
  }

  /** Counts a command that was refused before it ran. */
  recordRejected(id: number): void {
    this.commandRejected[id]++;
  }

  /** Counts a command that ran and answered with an error. */
  recordFailed(id: number): void {
    this.commandFailed[id]++;
  }

  /**
   * Counts an error reply, in total and under its code.
   *
   * One code more than the limit empties the table but for a single marker, and counting by code
   * stops until `reset`: the table cannot be flooded.
   *
   * @param message as the reply writer takes it, with its code first and no dash
   */
  recordError(message: string): void {
    this.totalErrorReplies++;
    if (this.#errorsDisabled) return;
    const codeEnd = message.indexOf(" ");
    const code = codeEnd > 0 && codeEnd < ERROR_CODE_SPAN - 1 ? message.slice(0, codeEnd) : "ERR";
    const counts = this.errorCounts;
    const count = counts.get(code);
    if (count === undefined && counts.size >= ERROR_CODE_LIMIT) {
      this.#errorsDisabled = true;
      counts.clear();
      counts.set(ERRORS_DISABLED, 1);
      return;
    }
    counts.set(code, (count ?? 0) + 1);
  }

  /** The latencies of a command, or undefined while none were recorded. */
  latencyOf(id: number): LatencyHistogram | undefined {
    return this.#latencies[id];
  }

  /**
   * Takes the samples that the instantaneous rates are made of; to be called ten times a second.
   *
   * @param nowUs microseconds of a clock that never goes back
   */
  sample(nowUs: number): void {
    this.#opsRate.sample(this.totalCommands, nowUs);
    this.#inputRate.sample(this.totalNetInput, nowUs);
    this.#outputRate.sample(this.totalNetOutput, nowUs);
  }

  /** Sets back everything that CONFIG RESETSTAT does. */
  reset(): void {
    this.totalCommands = 0;
    this.totalConnections = 0;
    this.rejectedConnections = 0;
    this.totalNetInput = 0;
    this.totalNetOutput = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.expiredKeys = 0;
    this.expiredStalePercent = 0;
    this.expiredTimeCapReached = 0;
    this.evictedKeys = 0;
    this.evictedClients = 0;
    this.deniedAuth =
      this.deniedCommands =
      this.deniedKeys =
      this.deniedChannels =
        0;
    this.outputLimitDisconnections = 0;
    this.queryLimitDisconnections = 0;
    this.rateLimitedCommands = 0;
    this.tlsHandshakeFailures = 0;
    this.totalEvictionExceededUs = 0;
    this.#evictionExceededSinceUs = -1;
    this.expireCycleUs = 0;
    this.totalReads = this.totalWrites = 0;
    this.unexpectedErrors = 0;
    this.totalErrorReplies = 0;
    this.commandCalls.fill(0);
    this.commandUsec.fill(0);
    this.commandRejected.fill(0);
    this.commandFailed.fill(0);
    this.errorCounts.clear();
    this.#errorsDisabled = false;
    this.#latencies.fill(undefined);
    this.#opsRate.reset();
    this.#inputRate.reset();
    this.#outputRate.reset();
  }
}
