/**
 * A door for whole requests: an array of commands comes in as one body, an array of replies goes out as
 * another. Bodies are JSON, RESP or a frame of the binary batch protocol; nothing of a body is run unless all of it can be read.
 *
 *   body ──decoder──▶ batch ──executor──▶ writer ──▶ body
 *
 * Batch and writer belong to a desk. A request whose commands wait keeps its desk until it is answered;
 * all others share one.
 */
import { makeRegion } from "../bytes/region.ts";
import type { User } from "../commands/acl/user.ts";
import type { Cryptography } from "../ports/cryptography.ts";
import type { Region } from "../ports/region.ts";
import type { Dialect } from "../ports/session_port.ts";
import { type CommandArgument, CommandEncoder } from "../protocol/command_encoder.ts";
import { BinaryDecoder } from "../protocol/binary/decoder.ts";
import { FLAG_ATOMIC, KIND_REPLIES, KIND_REQUEST } from "../protocol/binary/frame.ts";
import { BinaryWriter } from "../protocol/binary/writer.ts";
import { JsonBatchDecoder } from "../protocol/json/decoder.ts";
import { JsonWriter } from "../protocol/json/writer.ts";
import { GrowableBatch } from "../protocol/resp/batch.ts";
import { RespDecoder } from "../protocol/resp/decoder.ts";
import { RespWriter } from "../protocol/resp/writer.ts";
import type { Peer } from "../session/local_session.ts";
import {
  type RequestContext,
  RequestSession,
  type RequestWatcher,
} from "../session/request_session.ts";
import type { Core } from "./core.ts";
import { type DoorStream, openStream, type StreamRequest } from "./door_stream.ts";
import { DoorUsers } from "./door_users.ts";
import { LiveFigures } from "./live_figures.ts";
import type { Options } from "./options_types.ts";
import { prometheusText } from "./prometheus.ts";
import { ValueDoor } from "./value_door.ts";
import { WholeTransaction } from "./whole_transaction.ts";

/** Most arguments of one command, as in RESP. */
export const MAX_ARGUMENTS: number = 1024 * 1024;
const INITIAL_BODY_BYTES = 64 * 1024;
const KEPT_BODY_BYTES = 1024 * 1024;
const STAR = 0x2a;
const LINE_FEED = 0x0a;
/** Ids of requests are beyond those of connections. */
const FIRST_REQUEST_ID = 2 ** 40;

export type { CommandArgument };
/** Whom requests act as. */
export type DoorUser = User;

/** How the replies are to be written. */
export type ReplyFormat =
  | { readonly kind: "json"; readonly version: 2 | 3; readonly isBase64: boolean }
  | { readonly kind: "ndjson"; readonly version: 2 | 3 }
  | { readonly kind: "resp"; readonly version: 2 | 3 }
  | { readonly kind: "binary"; readonly version: 3 };

/** A request whose body was read by HTTP or the like. */
export interface DoorRequest {
  /** Whom the commands run as. */
  readonly user: User;
  /** Who sent it, undefined = somebody in this process. */
  readonly peer?: Peer | undefined;
  readonly format: ReplyFormat;
  /** Redis's by default. */
  readonly dialect?: Dialect;
  /** Whether the body is one command instead of an array of them. */
  readonly isSingle?: boolean;
  /** Whether all commands run, one behind the other, or none. */
  readonly isAtomic?: boolean;
  /** Whether the answer may lie in the door's own memory, where the next request overwrites it. */
  readonly borrows?: boolean;
  /** Gives what says that nobody waits for the answer any more; asked for if commands wait. */
  readonly signal?: () => AbortSignal;
}

/** What became of a request. */
export type DoorAnswer =
  | {
    readonly kind: "replies";
    readonly body: Uint8Array<ArrayBuffer>;
    /** Text of the last error among the replies, "" = there is none. */
    readonly error: string;
    /** Whether anything was changed meanwhile. */
    readonly hasWritten: boolean;
  }
  /** Replies that come by and by, a line each. */
  | { readonly kind: "stream"; readonly body: ReadableStream<Uint8Array> }
  /** The body could not be read, or the commands cannot all be run; nothing was run. */
  | { readonly kind: "refused"; readonly message: string };

/** What of a server's options concerns its doors. */
export type DoorOptions = Pick<Options, "httpToken" | "httpReadonlyToken" | "httpMaxWait">;

export type MaybeLater<T> = T | Promise<T>;

/** What one request needs. */
class Desk {
  readonly batch = new GrowableBatch();
  readonly encoder = new CommandEncoder();
  readonly json = new JsonWriter();
  readonly resp = new RespWriter();
  readonly binary = new BinaryWriter();
  input: Region = makeRegion(INITIAL_BODY_BYTES);

  /** Puts a body into `input`, with an empty batch. */
  take(body: Uint8Array): void {
    const size = this.input.bytes.length;
    if (body.length > size || size > KEPT_BODY_BYTES) {
      this.input = makeRegion(Math.max(body.length, INITIAL_BODY_BYTES));
    }
    this.input.bytes.set(body);
    this.batch.clear();
    this.batch.trim();
    this.batch.input = this.input;
  }
}

export class CommandDoor {
  readonly users: DoorUsers;
  /** What the server does, second by second. */
  readonly live: LiveFigures;
  /** Single values with what belongs to them. */
  readonly values: ValueDoor;
  readonly #core: Core;
  readonly #jsonDecoder = new JsonBatchDecoder({ maxArguments: MAX_ARGUMENTS });
  readonly #respDecoder: RespDecoder;
  readonly #binaryDecoder: BinaryDecoder;
  /** Id of the frame that is being answered. */
  #frameId = 0;
  readonly #transaction: WholeTransaction;
  readonly #context: RequestContext;
  #desk = new Desk();
  #nextId = FIRST_REQUEST_ID;

  constructor(core: Core, cryptography: Cryptography, options: DoorOptions) {
    this.#core = core;
    const { engine, executor } = core;
    this.#context = { engine, executor, maxWaitMs: () => options.httpMaxWait * 1000 };
    this.live = new LiveFigures(core);
    this.users = new DoorUsers(core.engine.stats, core.users, cryptography, options);
    this.values = new ValueDoor(core, cryptography, () => this.#nextId++);
    this.#transaction = new WholeTransaction(core);
    this.#respDecoder = new RespDecoder(core.engine.settings);
    this.#binaryDecoder = new BinaryDecoder(core.engine.settings);
  }

  /** The figures of the server in the text format of Prometheus. */
  metrics(): string {
    return prometheusText(this.#core);
  }

  /** Opens a stream of messages. @returns it, or why there is none */
  stream(request: Omit<StreamRequest, "id">): DoorStream | string {
    return openStream(this.#core, { ...request, id: this.#nextId++ });
  }

  /** Runs the commands of a JSON body. */
  runJson(body: Uint8Array, request: DoorRequest): MaybeLater<DoorAnswer> {
    const desk = this.#desk;
    desk.take(body);
    const isSingle = request.isSingle === true;
    if (!this.#jsonDecoder.decode(desk.batch, desk.input, body.length, isSingle)) {
      return { kind: "refused", message: `ERR ${this.#jsonDecoder.error}` };
    }
    return this.#run(desk.batch, request);
  }

  /** Runs the commands of a body of RESP arrays. */
  runResp(body: Uint8Array, request: DoorRequest): MaybeLater<DoorAnswer> {
    const { batch } = this.#desk;
    this.#desk.take(body);
    const decoder = this.#respDecoder;
    for (let at = 0; at < body.length;) {
      const isArray = body[at] === STAR;
      const consumed = isArray ? decoder.decode(batch, at, body.length, true) : -1;
      if (consumed <= 0) {
        const reason = !isArray
          ? `expected an array of bulk strings at offset ${at}`
          : consumed === 0
          ? `the frame at offset ${at} is not whole`
          : decoder.error;
        return { kind: "refused", message: `ERR ${reason}` };
      }
      at += consumed;
    }
    return this.#run(batch, request);
  }

  /** Runs the commands of a body that is one request frame of the binary batch protocol. */
  runFrame(body: Uint8Array, request: DoorRequest): MaybeLater<DoorAnswer> {
    const { batch } = this.#desk;
    this.#desk.take(body);
    const decoder = this.#binaryDecoder;
    const { frames } = decoder;
    frames.clear();
    const consumed = decoder.decode(batch, 0, body.length, true);
    if (consumed !== body.length || consumed === 0 || frames.kinds[0] !== KIND_REQUEST) {
      const message = consumed < 0
        ? decoder.error
        : consumed === 0
        ? "ERR the frame is not whole"
        : "ERR the body must be one request frame";
      return { kind: "refused", message };
    }
    this.#frameId = frames.ids[0];
    const isAtomic = request.isAtomic === true || frames.flags[0] === FLAG_ATOMIC;
    const answer = this.#run(batch, { ...request, isAtomic });
    this.#frameId = 0;
    return answer;
  }

  /** Runs one command. @throws TypeError for an argument of another type */
  runWords(
    words: readonly CommandArgument[],
    request: DoorRequest,
  ): MaybeLater<DoorAnswer> {
    return this.#run(this.#desk.encoder.encode([words]), { ...request, isSingle: true });
  }

  #run(batch: GrowableBatch, request: DoorRequest): MaybeLater<DoorAnswer> {
    const { engine, users } = this.#core;
    const { format, isSingle, peer } = request;
    const desk = this.#desk;
    const session = new RequestSession(this.#nextId++, this.#context, peer, request.dialect);
    session.protocolVersion = format.version;
    users.signIn(session, request.user);
    session.guards |= this.#core.clients.commonGuards;
    const writer = writerOf(desk, format);
    const id = this.#frameId;
    const errors = writer.errorCount;
    const { dirty } = engine.stats;
    writer.version = format.version;
    if (format.kind === "resp") desk.resp.output.reset();
    else if (format.kind === "binary") {
      desk.binary.output.reset();
      desk.binary.beginFrame();
    } else {
      desk.json.isBase64 = format.kind === "json" && format.isBase64;
      desk.json.begin(isSingle === true ? "one" : format.kind === "ndjson" ? "lines" : "array");
    }
    const answer = (): DoorAnswer => {
      if (writer === desk.binary) desk.binary.endFrame(0, KIND_REPLIES, 0, id, batch.commandCount);
      return this.#answer(desk, request, errors, dirty);
    };
    if (request.isAtomic === true) {
      if (writer !== desk.resp) (writer === desk.json ? desk.json : desk.binary).unwrapNext();
      const refusal = this.#transaction.run(batch, session, writer);
      desk.binary.endUnwrapping();
      if (refusal !== "") return { kind: "refused", message: refusal };
      return answer();
    }
    if (session.run(batch, writer)) return answer();
    return this.#later(desk, request, session, answer);
  }

  #answer(desk: Desk, request: DoorRequest, errors: number, dirty: number): DoorAnswer {
    const isResp = request.format.kind === "resp";
    const writer = writerOf(desk, request.format);
    if (writer === desk.json) desk.json.end();
    const { bytes, length } = writer.output;
    const start = isResp && request.isAtomic === true ? bytes.indexOf(LINE_FEED) + 1 : 0;
    const borrows = request.borrows === true;
    return {
      kind: "replies",
      body: borrows ? bytes.subarray(start, length) : bytes.slice(start, length),
      error: writer.errorCount === errors ? "" : writer.lastError,
      hasWritten: this.#core.engine.stats.dirty !== dirty,
    };
  }

  /** The answer to a request that is held. */
  #later(
    desk: Desk,
    request: DoorRequest,
    session: RequestSession,
    answer: () => DoorAnswer,
  ): MaybeLater<DoorAnswer> {
    const watcher = { progressed: (): void => {}, done: (): void => {} };
    session.watch(watcher);
    // The desk stays with the request.
    this.#desk = new Desk();
    const signal = request.signal?.();
    const abandon = (): void => session.abandon();
    signal?.addEventListener("abort", abandon);
    const settle = (): void => signal?.removeEventListener("abort", abandon);
    if (request.format.kind === "ndjson") {
      return { kind: "stream", body: lineStream(desk.json, watcher, settle, abandon) };
    }
    return new Promise((resolve) => {
      watcher.done = () => {
        settle();
        resolve(answer());
      };
    });
  }
}

function writerOf(desk: Desk, { kind }: ReplyFormat): JsonWriter | RespWriter | BinaryWriter {
  return kind === "resp" ? desk.resp : kind === "binary" ? desk.binary : desk.json;
}

/** The lines of a request whose replies come by and by. */
function lineStream(
  writer: JsonWriter,
  watcher: RequestWatcher,
  settle: () => void,
  abandon: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(writer.takeLines());
      watcher.progressed = () => controller.enqueue(writer.takeLines());
      watcher.done = () => {
        settle();
        controller.enqueue(writer.takeLines());
        controller.close();
      };
    },
    cancel() {
      settle();
      abandon();
    },
  });
}
