/** How the console shows bytes, numbers and durations. */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What is not seen, or makes what stands beside it look otherwise. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
const UNSEEN_BUT_BREAKS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
const BYTES_PER_ROW = 16;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes as a text on one line. */
export interface Shown {
  readonly text: string;
  /** Whether backslashes stand for bytes that are no text. */
  readonly isEscaped: boolean;
  /** Bytes that are left out at the end. */
  readonly cutBytes: number;
}

/** Bytes as they are if they are text, else with backslashes. @param maxBytes the rest is cut off */
export function show(bytes: Uint8Array, maxBytes: number = Infinity): Shown {
  const cutBytes = Math.max(0, bytes.length - maxBytes);
  const part = cutBytes > 0 ? bytes.subarray(0, wholeLetters(bytes, maxBytes)) : bytes;
  const text = decode(part);
  const rest = bytes.length - part.length;
  if (text !== undefined && !UNSEEN.test(text)) return { text, isEscaped: false, cutBytes: rest };
  return { text: escape(part), isEscaped: true, cutBytes: rest };
}

/** Bytes as a text of several lines; undefined if they are none. */
export function showLines(bytes: Uint8Array): string | undefined {
  const text = decode(bytes);
  return text === undefined || UNSEEN_BUT_BREAKS.test(text) ? undefined : text;
}

/** Whether a byte goes on with a letter of UTF-8. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Where a text of at most `max` bytes may end without cutting a letter of UTF-8 in two. */
export function wholeLetters(bytes: Uint8Array, max: number): number {
  if (bytes.length <= max) return bytes.length;
  let end = max;
  while (end > max - 4 && end > 0 && isContinuation(bytes[end])) end--;
  return end;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

const LETTERS: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/** Printable ASCII as it is, everything else behind a backslash: as redis-cli writes it, without quotes. */
export function escape(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += LETTERS[byte] ??
      (byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return text;
}

/** Rows of offset, bytes and letters. @param offset of the first byte */
export function hexRows(bytes: Uint8Array, offset = 0): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_ROW) {
    const row = bytes.subarray(at, at + BYTES_PER_ROW);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = [...row].map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."
    );
    rows.push(
      `${(offset + at).toString(16).padStart(8, "0")}  ${hex.padEnd(BYTES_PER_ROW * 3 - 1)}  ${
        letters.join("")
      }`,
    );
  }
  return rows.join("\n");
}

/** 1234567 → "1,234,567". */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** 1536 → "1.5 KiB". */
export function size(bytes: number): string {
  let unit = 0, value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** 93784 → "1 d 2 h". The two largest units. */
export function duration(seconds: number): string {
  if (seconds < 60) {
    return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  }
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [unit, length] of [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]] as const) {
    const whole = Math.floor(rest / length);
    rest -= whole * length;
    if (whole > 0) parts.push(`${whole} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** 1234 → "1.23 ms". */
export function micros(us: number): string {
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
  if (us >= 1000) return `${(us / 1000).toFixed(2)} ms`;
  return `${us >= 100 ? Math.round(us) : us.toFixed(1)} µs`;
}

/** Bytes in base64url without padding: how keys stand in addresses. */
export function toBase64Url(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @returns undefined for what is no base64url */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined;
  try {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
