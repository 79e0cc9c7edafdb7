/**
 * Sends commands over one connection, which it makes anew when it is lost.
 *
 * Commands wait in a queue until the end of the tick, and leave with one write. Those that were given to
 * a connection belong to it: they fail with it. Those of which not a byte was written wait for the next
 * one. A reply goes to its request by its place, or by the id of its frame, and to nobody where
 * the request was given up meanwhile.
 */
import type { ClientHost } from "../ports/client_socket.ts";
import { commandSize } from "../protocol/request_bytes.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import { ClientError } from "./client_error.ts";
import { CHANGES_STATE, CONFIRMED, traitsOf } from "./command_traits.ts";
import { type ConnectionLimits, type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { ConnectionState } from "./connection_state.ts";
import { type DeadlineOwner, Deadlines } from "./deadlines.ts";
import { describeAddress, Link, type LinkOwner } from "./link.ts";
import {
  KIND_ALL,
  KIND_ATOMIC,
  KIND_ONE,
  Request,
  type RequestKind,
  type RequestOwner,
  type RequestResult,
} from "./request.ts";
import { RequestQueue } from "./request_queue.ts";
import type { CommandWords, Sender, SendOptions } from "./sender.ts";
import type { LostRequests } from "./wire.ts";

/**
 * So many rounds of the microtask queue that bring nothing new end a tick: what is answered together is
 * asked together, though one caller may be a promise or two further away than another.
 */
const QUIET_ROUNDS = 2;
/** Most commands of one request: a frame takes no more. */
const MAX_COMMANDS = 1_000_000;
/** So many requests that were given up may stay in the queue. */
const GIVEN_UP_KEPT = 64;

/** Closing: no more commands are taken. Over: nothing happens any more. */
type Life = "open" | "closing" | "over";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: ClientError) => void;
}

export class ConnectionSender implements Sender, LinkOwner, RequestOwner, DeadlineOwner {
  readonly options: ConnectionOptions;
  readonly #host: ClientHost;
  readonly #limits: ConnectionLimits;
  readonly #state: ConnectionState;
  readonly #waiting = new RequestQueue();
  readonly #deadlines: Deadlines;
  /** Replaces `#waiting` while `onConnect` runs. */
  #first: Request[] | undefined;
  #link: Link | undefined;
  #life: Life = "open";
  #hasBeenReady = false;
  /** Attempts that failed in a row. */
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #connecting: Waiter[] = [];
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => {};
  /** Why it is over, where nobody closed it. */
  #end: ClientError | undefined;
  /** Requests that wait, here or for their replies, and how many commands and bytes they are. */
  #requestCount = 0;
  #commandCount = 0;
  #byteCount = 0;
  /** At most so many requests that were given up are in the queue. */
  #givenUp = 0;
  #isScheduled = false;
  #quietRounds = 0;
  /** How many waited at the last round of the microtask queue. */
  #seen = 0;
  /** Monotonic time in this tick, -1 = not looked at yet. */
  #tickMs = -1;
  readonly #round = (): void => this.#endRound();

  /** @throws RangeError for an option that is out of its range */
  constructor(host: ClientHost, options: ConnectionOptions) {
    this.options = options;
    this.#host = host;
    this.#limits = limitsOf(options);
    this.#state = new ConnectionState(options);
    this.#deadlines = new Deadlines(host.clock, this);
    this.#closed = new Promise((resolve) => void (this.#resolveClosed = resolve));
  }

  /** Whether commands are sent at once. */
  get isReady(): boolean {
    return this.#link !== undefined && this.#link.isReady;
  }

  /** Whether it was closed, or lost its connection for good. */
  get isOver(): boolean {
    return this.#life === "over";
  }

  /** Whether no request waits, and no reply of one that was given up is still to come. */
  get isIdle(): boolean {
    return this.#requestCount === 0 && (this.#link?.wire.inFlightCount ?? 0) === 0;
  }

  /** What the server answered to HELLO; null without a connection, and in RESP2. */
  get serverInfo(): ReplyValue {
    return this.#link?.serverInfo ?? null;
  }

  /** Another sender to the same server, as the same user; not connected yet. */
  dedicated(changes: Partial<ConnectionOptions> = {}): ConnectionSender {
    const { user, password, name, database } = this.#state;
    return new ConnectionSender(this.#host, {
      ...this.options,
      ...{ user, password, name, database: Number(database) },
      ...changes,
    });
  }

  /**
   * Connects now rather than with the first command; one attempt. @throws ClientError
   */
  connect(): Promise<void> {
    if (this.isReady) return Promise.resolve();
    if (this.#life !== "open") return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      this.#connecting.push({ resolve, reject });
      this.#start();
    });
  }

  one(command: CommandWords, options: SendOptions): Promise<ReplyValue> {
    let size: number;
    let traits: number;
    try {
      size = commandSize(command);
      traits = traitsOf(command);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#add(KIND_ONE, command, size, traits, options) as Promise<ReplyValue>;
  }

  all(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]> {
    if (commands.length === 0) return Promise.resolve([]);
    return this.#addMany(KIND_ALL, commands, options) as Promise<ReplyValue[]>;
  }

  atomic(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[] | null> {
    if (commands.length === 0) return Promise.resolve([]);
    return this.#addMany(KIND_ATOMIC, commands, options) as Promise<ReplyValue[] | null>;
  }

  close(): Promise<void> {
    if (this.#life !== "open") return this.#closed;
    this.#life = "closing";
    // What was given in this tick still goes out; what waits for a server that is not there does not.
    if (this.#link === undefined && this.#requestCount > 0 && this.#cancelRetry === undefined) {
      this.#connect();
    }
    if (this.#link === undefined) this.#finish(this.#closedError());
    else this.#closeWhenIdle();
    return this.#closed;
  }

  destroy(): void {
    if (this.#life === "over") return;
    this.#life = "closing";
    const error = this.#closedError();
    if (this.#link === undefined) this.#finish(error);
    else this.#link.fail(error);
  }

  #addMany(
    kind: RequestKind,
    commands: readonly CommandWords[],
    options: SendOptions,
  ): Promise<RequestResult> {
    let size = 0;
    let traits = 0;
    try {
      if (commands.length > MAX_COMMANDS) {
        throw new RangeError(`${commands.length} commands at once: at most ${MAX_COMMANDS} can be`);
      }
      for (const command of commands) {
        size += commandSize(command);
        const own = traitsOf(command);
        if (own === CONFIRMED) throw new TypeError(`${command[0]} must be sent by itself`);
        traits |= own;
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#add(kind, commands, size, traits, options);
  }

  #add(
    kind: RequestKind,
    commands: readonly CommandWords[] | CommandWords,
    size: number,
    traits: number,
    options: SendOptions,
  ): Promise<RequestResult> {
    const request = new Request(kind, commands, options.as === "bytes", size, traits);
    request.throwsErrors = options.throwsErrors === true;
    const error = this.#refusal(request, options.signal);
    if (error !== undefined) {
      request.reject(error);
      return request.promise;
    }
    const { timeoutMs = this.#limits.commandTimeoutMs, signal } = options;
    if (timeoutMs > 0) this.#limitTime(request, timeoutMs);
    if ((traits & CHANGES_STATE) !== 0) this.#follow(request);
    if (signal !== undefined) request.listen(signal, this);
    this.#requestCount++;
    this.#commandCount += request.commandCount;
    this.#byteCount += size;
    if (this.#first !== undefined) this.#first.push(request);
    else {
      this.#waiting.push(request);
      if (!this.#isScheduled) this.#schedule();
    }
    return request.promise;
  }

  /** @returns why a request can't be taken */
  #refusal(request: Request, signal: AbortSignal | undefined): ClientError | undefined {
    const { maxQueuedCommands, maxQueuedBytes } = this.#limits;
    if (this.#life !== "open") return this.#closedError();
    if (signal !== undefined && signal.aborted) return abortedError(signal, false);
    if (this.#commandCount + request.commandCount > maxQueuedCommands) {
      return new ClientError("QUEUE_FULL", `more than ${maxQueuedCommands} commands would wait`);
    }
    if (this.#byteCount + request.sizeBytes > maxQueuedBytes) {
      return new ClientError("QUEUE_FULL", `more than ${maxQueuedBytes} bytes would wait`);
    }
    if (this.options.offlineQueue === false && !this.isReady) {
      this.#start();
      return this.#notConnected();
    }
    return undefined;
  }

  #follow(request: Request): void {
    request.promise.then((result) => this.#state.follow(request, result), () => {});
  }

  #limitTime(request: Request, timeoutMs: number): void {
    if (this.#tickMs < 0) this.#tickMs = this.#host.clock.monotonicUs() / 1000;
    request.deadlineMs = this.#tickMs + timeoutMs;
    this.#deadlines.add(request.deadlineMs, this.#tickMs);
  }

  #schedule(): void {
    this.#isScheduled = true;
    this.#quietRounds = 0;
    this.#seen = 0;
    queueMicrotask(this.#round);
  }

  #endRound(): void {
    const { length } = this.#waiting;
    if (length !== this.#seen) {
      this.#seen = length;
      this.#quietRounds = 0;
    } else this.#quietRounds++;
    if (this.#quietRounds < QUIET_ROUNDS) return queueMicrotask(this.#round);
    this.#isScheduled = false;
    this.#tickMs = -1;
    if (this.#waiting.length === 0) return;
    if (this.isReady) this.#send();
    else if (this.#life !== "over") this.#start();
  }

  #send(): void {
    const link = this.#link!;
    try {
      link.send(this.#waiting);
    } catch (cause) {
      // An argument was changed into what none can be, after it was looked at.
      link.fail(new ClientError("PROTOCOL", "commands could not be encoded", false, cause));
    }
  }

  // Connecting

  #start(): void {
    if (this.#link !== undefined || this.#cancelRetry !== undefined) return;
    if (this.#life === "open") this.#connect();
  }

  #connect(): void {
    const { connectTimeoutMs } = this.#limits;
    this.#link = new Link(this.#host, this.options, this.#state, connectTimeoutMs, this);
  }

  ready(link: Link): void {
    this.#failures = 0;
    this.#hasBeenReady = true;
    if (this.#life === "over") return link.end();
    const first: Request[] = [];
    this.#first = first;
    try {
      this.options.onConnect?.();
    } catch (error) {
      throwLater(error);
    } finally {
      this.#first = undefined;
    }
    this.#waiting.putFirst(first);
    this.#tickMs = -1;
    const waiters = this.#connecting;
    this.#connecting = [];
    for (const { resolve } of waiters) resolve();
    this.#send();
    if (this.#life === "closing") this.#closeWhenIdle();
  }

  writable(): void {
    if (this.#waiting.length > 0 || !this.#link!.isWritten) this.#send();
  }

  lost(link: Link, error: ClientError, { unwritten, lost }: LostRequests): void {
    this.#link = undefined;
    for (const { request, mayHaveRun } of lost) {
      this.#release(request);
      if (request.isSettled) continue;
      const { code, message } = error;
      request.reject(new ClientError(code, message, mayHaveRun, error.cause ?? error));
    }
    this.#waiting.putFirst(
      unwritten.filter((request) => !request.isSettled || this.#drop(request)),
    );
    const waiters = this.#connecting;
    this.#connecting = [];
    for (const { reject } of waiters) reject(error);
    if (this.#life !== "open") {
      return this.#finish(error.code === "CLOSED" ? error : this.#closedError(error));
    }
    if (link.isReady) this.#tell(error);
    if (this.options.reconnect === false) this.#finish(error);
    else this.#retry(link.isReady, error);
  }

  /** A request that was given up before it was written goes nowhere. @returns false */
  #drop(request: Request): boolean {
    this.#release(request);
    return false;
  }

  #tell(error: ClientError): void {
    try {
      this.options.onDisconnect?.(error);
    } catch (thrown) {
      throwLater(thrown);
    }
  }

  /** Decides what follows a connection that was lost, or an attempt that failed. */
  #retry(wasReady: boolean, error: ClientError): void {
    const { attempts, minDelayMs, maxDelayMs } = this.#limits;
    const { offlineQueue = true } = this.options;
    if (!wasReady) this.#failures++;
    const isTooMuch = !wasReady && this.#failures % attempts === 0;
    const isRefused = error.code === "REFUSED";
    if (isRefused || isTooMuch || !offlineQueue) this.#failWaiting(error);
    // Nobody waits for an answer that would be the same again, nor for a server that was never there.
    if (isRefused || (!this.#hasBeenReady && this.#waiting.length === 0)) {
      this.#failures = 0;
      return;
    }
    const limitMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(this.#failures, 31));
    // Between a half and the whole, so that clients of a server that was restarted don't come together.
    const delayMs = limitMs / 2 + this.#host.random.below(1024) / 1024 * (limitMs / 2);
    this.#cancelRetry = this.#host.clock.after(delayMs, () => {
      this.#cancelRetry = undefined;
      this.#start();
    });
  }

  #failWaiting(error: ClientError): void {
    for (const request of this.#waiting.takeAll()) {
      if (request.isSettled) continue;
      this.#release(request);
      request.reject(error);
    }
    this.#givenUp = 0;
  }

  // The end

  #closeWhenIdle(): void {
    if (this.#requestCount === 0 && this.#link !== undefined) this.#link.end();
  }

  /** Nothing happens any more. */
  #finish(error: ClientError): void {
    this.#life = "over";
    this.#end = error;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#failWaiting(error);
    this.#deadlines.stop();
    this.#resolveClosed();
  }

  #closedError(cause?: unknown): ClientError {
    const end = this.#end;
    if (end !== undefined && end.code !== "CLOSED") {
      return new ClientError("CLOSED", `the client is closed: ${end.message}`, false, end);
    }
    return new ClientError("CLOSED", "the client is closed", false, cause);
  }

  #notConnected(): ClientError {
    const where = describeAddress(this.options.address);
    return new ClientError("NOT_CONNECTED", `there is no connection to ${where}`);
  }

  // Replies

  answered(request: Request): void {
    this.#release(request);
    if (this.#life === "closing") this.#closeWhenIdle();
  }

  pushed(push: ReplyValue[]): void {
    try {
      this.options.onPush?.(push);
    } catch (error) {
      throwLater(error);
    }
  }

  abort(request: Request): void {
    const { isSent } = request;
    this.#giveUp(request, new ClientError("ABORTED", "the command was aborted", isSent));
  }

  expire(request: Request): void {
    const message = request.isSent
      ? "the command was not answered in time"
      : "the command could not be sent in time";
    this.#giveUp(request, new ClientError("TIMEOUT", message, request.isSent));
  }

  /** What was not sent will not be; the reply of what was sent is skipped when it comes. */
  #giveUp(request: Request, error: ClientError): void {
    request.reject(error);
    if (!request.isSent) {
      this.#release(request);
      // Until it is sent, what waits would else be only what nobody waits for.
      if (++this.#givenUp > GIVEN_UP_KEPT && this.#givenUp * 2 > this.#waiting.length) {
        this.#waiting.dropSettled();
        this.#givenUp = 0;
      }
    }
    if (this.#life === "closing") this.#closeWhenIdle();
  }

  eachRequest(call: (request: Request) => void): void {
    for (let i = 0; i < this.#waiting.length; i++) call(this.#waiting.at(i));
    this.#link?.wire.eachInFlight(call);
  }

  /** A request leaves: it was answered, or goes nowhere. */
  #release(request: Request): void {
    this.#requestCount--;
    this.#commandCount -= request.commandCount;
    this.#byteCount -= request.sizeBytes;
  }
}

function abortedError(signal: AbortSignal, mayHaveRun: boolean): ClientError {
  return new ClientError("ABORTED", "the command was aborted", mayHaveRun, signal.reason);
}

/** A mistake of who was called is theirs, and must not end the connection. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
