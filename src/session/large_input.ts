/**
 * Input of a session with a frame too large for the shared staging buffer.
 *
 * It is collected in a buffer of its own, which doubles as bytes really arrive (a length that was only
 * declared reserves nothing), and the unfinished frame is read on from where its last chunk ended.
 */
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import { GrowableBatch } from "../protocol/resp/batch.ts";
import { BinaryDecoder } from "../protocol/binary/decoder.ts";
import { type DecoderLimits, RespDecoder } from "../protocol/resp/decoder.ts";

const INITIAL_BYTES = 1024 * 1024;

export class LargeInput {
  readonly batch = new GrowableBatch();
  readonly decoder: RespDecoder;
  readonly #limits: DecoderLimits;
  #binaryDecoder: BinaryDecoder | undefined;
  length = 0;
  #region: Region;

  /** @param region memory to begin with, whatever it holds; new memory if none is given */
  constructor(limits: DecoderLimits, region: Region = makeRegion(INITIAL_BYTES)) {
    this.#limits = limits;
    this.decoder = new RespDecoder(limits);
    this.#region = region;
  }

  /** What reads the input of a session that speaks the binary protocol. */
  get binaryDecoder(): BinaryDecoder {
    return this.#binaryDecoder ??= new BinaryDecoder(this.#limits);
  }

  get region(): Region {
    return this.#region;
  }

  get capacity(): number {
    return this.#region.bytes.length;
  }

  append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.#region.bytes.length - 8) {
      const larger = makeRegion(Math.max(needed, this.capacity * 2));
      larger.bytes.set(this.#region.bytes.subarray(0, this.length));
      this.#region = larger;
    }
    this.#region.bytes.set(bytes, this.length);
    this.length = needed;
    this.batch.input = this.#region;
  }

  /** Reads the next command from `start` on. @returns as RespDecoder.decode does */
  decode(start: number, authenticated: boolean): number {
    const decoder = this.decoder;
    if (!decoder.isUnfinished) {
      return decoder.decode(this.batch, start, this.length, authenticated);
    }
    if (this.length < start + decoder.neededBytes) return 0;
    return decoder.resume(this.batch, this.length, authenticated);
  }
}
