/** Bytes of a pipeline, and where in them the numbers stand. */
import { NUMBER_DIGITS, writeNumber } from "./plan.ts";

const FIRST_BYTES = 4096;
const FIRST_SLOTS = 64;
/** Up to here a loop is faster than a call. */
const LOOP_BYTES = 16;

export class OutBuffer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer);
  length = 0;
  /** Offsets of the numbers, in order. */
  slots: Int32Array = new Int32Array(FIRST_SLOTS);
  slotCount = 0;

  clear(): void {
    this.length = 0;
    this.slotCount = 0;
  }

  /** Makes room for further bytes. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  put(source: Uint8Array): void {
    const { length } = source;
    this.reserve(length);
    if (length <= LOOP_BYTES) {
      for (let i = 0; i < length; i++) this.bytes[this.length + i] = source[i];
    } else this.bytes.set(source, this.length);
    this.length += length;
  }

  putByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  /** Puts text of a command, and notes where its numbers stand. @param slots offsets within the text */
  putText(source: Uint8Array, slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) this.#addSlot(this.length + slots[i]);
    this.put(source);
  }

  #addSlot(at: number): void {
    if (this.slotCount === this.slots.length) {
      const larger = new Int32Array(this.slots.length * 2);
      larger.set(this.slots);
      this.slots = larger;
    }
    this.slots[this.slotCount++] = at;
  }

  /** Puts the first bytes of the values that are sent. */
  putValue(length: number): void {
    this.reserve(length);
    if (length > 0) this.bytes.set(valueOf(length), this.length);
    this.length += length;
  }

  /** Writes over the numbers. */
  number(numbers: Float64Array): void {
    const { view, slots, slotCount } = this;
    for (let i = 0; i < slotCount; i++) writeNumber(view, slots[i], numbers[i]);
  }

  written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}

// Numbers overwrite whole places.
if (NUMBER_DIGITS !== 12) throw new Error("a number has twelve digits");

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const MULTIPLIER = 1103515245, INCREMENT = 12345;
let values = new Uint8Array(0);
const valuesByLength = new Map<number, Uint8Array>();

/** Letters and digits without a pattern, always the same. */
function valueOf(length: number): Uint8Array {
  const known = valuesByLength.get(length);
  if (known !== undefined) return known;
  if (values.length < length) {
    const larger = new Uint8Array(Math.max(length, 65536));
    let state = 1234;
    for (let i = 0; i < larger.length; i++) {
      state = (Math.imul(state, MULTIPLIER) + INCREMENT) & 0x7fffffff;
      larger[i] = LETTERS.charCodeAt((state >>> 16) % LETTERS.length);
    }
    values = larger;
  }
  const value = values.subarray(0, length);
  valuesByLength.set(length, value);
  return value;
}
