/**
 * Syntax of redis.conf: one directive a line, words between blanks, comments on lines of their own.
 *
 *   maxmemory 100mb              plain words
 *   requirepass "a \"b\" \x01"   double quotes know \n \r \t \a \b \\ \" and \xHH, a byte
 *   requirepass 'it\'s'          single quotes know \' only
 *   # comment                    only where it begins the line
 *
 * Bytes above 0x7f are UTF-8. A closing quote must be followed by a blank or the end of the line.
 */

const LETTER_OF_ESCAPE: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, a: 7 };
const ESCAPE_OF_BYTE: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

const BLANK = /\s/;
const HEX_ESCAPE = /^\\x([0-9a-f]{2})/i;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Splits a line into words.
 * @returns undefined where quotes are unbalanced or bytes are not UTF-8
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && BLANK.test(line[at])) at++;
    if (at === line.length) return words;
    const bytes: number[] = [];
    const end = readWord(line, at, bytes);
    if (end === undefined) return undefined;
    try {
      words.push(decoder.decode(Uint8Array.from(bytes)));
    } catch {
      return undefined;
    }
    at = end;
  }
}

/**
 * Reads the word that begins at `at` into `bytes`.
 * @returns where it ends, undefined if it never does
 */
function readWord(line: string, at: number, bytes: number[]): number | undefined {
  while (at < line.length && !BLANK.test(line[at])) {
    const character = line[at];
    if (character === '"' || character === "'") {
      const end = character === '"'
        ? readDouble(line, at + 1, bytes)
        : readSingle(line, at + 1, bytes);
      if (end === undefined || (end < line.length && !BLANK.test(line[end]))) return undefined;
      return end;
    }
    at = readCharacter(line, at, bytes);
  }
  return at;
}

/** Reads up to the closing double quote. @returns the position behind it */
function readDouble(line: string, at: number, bytes: number[]): number | undefined {
  while (at < line.length) {
    if (line[at] === '"') return at + 1;
    if (line[at] !== "\\") {
      at = readCharacter(line, at, bytes);
      continue;
    }
    const hex = HEX_ESCAPE.exec(line.slice(at, at + 4));
    if (hex !== null) {
      bytes.push(parseInt(hex[1], 16));
      at += 4;
    } else if (at + 1 === line.length) {
      return undefined;
    } else if (Object.hasOwn(LETTER_OF_ESCAPE, line[at + 1])) {
      bytes.push(LETTER_OF_ESCAPE[line[at + 1]]);
      at += 2;
    } else {
      at = readCharacter(line, at + 1, bytes);
    }
  }
  return undefined;
}

/** Reads up to the closing single quote. @returns the position behind it */
function readSingle(line: string, at: number, bytes: number[]): number | undefined {
  while (at < line.length) {
    if (line[at] === "'") return at + 1;
    if (line.startsWith("\\'", at)) at++;
    at = readCharacter(line, at, bytes);
  }
  return undefined;
}

/** Takes one code point as it stands. */
function readCharacter(line: string, at: number, bytes: number[]): number {
  const character = String.fromCodePoint(line.codePointAt(at)!);
  bytes.push(...encoder.encode(character));
  return at + character.length;
}

/**
 * Writes a word so that `splitWords` reads the same one: as it stands where it can, else in quotes.
 */
export function quoteWord(word: string): string {
  if (/^[\x21\x23-\x26\x28-\x5b\x5d-\x7e]+$/.test(word)) return word;
  let quoted = '"';
  for (const byte of encoder.encode(word)) {
    if (Object.hasOwn(ESCAPE_OF_BYTE, byte)) quoted += ESCAPE_OF_BYTE[byte];
    else if (byte >= 0x20 && byte < 0x7f) quoted += String.fromCharCode(byte);
    else quoted += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${quoted}"`;
}

/** One line of a file: nothing (blank or comment), a directive, or one that cannot be read. */
export type ConfLine =
  | { readonly kind: "nothing" }
  | { readonly kind: "directive"; readonly name: string; readonly words: readonly string[] }
  | { readonly kind: "unreadable" };

/** Reads one line. The directive's name comes out in lower case. */
export function parseLine(line: string): ConfLine {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#")) return { kind: "nothing" };
  const words = splitWords(trimmed);
  if (words === undefined) return { kind: "unreadable" };
  return { kind: "directive", name: words[0].toLowerCase(), words: words.slice(1) };
}

/** Writes one line. */
export function formatLine(name: string, words: readonly string[]): string {
  return [name, ...words.map(quoteWord)].join(" ");
}
