/** Reads the bodies of requests: none larger than the limit, none slower than the time for it. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Clock } from "../../ports/clock.ts";

/** How often it is looked whether a body takes too long. */
const SWEEP_MS = 1000;

const NOTHING = new Uint8Array(0);

/** A body that is not taken. */
export class BodyError extends Error {
  readonly status: ContentfulStatusCode;

  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

/** A body that is being read. */
interface Reading {
  readonly untilMs: number;
  readonly fail: (error: BodyError) => void;
}

export interface BodyLimits {
  /** Bytes of a body that are taken. */
  readonly maxBytes: number;
  /** Time that a body may take. */
  readonly timeoutMs: number;
}

export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #clock: Clock;
  readonly #readings = new Set<Reading>();
  #isSweeping = false;

  constructor(limits: BodyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws BodyError with the status to be answered */
  read(c: Context): Promise<Uint8Array> {
    const request = c.req.raw;
    // Both runtimes refuse requests that have a transfer-encoding beside it.
    const length = request.headers.get("content-length");
    if (length !== null) {
      if (Number(length) > this.#limits.maxBytes) return Promise.reject(this.#tooLarge());
      // Whoever asks for `body` first gets a stream, which takes several times as long.
      return this.#inTime(request.arrayBuffer());
    }
    if (request.body === null) return Promise.resolve(NOTHING);
    return this.#inTime(this.#readPieces(request.body));
  }

  #tooLarge(): BodyError {
    return new BodyError(413, `the body is larger than ${this.#limits.maxBytes} bytes`);
  }

  /** Reads a body that does not say how long it is. */
  async #readPieces(body: ReadableStream<Uint8Array>): Promise<ArrayBuffer> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    const reader = body.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > this.#limits.maxBytes) {
        void reader.cancel().catch(() => {});
        throw this.#tooLarge();
      }
      pieces.push(value);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole.buffer;
  }

  #inTime(read: Promise<ArrayBuffer>): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const reading = { untilMs: this.#clock.nowMs() + this.#limits.timeoutMs, fail: reject };
      this.#readings.add(reading);
      if (!this.#isSweeping) this.#sweepLater();
      read.then(
        (buffer) => {
          this.#readings.delete(reading);
          if (buffer.byteLength > this.#limits.maxBytes) reject(this.#tooLarge());
          else resolve(new Uint8Array(buffer));
        },
        (error) => {
          this.#readings.delete(reading);
          // The peer is gone, or broke off.
          reject(error instanceof BodyError ? error : new BodyError(400, "the body is not whole"));
        },
      );
    });
  }

  #sweepLater(): void {
    this.#isSweeping = true;
    this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  #sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const reading of this.#readings) {
      if (nowMs < reading.untilMs) continue;
      this.#readings.delete(reading);
      reading.fail(new BodyError(408, "the body took too long"));
    }
    this.#isSweeping = false;
    if (this.#readings.size > 0) this.#sweepLater();
  }
}
