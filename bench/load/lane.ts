/** One connection of the generator: sends the workload's pipelines, one at a time, and counts the replies. */
import type { ReplyCounter } from "./counters.ts";
import { ProtocolViolation } from "./counters.ts";
import type { BatchEncoder } from "./encoders.ts";
import { OutBuffer } from "./out_buffer.ts";
import { BatchPlan } from "./plan.ts";
import type { LoadSocket } from "./socket.ts";
import type { Workload } from "./workload.ts";

/** What a run does with what happens. */
export interface LaneOwner {
  /** Replies came; `lane.pending` are still to come. */
  answered(lane: Lane, replies: number): void;
  failed(error: Error): void;
}

const NOBODY: LaneOwner = { answered() {}, failed() {} };

export class Lane {
  /** From 0 on. */
  readonly index: number;
  readonly counter: ReplyCounter;
  owner: LaneOwner = NOBODY;
  /** Replies that are still to come. */
  pending = 0;
  /** Moment from which the pipeline under way is timed. */
  startMs = 0;
  /** Since when nothing is under way. */
  idleSinceMs = 0;
  bytesSent = 0;
  bytesReceived = 0;
  readonly #encoder: BatchEncoder;
  readonly #plan: BatchPlan;
  readonly #out = new OutBuffer();
  #isEncoded = false;
  #socket: LoadSocket | undefined;

  constructor(index: number, pipeline: number, encoder: BatchEncoder, counter: ReplyCounter) {
    this.index = index;
    this.counter = counter;
    this.#encoder = encoder;
    this.#plan = new BatchPlan(pipeline);
  }

  attach(socket: LoadSocket): void {
    this.#socket = socket;
  }

  /** Sends the workload's next pipeline. @returns the number of commands, 0 when it is over */
  send(workload: Workload): number {
    const plan = this.#plan, out = this.#out;
    plan.clear();
    workload.fill(plan, this.index);
    if (plan.count === 0) return 0;
    if (!workload.isUniform || !this.#isEncoded) {
      out.clear();
      this.#encoder.encode(plan, out);
      this.#isEncoded = true;
    }
    out.number(plan.numbers);
    this.#encoder.stamp(out);
    this.sendBytes(out.written(), plan.count);
    return plan.count;
  }

  /** Sends commands that are bytes already. @param replies how many are to come */
  sendBytes(bytes: Uint8Array, replies: number): void {
    this.pending = replies;
    this.counter.begin();
    this.bytesSent += bytes.length;
    this.#socket?.write(bytes);
  }

  received(chunk: Uint8Array): void {
    this.bytesReceived += chunk.length;
    let replies;
    try {
      replies = this.counter.feed(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      return this.owner.failed(error);
    }
    if (replies === 0) return;
    this.pending -= replies;
    if (this.pending < 0) {
      return this.owner.failed(new ProtocolViolation("there are more replies than commands"));
    }
    this.owner.answered(this, replies);
  }

  /** Tells the workload which commands found nothing, when all of a pipeline were answered. */
  tellMisses(workload: Workload): void {
    const { nullPlaces, nullsOfBatch } = this.counter;
    if (nullsOfBatch > 0) workload.missed?.(this.#plan, nullPlaces, nullsOfBatch, this.index);
  }

  lost(error: Error): void {
    this.owner.failed(error);
  }

  close(): void {
    this.#socket?.close();
  }
}
