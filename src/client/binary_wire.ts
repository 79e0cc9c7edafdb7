/** Speaks the binary batch protocol on a connection: replies go by the ids of their frames. */
import { KIND_PUSH, KIND_REFUSED, KIND_REPLIES, KIND_WELCOME } from "../protocol/binary/frame.ts";
import { BinaryReplyDecoder } from "../protocol/binary/reply_decoder.ts";
import { BinaryRequestEncoder } from "../protocol/binary/request_encoder.ts";
import { MalformedReply } from "../protocol/malformed_reply.ts";
import { ReplyError, type ReplyValue } from "../protocol/value_writer.ts";
import { isConfirmation, kindOf } from "./confirmations.ts";
import { KIND_ALL, KIND_ATOMIC, KIND_HELLO, type Request } from "./request.ts";
import type { RequestQueue } from "./request_queue.ts";
import type { CommandWords } from "./sender.ts";
import { BATCH_BYTES, type LostRequests, type Wire, type WireOwner } from "./wire.ts";

/** Most commands in a frame, unless one request has more. */
const FRAME_COMMANDS = 4096;
/** Ids begin anew behind it. */
const LAST_ID = 0xffffffff;

/** A frame whose replies are not all there. */
interface Frame {
  readonly id: number;
  readonly requests: readonly Request[];
  /** Index of the request that waits for the next reply. */
  next: number;
}

export class BinaryWire implements Wire {
  readonly output: BinaryRequestEncoder = new BinaryRequestEncoder();
  inFlightCount = 0;
  readonly #owner: WireOwner;
  readonly #decoder = new BinaryReplyDecoder();
  readonly #pushesAsBytes: boolean;
  readonly #frames = new Map<number, Frame>();
  #nextId = 1;
  /** The frames of `output`, and where each of them ends in it. */
  readonly #batch: Frame[] = [];
  readonly #ends: number[] = [];
  /** Commands of the frame that is being gathered. */
  readonly #commands: CommandWords[] = [];
  #requests: Request[] = [];

  constructor(owner: WireOwner, pushesAsBytes: boolean) {
    this.#owner = owner;
    this.#pushesAsBytes = pushesAsBytes;
  }

  encode(waiting: RequestQueue): void {
    const { output } = this;
    output.clear();
    this.#batch.length = 0;
    this.#ends.length = 0;
    let gatheredBytes = 0;
    while (waiting.length > 0 && output.used + gatheredBytes < BATCH_BYTES) {
      const request = waiting.shift();
      if (request.isSettled) continue;
      request.isSent = true;
      request.left = request.commandCount;
      const isAlone = request.kind === KIND_ATOMIC || request.kind === KIND_HELLO;
      if (isAlone || this.#commands.length >= FRAME_COMMANDS) {
        this.#endFrame();
        gatheredBytes = 0;
      }
      this.#gather(request);
      gatheredBytes += request.sizeBytes;
      if (isAlone) {
        this.#endFrame();
        gatheredBytes = 0;
      }
    }
    this.#endFrame();
  }

  #gather(request: Request): void {
    const commands = this.#commands;
    this.#requests.push(request);
    if (request.kind !== KIND_ALL && request.kind !== KIND_ATOMIC) commands.push(request.command);
    else for (const command of request.list) commands.push(command);
  }

  #endFrame(): void {
    const requests = this.#requests;
    if (requests.length === 0) return;
    const id = this.#nextId;
    this.#nextId = id === LAST_ID ? 1 : id + 1;
    const [{ kind, command }] = requests;
    if (kind === KIND_HELLO) this.output.hello(id, command);
    else this.output.request(id, this.#commands, kind === KIND_ATOMIC);
    const frame: Frame = { id, requests, next: 0 };
    this.#frames.set(id, frame);
    this.inFlightCount += requests.length;
    this.#batch.push(frame);
    this.#ends.push(this.output.used);
    this.#requests = [];
    this.#commands.length = 0;
  }

  receive(chunk: Uint8Array): void {
    const decoder = this.#decoder;
    decoder.add(chunk);
    while (decoder.begin()) {
      if (decoder.kind === KIND_REPLIES) this.#replies();
      else if (decoder.kind === KIND_PUSH) this.#push();
      else if (decoder.kind === KIND_WELCOME) this.#welcome();
      else if (decoder.kind === KIND_REFUSED) this.#refused();
      decoder.finish();
    }
  }

  #frame(): Frame {
    const { id } = this.#decoder;
    const frame = this.#frames.get(id);
    if (frame === undefined) {
      throw new MalformedReply(`a reply to frame ${id}, which waits for none`);
    }
    return frame;
  }

  #replies(): void {
    const decoder = this.#decoder;
    const frame = this.#frame();
    const { requests } = frame;
    for (let left = decoder.count; left > 0; left--) {
      if (frame.next === requests.length) throw new MalformedReply("more replies than commands");
      const request = requests[frame.next];
      const reply = decoder.result(request.asBytes);
      if (!this.#take(request, reply)) continue;
      frame.next++;
      this.inFlightCount--;
      this.#owner.answered(request);
    }
    if (decoder.hasMore) return;
    if (decoder.count === 0 && requests[0].kind === KIND_ATOMIC) return this.#finish(frame, null);
    if (frame.next < requests.length) throw new MalformedReply("fewer replies than commands");
    this.#frames.delete(frame.id);
  }

  /** @returns whether it was the request's last reply */
  #take(request: Request, reply: ReplyValue): boolean {
    if (request.kind !== KIND_ATOMIC) return request.take(reply);
    const replies = request.replies ??= [];
    replies.push(reply);
    if (--request.left > 0) return false;
    if (!request.isSettled) request.resolve(replies);
    return true;
  }

  #push(): void {
    const push = this.#decoder.result(this.#pushesAsBytes);
    if (!Array.isArray(push)) throw new MalformedReply("a push that is no list");
    // A command that subscribes has a result of its own.
    if (!isConfirmation(kindOf(push))) this.#owner.pushed(push);
  }

  #welcome(): void {
    const frame = this.#frame();
    const [request] = frame.requests;
    if (request.kind !== KIND_HELLO) throw new MalformedReply("a welcome that nobody asked for");
    this.#finish(frame, this.#decoder.result(request.asBytes));
  }

  /** Nothing of the frame was run. */
  #refused(): void {
    const { id } = this.#decoder;
    const reply = this.#decoder.result(false);
    if (!(reply instanceof ReplyError)) throw new MalformedReply("a refusal that is no error");
    if (id === 0) throw new MalformedReply(`a complaint: ${reply.message}`);
    this.#finish(this.#frame(), reply);
  }

  /** Gives every request of a frame the same answer. */
  #finish(frame: Frame, reply: ReplyValue): void {
    this.#frames.delete(frame.id);
    for (; frame.next < frame.requests.length; frame.next++) {
      const request = frame.requests[frame.next];
      if (!request.isSettled) answerAll(request, reply);
      this.inFlightCount--;
      this.#owner.answered(request);
    }
  }

  eachInFlight(call: (request: Request) => void): void {
    for (const { requests, next } of this.#frames.values()) {
      for (let i = next; i < requests.length; i++) call(requests[i]);
    }
  }

  lose(writtenBytes: number): LostRequests {
    const unwritten: Request[] = [];
    const lost: LostRequests["lost"][number][] = [];
    for (const frame of this.#frames.values()) {
      const b = this.#batch.indexOf(frame);
      const start = b > 0 ? this.#ends[b - 1] : 0;
      const mayHaveRun = b < 0 || this.#ends[b] <= writtenBytes;
      for (const request of frame.requests.slice(frame.next)) {
        if (b >= 0 && start >= writtenBytes) {
          request.isSent = false;
          unwritten.push(request);
        } else lost.push({ request, mayHaveRun });
      }
    }
    this.#frames.clear();
    this.inFlightCount = 0;
    return { unwritten, lost };
  }
}

function answerAll(request: Request, reply: ReplyValue): void {
  if (request.kind === KIND_ALL) request.resolve(request.list.map(() => reply));
  else if (request.kind === KIND_ATOMIC && reply instanceof ReplyError) request.refuse(reply);
  else request.resolve(reply);
}
