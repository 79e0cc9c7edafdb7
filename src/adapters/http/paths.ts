/** Paths as they were sent: what is percent-encoded stays so, and stands for bytes. */

const PERCENT = 0x25;
const encoder = new TextEncoder();

/** The path of a request, without decoding: an encoded line break must not decide about its route. */
export function rawPath({ url }: Request): string {
  const start = pathStart(url);
  if (start < 0) return "/";
  for (let end = start; end < url.length; end++) {
    const code = url.charCodeAt(end);
    if (code === 0x3f || code === 0x23) return url.slice(start, end);
  }
  return url.slice(start);
}

/** Where the path of an address begins, -1 if it has none. */
export function pathStart(url: string): number {
  return url.indexOf("/", url.indexOf("//") + 2);
}

/** "get" of "/get/k". */
export function firstPart(path: string): string {
  const end = path.indexOf("/", 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}

/** @returns the bytes that a part of a path stands for, undefined if a "%" is not followed by two digits */
export function decodePercent(text: string): Uint8Array | undefined {
  const bytes = encoder.encode(text);
  if (!bytes.includes(PERCENT)) return bytes;
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i];
    if (byte === PERCENT) {
      const high = hexDigit(bytes[i + 1]);
      const low = hexDigit(bytes[i + 2]);
      if (high < 0 || low < 0) return undefined;
      byte = high << 4 | low;
      i += 2;
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/** @returns -1 for what is none */
function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
