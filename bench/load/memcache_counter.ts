/** Counts replies of memcached's text protocol: of get, whose end is a line, and of set. */
import { ProtocolViolation, ReplyCounter } from "./counters.ts";

const LF = 10;
const SPACE = 32;
const LINE_MAX = 2048;
const E = 69, N = 78, D = 68, S = 83, T = 84, V = 86;

export class MemcacheCounter extends ReplyCounter {
  #skip = 0;
  /** Line that is being read; what does not fit is left out. */
  readonly #line = new Uint8Array(LINE_MAX);
  #lineLength = 0;
  #values = 0;

  feed(chunk: Uint8Array): number {
    const { length } = chunk;
    let at = 0, replies = 0;
    while (at < length) {
      if (this.#skip > 0) {
        const taken = Math.min(this.#skip, length - at);
        this.#skip -= taken;
        at += taken;
        if (this.#skip > 0) break;
        if (chunk[at - 1] !== LF) throw new ProtocolViolation("memcache: a value has no end");
        continue;
      }
      const line = this.#line;
      let byte = 0, fill = this.#lineLength;
      while (at < length && byte !== LF) {
        byte = chunk[at++];
        if (fill < LINE_MAX) line[fill++] = byte;
      }
      this.#lineLength = fill;
      if (byte !== LF) break;
      this.#lineLength = 0;
      if (!this.#isLast(line, fill)) continue;
      replies++;
      this.repliesOfBatch++;
    }
    return replies;
  }

  /** Whether a reply is over with this line. */
  #isLast(line: Uint8Array, length: number): boolean {
    if (line[0] === V) {
      this.#values++;
      this.#skip = lastNumber(line, length) + 2;
      return false;
    }
    if (line[0] === E && line[1] === N && line[2] === D) {
      if (this.#values === 0) this.addNull();
      this.#values = 0;
      return true;
    }
    if (line[0] === S && line[1] === T) return true;
    const text = String.fromCharCode(...line.subarray(0, length)).trim();
    if (line[0] === D || line[0] === N || !/^(?:ERROR|CLIENT_ERROR|SERVER_ERROR)/.test(text)) {
      throw new ProtocolViolation(`memcache: unexpected line ${JSON.stringify(text)}`);
    }
    this.addError(text);
    return true;
  }
}

/** The third number of `VALUE key flags bytes`; a unique id may come behind it. */
function lastNumber(line: Uint8Array, length: number): number {
  let at = 0;
  for (let blanks = 0; blanks < 3 && at < length; at++) if (line[at] === SPACE) blanks++;
  let number = 0;
  for (; at < length && line[at] > SPACE; at++) number = number * 10 + line[at] - 48;
  return number;
}
