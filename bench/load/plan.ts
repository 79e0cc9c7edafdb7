/** The commands of one pipeline, before they are bytes: shapes, keys and lengths of values. */

/** A word of a command as the tests write it. */
export type Word = string;

/** Stands for a key's number, within a word: twelve digits. */
export const NUMBER_WORD = "__rand_int__";
export const NUMBER_DIGITS = NUMBER_WORD.length;
/** Stands for a value. */
export const DATA_WORD = "__data__";

/** A command with places for numbers and values. */
export interface CommandShape {
  readonly words: readonly Word[];
}

/** How many numbers a command takes. */
export function countNumbers(shape: CommandShape): number {
  return shape.words.reduce((sum, word) => sum + word.split(NUMBER_WORD).length - 1, 0);
}

export class BatchPlan {
  /** Commands that it can hold. */
  readonly capacity: number;
  /** Number of commands. */
  count = 0;
  /** By command: which of the shapes it has. */
  readonly shapes: Int32Array;
  /** By command: length of its values. */
  readonly valueBytes: Int32Array;
  /** Numbers of all commands, one behind the other. */
  numbers: Float64Array = new Float64Array(64);
  numberCount = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.shapes = new Int32Array(capacity);
    this.valueBytes = new Int32Array(capacity);
  }

  clear(): void {
    this.count = 0;
    this.numberCount = 0;
  }

  add(shape: number, valueBytes: number): void {
    this.shapes[this.count] = shape;
    this.valueBytes[this.count++] = valueBytes;
  }

  addNumber(number: number): void {
    if (this.numberCount === this.numbers.length) {
      const larger = new Float64Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.numberCount++] = number;
  }
}

const DIGITS_PER_GROUP = 4;
// A literal: with a power in its place, Bun takes 60 times as long for each number.
const GROUP = 10_000;
const TWO_GROUPS = GROUP * GROUP;
const ZERO = 48;

/** Four digits of every number below 10,000, as they stand in memory. */
const DIGIT_GROUPS = new Int32Array(GROUP);
for (let number = 0; number < GROUP; number++) {
  for (let i = DIGITS_PER_GROUP - 1, rest = number; i >= 0; i--, rest = Math.floor(rest / 10)) {
    DIGIT_GROUPS[number] |= (ZERO + rest % 10) << (8 * i);
  }
}

/** Writes a number's twelve digits. @param number below 10¹² */
export function writeNumber(view: DataView, at: number, number: number): void {
  let rest = number, high = 0;
  if (number >= TWO_GROUPS) {
    high = Math.floor(number / TWO_GROUPS) | 0;
    rest = number - high * TWO_GROUPS;
  }
  const low = rest | 0;
  const middle = (low / GROUP) | 0;
  view.setInt32(at, DIGIT_GROUPS[high], true);
  view.setInt32(at + DIGITS_PER_GROUP, DIGIT_GROUPS[middle], true);
  view.setInt32(at + 2 * DIGITS_PER_GROUP, DIGIT_GROUPS[low - middle * GROUP], true);
}
