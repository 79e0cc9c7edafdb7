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
  /** Its place among the others, -1 = it is over. */
  at: number;
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
  readonly #readings: Reading[] = [];
  #isSweeping = false;

  constructor(limits: BodyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws BodyError with the status to be answered */
  read(c: Context): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      void this.readThen<void>(c.req.raw, resolve, reject);
    });
  }

  /**
   * Reads a body and makes something of it.
   * @param use not called when the body is not taken
   * @param failed makes what there is to be instead: of a BodyError, or of what `use` throws
   */
  readThen<T>(
    request: Request,
    use: (body: Uint8Array) => T | Promise<T>,
    failed: (error: unknown) => T,
  ): Promise<T> {
    // Both runtimes refuse requests that have a transfer-encoding beside it.
    const length = request.headers.get("content-length");
    if (length !== null) {
      if (Number(length) > this.#limits.maxBytes) return Promise.resolve(failed(this.#tooLarge()));
      // Whoever asks for `body` first gets a stream, which takes several times as long.
      return this.#inTime(request.arrayBuffer(), use, failed);
    }
    const { body } = request;
    const read = body === null ? Promise.resolve(NOTHING.buffer) : this.#readPieces(body);
    return this.#inTime(read, use, failed);
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

  /** One promise for all of it: each more that stands between takes its share of a short request. */
  #inTime<T>(
    read: Promise<ArrayBuffer>,
    use: (body: Uint8Array) => T | Promise<T>,
    failed: (error: unknown) => T,
  ): Promise<T> {
    return new Promise((resolve) => {
      const fail = (error: unknown): void => resolve(failed(error));
      const untilMs = this.#clock.nowMs() + this.#limits.timeoutMs;
      const reading = { untilMs, at: this.#readings.length, fail };
      this.#readings.push(reading);
      if (!this.#isSweeping) this.#sweepLater();
      read.then(
        (buffer) => {
          if (reading.at < 0) return;
          this.#over(reading);
          if (buffer.byteLength > this.#limits.maxBytes) return fail(this.#tooLarge());
          try {
            const made = use(new Uint8Array(buffer));
            resolve(made instanceof Promise ? made.catch(failed) : made);
          } catch (error) {
            fail(error);
          }
        },
        (error) => {
          if (reading.at < 0) return;
          this.#over(reading);
          // The peer is gone, or broke off.
          fail(error instanceof BodyError ? error : new BodyError(400, "the body is not whole"));
        },
      );
    });
  }

  #over(reading: Reading): void {
    const last = this.#readings.pop()!;
    if (last !== reading) {
      last.at = reading.at;
      this.#readings[reading.at] = last;
    }
    reading.at = -1;
  }

  #sweepLater(): void {
    this.#isSweeping = true;
    this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  #sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const reading of [...this.#readings]) {
      if (nowMs < reading.untilMs) continue;
      this.#over(reading);
      reading.fail(new BodyError(408, "the body took too long"));
    }
    this.#isSweeping = false;
    if (this.#readings.length > 0) this.#sweepLater();
  }
}
