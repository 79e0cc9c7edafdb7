/** Speaks RESP on a connection: replies come in the order of the requests. */
import { MalformedReply } from "../protocol/malformed_reply.ts";
import { RespReplyDecoder } from "../protocol/resp/reply_decoder.ts";
import { RespRequestEncoder } from "../protocol/resp/request_encoder.ts";
import { textOf } from "../protocol/text.ts";
import { ReplyError, type ReplyValue } from "../protocol/value_writer.ts";
import { isConfirmation, isPushOfResp2, kindOf } from "./confirmations.ts";
import { KIND_ALL, KIND_ATOMIC, type Request } from "./request.ts";
import { RequestQueue } from "./request_queue.ts";
import { BATCH_BYTES, type LostRequests, type Wire, type WireOwner } from "./wire.ts";

const MULTI = ["MULTI"] as const;
const EXEC = ["EXEC"] as const;

export class RespWire implements Wire {
  readonly output: RespRequestEncoder = new RespRequestEncoder();
  /** Whether the server has only arrays to send pushes in. */
  isResp2: boolean;
  readonly #owner: WireOwner;
  readonly #decoder: RespReplyDecoder;
  readonly #inFlight = new RequestQueue();
  /** Where each request of `output` ends in it. */
  readonly #ends: number[] = [];
  readonly #pushesAsBytes: boolean;
  /** Whether anything was ever subscribed to. */
  #isSubscriber = false;

  constructor(owner: WireOwner, isResp2: boolean, pushesAsBytes: boolean) {
    this.#owner = owner;
    this.isResp2 = isResp2;
    this.#pushesAsBytes = pushesAsBytes;
    this.#decoder = new RespReplyDecoder(pushesAsBytes);
  }

  get inFlightCount(): number {
    return this.#inFlight.length;
  }

  encode(waiting: RequestQueue): void {
    const { output } = this;
    output.clear();
    this.#ends.length = 0;
    while (waiting.length > 0 && output.used < BATCH_BYTES) {
      const request = waiting.first();
      if (!request.isSettled) this.#encodeOne(request);
      waiting.shift();
    }
  }

  #encodeOne(request: Request): void {
    const { output } = this;
    const { kind } = request;
    if (kind === KIND_ALL || kind === KIND_ATOMIC) {
      if (kind === KIND_ATOMIC) output.command(MULTI);
      for (const command of request.list) output.command(command);
      if (kind === KIND_ATOMIC) output.command(EXEC);
    } else output.command(request.command);
    request.isSent = true;
    request.left = request.respReplies;
    if (request.traits !== 0 && request.confirmations > 0) {
      request.left = request.confirmations;
      this.#isSubscriber = true;
    }
    this.#ends.push(output.used);
    this.#inFlight.push(request);
  }

  receive(chunk: Uint8Array): void {
    const decoder = this.#decoder;
    const inFlight = this.#inFlight;
    decoder.add(chunk);
    for (;;) {
      // In RESP2 only the reply itself tells whether it is a push.
      const asBytes = this.isResp2 && this.#isSubscriber ||
        inFlight.length > 0 && inFlight.first().asBytes;
      const value = decoder.next(asBytes);
      if (value === undefined) return;
      if (decoder.isPush) this.#push(value as ReplyValue[]);
      else if (this.#isSubscriber) this.#replyToSubscriber(value);
      else this.#reply(value);
    }
  }

  #reply(value: ReplyValue): void {
    const inFlight = this.#inFlight;
    if (inFlight.length === 0) throw new MalformedReply("a reply that nobody asked for");
    const request = inFlight.first();
    if (!request.take(value)) return;
    inFlight.shift();
    this.#owner.answered(request);
  }

  #replyToSubscriber(value: ReplyValue): void {
    const { isResp2 } = this;
    if (isResp2 && Array.isArray(value) && isPushOfResp2(kindOf(value))) {
      return this.#push(this.#pushesAsBytes ? value : asText(value) as ReplyValue[]);
    }
    const head = this.#inFlight.length > 0 ? this.#inFlight.first() : undefined;
    // It is an error, and instead of all confirmations.
    if (head !== undefined && head.confirmations > 0 && value instanceof ReplyError) head.left = 1;
    this.#reply(isResp2 && head?.asBytes !== true ? asText(value) : value);
  }

  #push(push: ReplyValue[]): void {
    const inFlight = this.#inFlight;
    const isAwaited = inFlight.length > 0 && inFlight.first().confirmations > 0;
    if (isAwaited && isConfirmation(kindOf(push))) this.#confirm(push);
    else this.#owner.pushed(push);
  }

  #confirm(push: ReplyValue[]): void {
    const request = this.#inFlight.first();
    // Only the last one is its result.
    request.replies = undefined;
    if (!request.take(push)) return;
    this.#inFlight.shift();
    this.#owner.answered(request);
  }

  eachInFlight(call: (request: Request) => void): void {
    for (let i = 0; i < this.#inFlight.length; i++) call(this.#inFlight.at(i));
  }

  lose(writtenBytes: number): LostRequests {
    const ends = this.#ends;
    const unwritten: Request[] = [];
    const lost: LostRequests["lost"][number][] = [];
    const requests = this.#inFlight.takeAll();
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i];
      // Those that were encoded last are the last ones.
      const e = ends.length - requests.length + i;
      const start = e > 0 ? ends[e - 1] : 0;
      const isWhole = e < 0 || ends[e] <= writtenBytes;
      if (e >= 0 && start >= writtenBytes) {
        request.isSent = false;
        unwritten.push(request);
      } else lost.push({ request, mayHaveRun: isWhole || request.kind === KIND_ALL });
    }
    return { unwritten, lost };
  }
}

/** A reply in RESP2 with its bytes as text. */
function asText(value: ReplyValue): ReplyValue {
  if (value instanceof Uint8Array) return textOf(value);
  return Array.isArray(value) ? value.map(asText) : value;
}
