/**
 * Carries commands in HTTP requests, those of one tick together in one. Bodies are RESP or binary frames,
 * so any bytes are safe. It needs nothing but fetch.
 *
 *   POST {url}/batch                commands ─▶ replies, one for each of them
 *   POST {url}/batch?atomic=true    the same, as one transaction
 *
 * Requests are under way side by side: what leaves in one tick keeps its order, what leaves in another
 * one may overtake it unless it is waited for.
 */
import { commandSize } from "../protocol/request_bytes.ts";
import { ReplyError, type ReplyValue } from "../protocol/value_writer.ts";
import { ClientError } from "./client_error.ts";
import type { OwnSenders } from "./connections.ts";
import { binaryFormat, type BodyFormat, type ReplyReader, respFormat } from "./http_body.ts";
import type { CommandWords, Sender, SendOptions } from "./sender.ts";

export interface HttpOptions {
  /** Where the server is, e.g. "https://host:8079/cache", without a slash at the end. */
  readonly url: string;
  /** As the header Authorization has it, "" = none. */
  readonly authorization: string;
  /** Milliseconds, 0 = as long as it takes. */
  readonly timeoutMs: number;
  /** What bodies are; binary falls back to RESP where a server does not take it. */
  readonly protocol: "resp" | "binary";
  readonly fetch: typeof fetch;
}

const OK = 200;
/** Statuses from here on are the server's fault: it may have run something. */
const FIRST_SERVER_FAULT = 500;
const REFUSED_BATCH = 400;
/** Statuses of servers that do not know a media type: nothing was run. */
const UNKNOWN_TYPE: readonly number[] = [406, 415];

/** Commands of one call that wait for their replies. */
class Call {
  readonly commands: readonly CommandWords[];
  readonly asBytes: boolean;
  readonly promise: Promise<ReplyValue[]>;
  isOver = false;
  readonly #resolve: (replies: ReplyValue[]) => void;
  readonly #reject: (error: Error) => void;
  readonly #signals: readonly AbortSignal[];
  /** Told when it is over before it was answered. */
  left: () => void = () => {};

  constructor(commands: readonly CommandWords[], options: SendOptions, timeoutMs: number) {
    this.commands = commands;
    this.asBytes = options.as === "bytes";
    const { promise, resolve, reject } = withResolvers<ReplyValue[]>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    const limitMs = options.timeoutMs ?? timeoutMs;
    const signals = options.signal === undefined ? [] : [options.signal];
    this.#signals = limitMs === 0 ? signals : [...signals, AbortSignal.timeout(limitMs)];
    for (const signal of this.#signals) signal.addEventListener("abort", this);
    if (options.signal?.aborted === true) this.#giveUp(options.signal);
  }

  /** A signal of it was aborted. */
  handleEvent({ target }: Event): void {
    this.#giveUp(target as AbortSignal);
  }

  #giveUp(signal: AbortSignal): void {
    const isLate = signal === this.#signals[this.#signals.length - 1] &&
      (signal.reason as Error | undefined)?.name === "TimeoutError";
    const error = isLate
      ? new ClientError("TIMEOUT", "there was no answer in time", true)
      : new ClientError("ABORTED", "the command was aborted", true, signal.reason);
    this.fail(error);
    this.left();
  }

  answer(replies: ReplyValue[]): void {
    if (this.#end()) this.#resolve(replies);
  }

  fail(error: Error): void {
    if (this.#end()) this.#reject(error);
  }

  #end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    for (const signal of this.#signals) signal.removeEventListener("abort", this);
    return true;
  }
}

export class HttpSender implements Sender {
  readonly #options: HttpOptions;
  readonly #underWay = new Map<Promise<void>, AbortController>();
  #format: BodyFormat;
  #waiting: Call[] = [];
  #isClosed = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#format = options.protocol === "binary" ? binaryFormat() : respFormat();
  }

  async one(command: CommandWords, options: SendOptions): Promise<ReplyValue> {
    const [reply] = await this.#send([command], options);
    if (options.throwsErrors === true && reply instanceof ReplyError) throw reply;
    return reply;
  }

  async all(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]> {
    return await this.#send(commands, options);
  }

  async atomic(
    commands: readonly CommandWords[],
    options: SendOptions,
  ): Promise<ReplyValue[] | null> {
    const call = this.#call(commands, options);
    if (!call.isOver) this.#post([call], true);
    return await call.promise;
  }

  #send(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]> {
    const call = this.#call(commands, options);
    if (call.isOver) return call.promise;
    if (this.#waiting.length === 0) queueMicrotask(() => queueMicrotask(() => this.#flush()));
    this.#waiting.push(call);
    return call.promise;
  }

  #call(commands: readonly CommandWords[], options: SendOptions): Call {
    if (this.#isClosed) throw new ClientError("CLOSED", "the client is closed");
    // What can't be encoded fails by itself, before it is among others.
    for (const command of commands) commandSize(command);
    return new Call(commands, options, this.#options.timeoutMs);
  }

  #flush(): void {
    const calls = this.#waiting.filter((call) => !call.isOver);
    this.#waiting = [];
    if (calls.length > 0) this.#post(calls, false);
  }

  #post(calls: readonly Call[], isAtomic: boolean): void {
    const controller = new AbortController();
    let left = calls.length;
    for (const call of calls) {
      call.left = () => {
        if (--left === 0) controller.abort();
      };
    }
    const done = this.#exchange(calls, isAtomic, controller.signal).catch((error) => {
      for (const call of calls) call.fail(error);
    }).finally(() => this.#underWay.delete(done));
    this.#underWay.set(done, controller);
  }

  async #exchange(calls: readonly Call[], isAtomic: boolean, signal: AbortSignal): Promise<void> {
    const { url } = this.#options;
    const format = this.#format;
    const commands = calls.length === 1
      ? calls[0].commands
      : calls.flatMap((call) => call.commands);
    const response = await this.#fetch(format, format.encode(commands, isAtomic), isAtomic, signal);
    const { status, type, body } = response;
    if (UNKNOWN_TYPE.includes(status) && format.type !== respFormat().type) {
      this.#format = respFormat();
      return await this.#exchange(calls, isAtomic, signal);
    }
    if (status !== OK) throw failureOf(url, status, body, isAtomic);
    if (!type.startsWith(format.type)) {
      throw new ClientError("PROTOCOL", `${url}/batch answers with ${type || "no type"}`, true);
    }
    answer(calls, format.read(body));
  }

  async #fetch(
    { type, accept }: BodyFormat,
    body: Uint8Array<ArrayBuffer>,
    isAtomic: boolean,
    signal: AbortSignal,
  ): Promise<{ status: number; type: string; body: Uint8Array }> {
    const { url, authorization, fetch } = this.#options;
    const headers = { "content-type": type, accept };
    try {
      const response = await fetch(`${url}/batch${isAtomic ? "?atomic=true" : ""}`, {
        method: "POST",
        headers: authorization === "" ? headers : { ...headers, authorization },
        body,
        signal,
      });
      return {
        status: response.status,
        type: response.headers.get("content-type") ?? "",
        body: new Uint8Array(await response.arrayBuffer()),
      };
    } catch (error) {
      const message = `no answer of ${url}: ${reasonOf(error)}`;
      throw error instanceof ClientError
        ? error
        : new ClientError("CONNECTION_LOST", message, true, error);
    }
  }

  async close(): Promise<void> {
    this.#flush();
    this.#isClosed = true;
    await Promise.all(this.#underWay.keys());
  }

  destroy(): void {
    this.#isClosed = true;
    const error = new ClientError("CLOSED", "the client was closed", true);
    for (const call of this.#waiting) call.fail(error);
    this.#waiting = [];
    for (const controller of this.#underWay.values()) controller.abort(error);
  }
}

/** Gives each use requests of its own: there are no connections to be had. */
export class HttpOwnSenders implements OwnSenders {
  readonly #options: HttpOptions;
  readonly #taken = new Set<Sender>();

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  take(): Sender {
    const sender = new HttpSender(this.#options);
    this.#taken.add(sender);
    return sender;
  }

  give(sender: Sender, isReusable: boolean): void {
    this.#taken.delete(sender);
    if (!isReusable) sender.destroy();
  }

  destroy(): void {
    for (const sender of this.#taken) sender.destroy();
    this.#taken.clear();
  }
}

/** Gives each call its replies. @throws ClientError when they are not all there */
function answer(calls: readonly Call[], read: ReplyReader): void {
  for (const call of calls) {
    const replies: ReplyValue[] = [];
    while (replies.length < call.commands.length) replies.push(readReply(read, call.asBytes));
    call.answer(replies);
  }
}

function readReply(read: ReplyReader, asBytes: boolean): ReplyValue {
  let reply: ReplyValue | undefined;
  try {
    reply = read(asBytes);
  } catch (error) {
    throw new ClientError("PROTOCOL", `the answer can't be read: ${reasonOf(error)}`, true, error);
  }
  if (reply !== undefined) return reply;
  throw new ClientError("PROTOCOL", "the answer ends before all replies are there", true);
}

/** What an answer without replies means. */
function failureOf(url: string, status: number, body: Uint8Array, isAtomic: boolean): Error {
  const message = messageOf(body);
  const cause = message === "" ? undefined : new ReplyError(message);
  if (status === REFUSED_BATCH && isAtomic && cause !== undefined) return cause;
  const text = `${url} answers ${status}${message === "" ? "" : `: ${message}`}`;
  return new ClientError("REFUSED", text, status >= FIRST_SERVER_FAULT, cause);
}

/** The `error` of a JSON body, "" where there is none. */
function messageOf(body: Uint8Array): string {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(body));
    return typeof error === "string" ? error : "";
  } catch {
    return "";
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Promise.withResolvers, which Node.js has from 22 on. */
function withResolvers<T>(): Resolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
