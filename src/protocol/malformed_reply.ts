/** What a decoder throws about bytes that are no replies; the connection is of no use any more. */
export class MalformedReply extends Error {
  /** Makes an error. @param message what came, and what is allowed */
  constructor(message: string) {
    super(message);
    this.name = "MalformedReply";
  }
}

/** Limits of what is accepted from a server. */
export interface ReplyLimits {
  /** Longest string, in bytes. */
  readonly maxBulkBytes: number;
  /** Aggregates within aggregates. */
  readonly maxDepth: number;
}

/** As a server that is not told otherwise. */
export const REPLY_LIMITS: ReplyLimits = { maxBulkBytes: 512 * 1024 * 1024, maxDepth: 128 };
