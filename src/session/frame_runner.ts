/**
 * Runs what came as frames of the binary batch protocol, and puts its results into frames.
 *
 *   request 7: GET GET BLPOP GET      replies 7 (2 results, more)   …   replies 7 (1, more)   replies 7 (1)
 *              └──┬──┘ │     └──────────────────────────────────────────────────────────────────┘
 *                 └────┼── before the wait ─┘                          └─ served, by `sendAside`
 *                      └ waits
 *
 * The frame of replies is open while the commands of a request run, and its header is written when it ends.
 * It ends early where a command waits, where messages have to go in between, and where it is sent because
 * much was written. Of a request that is held in its middle, the commands that have run are cut out, so
 * that what is kept is a smaller request with the same id.
 */
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { OutputBuffer } from "../protocol/resp/output_buffer.ts";
import type { BinaryDecoder } from "../protocol/binary/decoder.ts";
import {
  FLAG_ATOMIC,
  FLAG_MORE,
  KIND_HELLO,
  KIND_REFUSED,
  KIND_REPLIES,
  KIND_WELCOME,
  PROTOCOL_VERSION,
} from "../protocol/binary/frame.ts";
import { restOfInput } from "../protocol/binary/request_frames.ts";
import { BinaryWriter } from "../protocol/binary/writer.ts";
import type { AtomicFrames } from "./atomic_frames.ts";
import type { Run } from "./run.ts";
import type { Session } from "./session.ts";

/** The executor, as far as frames need it. */
export interface FrameHost {
  readonly atomicFrames: AtomicFrames;
  /** @returns the command that was not run since the session is held, or `to` */
  runCommands(run: Run, from: number, to: number): number;
  /** Queues command `c` of the batch. */
  queue(session: Session, c: number, reply: ReplyWriter): void;
  /** Whether CLIENT PAUSE holds the session back, if `c` is its next command. */
  holdsBack(session: Session, c: number): boolean;
  /** What has to be looked after behind command `next - 1`. */
  settle(run: Run, next: number): void;
  /** Answers HELLO without arguments. */
  greet(session: Session, reply: ReplyWriter): void;
  /** A mistake of ours: the session is closed, and told by an error at `position`. */
  failed(session: Session, error: unknown, position: number, writer: ReplyWriter): void;
}

/** Commands of one session that are run at a time: each may have come as one byte. */
const MAX_RUN_COMMANDS = 64 * 1024;
const NONE = -1;

export class FrameRunner {
  readonly writer: BinaryWriter;
  readonly #output: OutputBuffer;
  readonly #host: FrameHost;
  // The request that is being answered: its id, what its replies are, and its end.
  #id = 0;
  #kind = KIND_REPLIES;
  #endCommand = 0;
  /** Where the header of the open frame is, and the first command answered in it. */
  #openAt = NONE;
  #openFrom = 0;

  constructor(output: OutputBuffer, host: FrameHost) {
    this.writer = new BinaryWriter(output);
    this.#output = output;
    this.#host = host;
  }

  /** Runs the frames of a run. @returns what of the input has not run, undefined if all has */
  run(run: Run, batch: CommandBatch): Uint8Array | undefined {
    const { session } = run;
    const frames = run.frames!;
    for (let f = run.firstFrame; f < run.endFrame; f++) {
      const first = frames.firstCommands[f], end = frames.endCommands[f];
      let next = first;
      if (session.isHeld) return restOfInput(batch, frames.starts[f], first, first, run.end);
      this.#id = frames.ids[f];
      this.#kind = frames.kinds[f] === KIND_HELLO ? KIND_WELCOME : KIND_REPLIES;
      this.#endCommand = end;
      if (first === end) this.#answerNone(session);
      else if (frames.flags[f] === FLAG_ATOMIC) next = this.#runAtomic(run, batch, first, end);
      else {
        this.#open(first);
        next = this.#host.runCommands(run, first, end);
        this.close(next);
      }
      if (next < end) return restOfInput(batch, frames.starts[f], first, next, run.end);
    }
    return undefined;
  }

  #open(from: number): void {
    this.#openAt = this.writer.beginFrame();
    this.#openFrom = from;
  }

  /** Ends the open frame, if there is one. @param next first command that is not answered in it */
  close(next: number): void {
    const at = this.#openAt;
    if (at === NONE) return;
    this.#openAt = NONE;
    const count = next - this.#openFrom;
    if (count <= 0) this.#output.length = at;
    else this.#end(at, next < this.#endCommand ? FLAG_MORE : 0, count);
  }

  #end(at: number, flags: number, count: number): void {
    const isWelcome = this.#kind === KIND_WELCOME;
    this.writer.endFrame(at, this.#kind, flags, this.#id, isWelcome ? PROTOCOL_VERSION : count);
  }

  /** Something else has to be written, or the output so far is sent. @returns whether a frame was open */
  interrupt(next: number): boolean {
    if (this.#openAt === NONE) return false;
    this.close(next);
    return true;
  }

  /** Goes on behind `interrupt`. */
  resume(next: number): void {
    this.#open(next);
  }

  /** Command `c` has run and written nothing: it waits, or has nothing to say. */
  unanswered(session: Session, c: number): void {
    if (!session.isParked) return this.writer.ok();
    const state = session.binary!;
    state.id = this.#id;
    state.kind = this.#kind;
    state.hasMore = c + 1 < this.#endCommand;
    this.close(c);
    this.#open(c + 1);
  }

  /** A frame without commands. */
  #answerNone(session: Session): void {
    const at = this.writer.beginFrame();
    if (this.#kind === KIND_WELCOME) this.#host.greet(session, this.writer);
    this.#end(at, 0, 0);
  }

  /** @returns `first` if the session is held before it, else `end` */
  #runAtomic(run: Run, batch: CommandBatch, first: number, end: number): number {
    const host = this.#host;
    const { session } = run;
    for (let c = first; c < end; c++) if (host.holdsBack(session, c)) return first;
    this.#open(first);
    const { position } = this.writer;
    let refusal = "";
    try {
      const queue = (c: number, reply: ReplyWriter): void => host.queue(session, c, reply);
      refusal = host.atomicFrames.run(session, batch, first, end, queue, this.writer);
    } catch (error) {
      host.failed(session, error, position, this.writer);
      refusal = this.writer.lastError;
    }
    if (refusal !== "") {
      this.#output.length = this.#openAt;
      this.#openAt = NONE;
      if (refusal === "changed") this.#end(this.writer.beginFrame(), 0, 0);
      else if (refusal !== "held") this.refuse(this.#id, refusal);
    }
    host.settle(run, end);
    this.close(end);
    return end;
  }

  /** Tells that nothing of a frame was run. @param message with its code */
  refuse(id: number, message: string): void {
    const { writer } = this;
    const at = writer.beginFrame();
    writer.error(message);
    writer.endFrame(at, KIND_REFUSED, 0, id, 1);
  }
}

/** Writes the reply of a command that waited, outside of any batch. */
export class AsideFrame {
  readonly writer = new BinaryWriter();
  #at = 0;

  begin(): BinaryWriter {
    this.writer.output.reset();
    this.#at = this.writer.beginFrame();
    return this.writer;
  }

  /** @param session whose command it was */
  end({ binary }: Session): void {
    const { id, kind, hasMore } = binary!;
    const count = kind === KIND_WELCOME ? PROTOCOL_VERSION : 1;
    this.writer.endFrame(this.#at, kind, hasMore ? FLAG_MORE : 0, id, count);
  }
}

/** Decodes the whole frames of a run's input. */
export function decodeFrames(
  run: Run,
  batch: CommandBatch,
  decoder: BinaryDecoder,
  isSignedIn: boolean,
): void {
  const { frames } = decoder;
  run.frames = frames;
  run.firstFrame = frames.count;
  let at = run.start;
  while (at < run.end) {
    const consumed = decoder.decode(batch, at, run.end, isSignedIn);
    if (consumed < 0) {
      // Before it signed in only little may be sent; what was decoded so far may sign in.
      run.hasMore = !isSignedIn && frames.count > run.firstFrame;
      if (!run.hasMore) {
        run.protocolError = decoder.error;
        run.failedId = decoder.failedId;
      }
    }
    if (consumed <= 0) break;
    at += consumed;
    // Commands may take less room than what is made of them.
    if (at < run.end && batch.commandCount - run.firstCommand >= MAX_RUN_COMMANDS) {
      run.hasMore = true;
      break;
    }
  }
  run.endFrame = frames.count;
  run.decodedEnd = at;
  run.endCommand = batch.commandCount;
}
