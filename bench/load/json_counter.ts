/**
 * Counts the replies of JSON batches: the elements of arrays that come one behind the other.
 *
 * An element is `{"result":…}` or `{"error":"…"}`; nothing but brackets, strings and commas is looked at.
 */
import { ERROR_TEXT_MAX, ProtocolViolation, ReplyCounter } from "./counters.ts";

const QUOTE = 34, COMMA = 44, BACKSLASH = 92, COLON = 58;
const OPEN_ARRAY = 91, CLOSE_ARRAY = 93, OPEN_OBJECT = 123, CLOSE_OBJECT = 125;
const LETTER_E = 101, LETTER_N = 110;
const BLANK_MAX = 32;

export class JsonCounter extends ReplyCounter {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** What comes next on the level of an element. */
  #expects: "nothing" | "name" | "value" = "nothing";
  /** What the string is that is being read. */
  #string: "name" | "error" | "other" = "other";
  #isError = false;
  #errorText = "";

  feed(chunk: Uint8Array): number {
    const { length } = chunk;
    let replies = 0;
    for (let at = 0; at < length; at++) {
      const byte = chunk[at];
      if (this.#isInString) {
        at = this.#passString(chunk, at);
        continue;
      }
      switch (byte) {
        case QUOTE:
          this.#isInString = true;
          if (this.#expects === "name") this.#string = "name";
          else this.#string = this.#isError && this.#depth === 2 ? "error" : "other";
          this.#expects = "nothing";
          break;
        case OPEN_ARRAY:
          this.#depth++;
          this.#expects = "nothing";
          break;
        case OPEN_OBJECT:
          this.#expects = ++this.#depth === 2 ? "name" : "nothing";
          if (this.#depth === 1) throw new ProtocolViolation("HTTP: the answer is no array");
          break;
        case CLOSE_ARRAY:
          this.#depth--;
          break;
        case CLOSE_OBJECT:
          if (--this.#depth !== 1) break;
          replies++;
          this.#elementEnded();
          break;
        case COLON:
          if (this.#depth === 2) this.#expects = "value";
          break;
        case COMMA:
          break;
        default:
          if (this.#expects !== "value" || byte <= BLANK_MAX) break;
          this.#expects = "nothing";
          if (byte === LETTER_N) this.addNull();
      }
    }
    return replies;
  }

  #elementEnded(): void {
    if (this.#isError) this.addError(this.#errorText);
    this.#isError = false;
    this.#errorText = "";
    this.repliesOfBatch++;
  }

  /** @returns place of the last byte that was looked at */
  #passString(chunk: Uint8Array, start: number): number {
    let at = start;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#string === "name") {
        this.#isError = byte === LETTER_E;
        this.#string = "other";
      }
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        this.#isInString = false;
        break;
      }
      if (this.#string === "error" && this.#errorText.length < ERROR_TEXT_MAX) {
        this.#errorText += String.fromCharCode(byte);
      }
    }
    return at;
  }
}
