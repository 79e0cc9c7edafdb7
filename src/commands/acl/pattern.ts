/** A glob pattern of keys or channels, and whether bytes match it. */
import { globMatch, globPrefixLength } from "../../bytes/glob.ts";
import { toBytes } from "./text.ts";

const STAR = 42;

/** What a key may be used for. */
export const MAY_READ = 1 << 0;
export const MAY_WRITE = 1 << 1;
export const MAY_ALL: number = MAY_READ | MAY_WRITE;

export class AccessPattern {
  readonly text: string;
  readonly #bytes: Uint8Array;
  /** How many bytes at its start stand for themselves. */
  readonly #prefixLength: number;
  /** Whether behind them there is nothing but one star. */
  readonly #isPrefix: boolean;

  constructor(text: string) {
    this.text = text;
    this.#bytes = toBytes(text);
    this.#prefixLength = globPrefixLength(this.#bytes);
    this.#isPrefix = this.#prefixLength === this.#bytes.length - 1 &&
      this.#bytes[this.#prefixLength] === STAR;
  }

  /** Whether `length` bytes from `offset` match. */
  matches(bytes: Uint8Array, offset: number, length: number): boolean {
    const pattern = this.#bytes;
    const prefixLength = this.#prefixLength;
    if (length < prefixLength) return false;
    for (let i = 0; i < prefixLength; i++) {
      if (bytes[offset + i] !== pattern[i]) return false;
    }
    if (this.#isPrefix) return length > 0;
    return globMatch(pattern, bytes, offset, length);
  }
}

/** Whether every key that begins with these bytes matches, but the empty one. */
export function coversPrefix(
  { text }: AccessPattern,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const pattern = toBytes(text);
  const own = globPrefixLength(pattern);
  if (own !== pattern.length - 1 || pattern[own] !== STAR || length < own) return false;
  return pattern.subarray(0, own).every((byte, i) => byte === bytes[offset + i]);
}

export class KeyPattern extends AccessPattern {
  /** MAY_… bits. */
  permissions: number;

  constructor(text: string, permissions: number) {
    super(text);
    this.permissions = permissions;
  }

  /** As a rule says it. */
  get rule(): string {
    if (this.permissions === MAY_ALL) return `~${this.text}`;
    return `${this.permissions === MAY_READ ? "%R" : "%W"}~${this.text}`;
  }
}
