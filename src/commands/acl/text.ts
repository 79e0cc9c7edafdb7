/**
 * Texts of access control: names, rules and patterns may be any bytes, and are kept as Latin-1, one
 * character per byte.
 */
import { readAscii, writeAscii } from "../../bytes/ascii.ts";
import type { Call } from "../call.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of an argument. */
export function argumentText(call: Call, i: number): string {
  return readAscii(call.batch.input.bytes, call.offset(i), call.length(i));
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeAscii(text, bytes, 0);
  return bytes;
}

export function fromBytes(bytes: Uint8Array): string {
  return readAscii(bytes, 0, bytes.length);
}

/** @param text as JavaScript has it */
export function encodeText(text: string): string {
  return fromBytes(encoder.encode(text));
}

/** @returns the bytes read as UTF-8 */
export function decodeText(text: string): string {
  return decoder.decode(toBytes(text));
}

/** As C sees it: a zero byte ends it. */
export function cText(text: string): string {
  const zero = text.indexOf("\0");
  return zero < 0 ? text : text.slice(0, zero);
}

/** Whether there is a blank, as C's isspace sees it, or a zero byte. */
export function hasBlank(text: string): boolean {
  return /[ \t\n\v\f\r\0]/.test(text);
}

/** Of ASCII letters only. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Compares by bytes. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const BLANK = /[ \t\n\v\f\r]/;
const ESCAPED: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/**
 * Splits a line into words, which may stand in single or double quotes.
 * @returns undefined where quotes are unbalanced
 */
export function splitArguments(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && BLANK.test(line[at])) at++;
    if (at === line.length) return words;
    let word = "";
    while (at < line.length && !BLANK.test(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += line[at++];
        continue;
      }
      const quoted = readQuoted(line, at + 1, quote);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end;
      if (at < line.length && !BLANK.test(line[at])) return undefined;
    }
    words.push(word);
  }
}

/** @returns the text up to the closing quote, and the position behind that */
function readQuoted(
  line: string,
  start: number,
  quote: string,
): { text: string; end: number } | undefined {
  let text = "";
  for (let at = start; at < line.length; at++) {
    if (line[at] === quote) return { text, end: at + 1 };
    const next = line[at + 1];
    const hex = quote === '"' ? /^\\x([0-9a-f]{2})/i.exec(line.slice(at, at + 4)) : null;
    if (hex !== null) {
      text += String.fromCharCode(parseInt(hex[1], 16));
      at += 3;
    } else if (line[at] === "\\" && next !== undefined && (quote === '"' || next === "'")) {
      text += quote === '"' ? ESCAPED[next] ?? next : next;
      at++;
    } else {
      text += line[at];
    }
  }
  return undefined;
}
