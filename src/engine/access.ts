/**
 * What a record's 28-bit access field means: the clock of its last access (LRU), or its frequency (LFU).
 *
 * The field is the eviction policy's to write; the keyspace calls the recorder at every access.
 */
import { ACCESS_MAX, type LocalRef, writeAccess } from "../memory/record.ts";

export interface AccessRecorder {
  /** Called once per batch. */
  tick(nowMs: number): void;
  /** A record was read or overwritten. */
  accessed(words: Int32Array, ref: LocalRef, hash: number): void;
  /** A record is new. */
  inserted(words: Int32Array, ref: LocalRef, hash: number): void;
  /**
   * A record is told how it was used elsewhere, -1 = unknown; what the policy does not keep is lost.
   * @param idleSeconds since the last access @param frequency access counter, up to 255
   */
  restored(words: Int32Array, ref: LocalRef, idleSeconds: number, frequency: number): void;
  /** Seconds since the last access. */
  idleSeconds(access: number): number;
  /** Access counter, 0 to 255; 0 where the policy keeps none. */
  frequency(access: number): number;
}

/** Sixteen ticks a second: the clock of 28 bits comes round after 194 days. */
export const CLOCK_TICK_MS = 62.5;

/** The access clock's reading at a wall-clock time. */
export function clockAt(nowMs: number): number {
  return Math.floor(nowMs / CLOCK_TICK_MS) % (ACCESS_MAX + 1);
}

/** Ticks from `then` to `now`, on a clock that comes round. */
export function ticksBetween(then: number, now: number): number {
  return (now - then) & ACCESS_MAX;
}

/** Time of the last access. */
export class AccessClock implements AccessRecorder {
  protected now = 0;

  tick(nowMs: number): void {
    this.now = clockAt(nowMs);
  }

  accessed(words: Int32Array, ref: LocalRef, _hash: number): void {
    writeAccess(words, ref, this.now);
  }

  inserted(words: Int32Array, ref: LocalRef, _hash: number): void {
    writeAccess(words, ref, this.now);
  }

  restored(words: Int32Array, ref: LocalRef, idleSeconds: number, _frequency: number): void {
    if (idleSeconds < 0) return;
    const ticks = Math.min(Math.ceil((idleSeconds * 1000) / CLOCK_TICK_MS), ACCESS_MAX);
    writeAccess(words, ref, (this.now - ticks) & ACCESS_MAX);
  }

  idleSeconds(access: number): number {
    return Math.floor((ticksBetween(access, this.now) * CLOCK_TICK_MS) / 1000);
  }

  frequency(_access: number): number {
    return 0;
  }
}
