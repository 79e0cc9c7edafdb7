/** Contract of what speaks a protocol on one connection: requests into bytes, and bytes into their replies. */
import type { RequestBytes } from "../protocol/request_bytes.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { Request } from "./request.ts";
import type { RequestQueue } from "./request_queue.ts";

/** Once so many bytes are encoded, they are written before there are more. */
export const BATCH_BYTES = 256 * 1024;

/** Who hears of what came. */
export interface WireOwner {
  /** A request has all its replies. */
  answered(request: Request): void;
  /** Something came that answers nothing. */
  pushed(push: ReplyValue[]): void;
}

/** What becomes of the requests of a connection that is lost. */
export interface LostRequests {
  /** Not a byte of them was written. */
  readonly unwritten: readonly Request[];
  readonly lost: readonly { readonly request: Request; readonly mayHaveRun: boolean }[];
}

export interface Wire {
  /** What was encoded last. */
  readonly output: RequestBytes;
  /** Requests that wait for replies, those that were given up included. */
  readonly inFlightCount: number;
  /**
   * Takes requests and encodes them into `output`, from its beginning. What was encoded before must have
   * been written.
   */
  encode(waiting: RequestQueue): void;
  /** Takes what the server sent. @throws MalformedReply */
  receive(chunk: Uint8Array): void;
  /** Calls for each request that waits for replies. */
  eachInFlight(call: (request: Request) => void): void;
  /** The connection is gone. @param writtenBytes of `output` */
  lose(writtenBytes: number): LostRequests;
}
