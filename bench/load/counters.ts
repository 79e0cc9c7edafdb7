/** What counts the replies of a connection without building values. */

/** A server that does not keep to the protocol, or answers what can't be gone on with. */
export class ProtocolViolation extends Error {
  override name = "ProtocolViolation";
}

/** Bytes of an error's text that are kept. */
export const ERROR_TEXT_MAX = 200;

const decoder = new TextDecoder("latin1");

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes.subarray(0, ERROR_TEXT_MAX));
}

export abstract class ReplyCounter {
  errors = 0;
  firstError = "";
  nulls = 0;
  /** Places of the nulls since the pipeline was begun. */
  readonly nullPlaces: Int32Array;
  /** Nulls since the pipeline was begun. */
  nullsOfBatch = 0;
  /** Replies since the pipeline was begun. */
  protected repliesOfBatch = 0;

  /** @param nullPlaces with room for the replies of a pipeline */
  constructor(nullPlaces: Int32Array) {
    this.nullPlaces = nullPlaces;
  }

  /** A pipeline is sent: its replies are counted from 0 on. */
  begin(): void {
    this.nullsOfBatch = 0;
    this.repliesOfBatch = 0;
  }

  /**
   * Takes what came.
   * @returns replies that came to their end with it
   * @throws ProtocolViolation
   */
  abstract feed(chunk: Uint8Array): number;

  protected addNull(): void {
    this.nullPlaces[this.nullsOfBatch++] = this.repliesOfBatch;
    this.nulls++;
  }

  protected addError(text: string): void {
    if (this.errors++ === 0) this.firstError = text;
  }
}
