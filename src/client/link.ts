/**
 * One connection of a client, from the attempt to the end: the socket, the protocol that is spoken on it,
 * and its opening (HELLO, AUTH, SELECT), which goes before everything else.
 */
import type {
  ClientAddress,
  ClientHost,
  ClientSocket,
  ClientSocketHandler,
} from "../ports/client_socket.ts";
import { ReplyError, type ReplyValue } from "../protocol/value_writer.ts";
import { BinaryWire } from "./binary_wire.ts";
import { ClientError } from "./client_error.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import type { ConnectionState } from "./connection_state.ts";
import { KIND_HELLO, KIND_ONE, Request } from "./request.ts";
import { RequestQueue } from "./request_queue.ts";
import { RespWire } from "./resp_wire.ts";
import type { CommandWords } from "./sender.ts";
import type { LostRequests, Wire, WireOwner } from "./wire.ts";

/** After which a connection that was ended is cut off. */
const END_GRACE_MS = 1000;
const LIBRARY_NAME = "crabcache";

/** Answers of a server that may take the connection later. */
const PASSING = /^(?:LOADING|BUSY|MASTERDOWN|TRYAGAIN)\b|max number of clients/;
/** Answers of a server that has no RESP3. */
const NO_HELLO = /^NOPROTO\b|unknown command/i;

/** Who hears of a connection. */
export interface LinkOwner {
  /** It is open, and commands can be sent. */
  ready(link: Link): void;
  /** A request that was given to it has all its replies. */
  answered(request: Request): void;
  pushed(push: ReplyValue[]): void;
  /** It takes more to send again. */
  writable(link: Link): void;
  /** It is gone, or was never there. Called exactly once, last. */
  lost(link: Link, error: ClientError, requests: LostRequests): void;
}

export class Link implements ClientSocketHandler, WireOwner {
  isReady = false;
  /** What HELLO answered; null in RESP2. */
  serverInfo: ReplyValue = null;
  readonly wire: Wire;
  readonly #options: ConnectionOptions;
  readonly #state: ConnectionState;
  readonly #owner: LinkOwner;
  readonly #host: ClientHost;
  readonly #socket: ClientSocket;
  /** Commands of the opening. */
  readonly #opening = new RequestQueue();
  /** What of the wire's output is not written yet. */
  #unwrittenFrom = 0;
  #isOver = false;
  #error: ClientError | undefined;
  #cancelTimer: (() => void) | undefined;

  /** Begins to connect. @param timeoutMs until it has to be ready, 0 = no limit */
  constructor(
    host: ClientHost,
    options: ConnectionOptions,
    state: ConnectionState,
    timeoutMs: number,
    owner: LinkOwner,
  ) {
    this.#host = host;
    this.#options = options;
    this.#state = state;
    this.#owner = owner;
    const pushesAsBytes = options.pushesAs === "bytes";
    this.wire = options.protocol === "binary"
      ? new BinaryWire(this, pushesAsBytes)
      : new RespWire(this, options.protocol === "resp2", pushesAsBytes);
    if (timeoutMs > 0) {
      this.#cancelTimer = host.clock.after(timeoutMs, () => {
        this.fail(
          new ClientError(
            "CONNECT_FAILED",
            `no connection to ${describeAddress(options.address)} within ${timeoutMs} ms`,
          ),
        );
      });
    }
    this.#socket = host.sockets.connect(options.address, this);
  }

  /** Whether nothing is left to be written. */
  get isWritten(): boolean {
    return this.#unwrittenFrom === this.wire.output.used;
  }

  /** Writes what waits, until the socket takes no more. */
  send(waiting: RequestQueue): void {
    const { wire } = this;
    if (this.#isOver || this.#error !== undefined) return;
    while (this.#write() && waiting.length > 0) {
      wire.encode(waiting);
      this.#unwrittenFrom = 0;
    }
  }

  /** @returns whether all is written */
  #write(): boolean {
    const { output } = this.wire;
    const { used } = output;
    if (this.#unwrittenFrom < used) {
      const { bytes } = output.region;
      this.#unwrittenFrom += this.#socket.write(bytes, this.#unwrittenFrom, used);
    }
    return this.#unwrittenFrom >= used;
  }

  /** Ends it at once. @param error why */
  fail(error: ClientError): void {
    if (this.#isOver) return;
    this.#error ??= error;
    this.#socket.destroy();
  }

  /** Ends it when what was taken is sent. */
  end(): void {
    if (this.#isOver) return;
    this.#error ??= new ClientError("CLOSED", "the client was closed");
    this.#cancelTimer?.();
    this.#cancelTimer = this.#host.clock.after(END_GRACE_MS, () => this.#socket.destroy());
    this.#socket.end();
  }

  connected(): void {
    void this.#open();
  }

  received(chunk: Uint8Array): void {
    if (this.#isOver || this.#error !== undefined) return;
    try {
      this.wire.receive(chunk);
    } catch (cause) {
      const message = messageOf(cause);
      const isPassing = !this.isReady && PASSING.test(message);
      const code = isPassing ? "CONNECT_FAILED" : "PROTOCOL";
      this.fail(new ClientError(code, `the server sent ${message}`, false, cause));
    }
  }

  writable(): void {
    if (!this.isReady) this.send(this.#opening);
    else this.#owner.writable(this);
  }

  closed(cause: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    const where = describeAddress(this.#options.address);
    const why = cause === undefined ? "" : `: ${cause.message}`;
    this.#error ??= this.isReady
      ? new ClientError(
        "CONNECTION_LOST",
        `the connection to ${where} was lost${why}`,
        false,
        cause,
      )
      : new ClientError("CONNECT_FAILED", `no connection to ${where}${why}`, false, cause);
    const requests = this.wire.lose(this.#unwrittenFrom);
    if (this.isReady) this.#owner.lost(this, this.#error, requests);
    else {
      // They are the opening's own.
      for (const { request } of requests.lost) request.reject(this.#error);
      for (const request of requests.unwritten) request.reject(this.#error);
      for (const request of this.#opening.takeAll()) request.reject(this.#error);
      this.#owner.lost(this, this.#error, { unwritten: [], lost: [] });
    }
  }

  answered(request: Request): void {
    if (this.isReady) this.#owner.answered(request);
  }

  pushed(push: ReplyValue[]): void {
    this.#owner.pushed(push);
  }

  async #open(): Promise<void> {
    try {
      await (this.#options.protocol === "resp2" ? this.#openInResp2() : this.#sayHello());
    } catch (error) {
      // Where the socket is gone already, this changes nothing.
      if (error instanceof ClientError) this.fail(error);
      else this.fail(new ClientError("PROTOCOL", messageOf(error), false, error));
      return;
    }
    if (this.#isOver || this.#error !== undefined) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.isReady = true;
    this.#owner.ready(this);
  }

  async #sayHello(): Promise<void> {
    const { wire } = this;
    const asked = [
      this.#ask(this.#state.hello(), KIND_HELLO),
      ...this.#askAll([
        ...this.#state.selection(),
        ["CLIENT", "SETINFO", "LIB-NAME", LIBRARY_NAME],
      ]),
    ];
    this.send(this.#opening);
    const [answer, ...replies] = await Promise.all(asked);
    if (answer instanceof ReplyError && wire instanceof RespWire && NO_HELLO.test(answer.message)) {
      wire.isResp2 = true;
      return this.#openInResp2();
    }
    checkReply(answer);
    // An old server knows no SETINFO, and others may not allow it.
    replies.slice(0, -1).forEach(checkReply);
    this.serverInfo = answer;
  }

  async #openInResp2(): Promise<void> {
    const asked = this.#askAll([...this.#state.opening(), ...this.#state.selection()]);
    this.send(this.#opening);
    (await Promise.all(asked)).forEach(checkReply);
  }

  #askAll(commands: readonly CommandWords[]): Promise<ReplyValue>[] {
    return commands.map((command) => this.#ask(command, KIND_ONE));
  }

  #ask(command: CommandWords, kind: typeof KIND_ONE | typeof KIND_HELLO): Promise<ReplyValue> {
    const request = new Request(kind, command, false, 0, 0);
    this.#opening.push(request);
    return request.promise as Promise<ReplyValue>;
  }
}

/** @throws ClientError when the server refused a command of the opening */
function checkReply(reply: ReplyValue): void {
  if (!(reply instanceof ReplyError)) return;
  const code = PASSING.test(reply.message) ? "CONNECT_FAILED" : "REFUSED";
  throw new ClientError(code, `the server refused the connection: ${reply.message}`, false, reply);
}

/** E.g. "127.0.0.1:6379", or a path. */
export function describeAddress(address: ClientAddress): string {
  if (address.kind === "unix") return address.path;
  const { host, port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
