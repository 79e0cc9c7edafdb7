/** How INFO writes numbers and names. */

const UNITS = ["B", "K", "M", "G", "T", "P"] as const;

/**
 * A number of bytes for people, e.g. "1.50M".
 * @param bytes at least 0
 */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.trunc(bytes)}B`;
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)}${UNITS[unit]}`;
}

/** The number as short as it can be with at most six decimals, e.g. "99.9". */
export function shortNumber(value: number): string {
  return String(Number(value.toFixed(6)));
}

/** A name without the characters that have a meaning in INFO. */
export function safeName(name: string): string {
  return name.replace(/[#:\r\n]/g, "_");
}
