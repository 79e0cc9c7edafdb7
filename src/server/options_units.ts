/** Sizes as redis.conf writes them: a number of bytes, or one with a unit, as in "100mb". */

const KIB = 1024;
const MIB = KIB * 1024;
const GIB = MIB * 1024;

const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: KIB,
  m: 1000 * 1000,
  mb: MIB,
  g: 1000 * 1000 * 1000,
  gb: GIB,
};

/**
 * Reads a size. The unit may be in any case; 1k is 1000 and 1kb is 1024. Other than Redis, which
 * takes "kb" for 0, it wants at least one digit.
 * @returns bytes, at most Number.MAX_VALUE, or undefined where the text is no size
 */
export function parseMemory(text: string): number | undefined {
  const found = /^(\d+)([a-z]*)$/i.exec(text);
  if (found === null) return undefined;
  const unit = found[2].toLowerCase();
  if (!Object.hasOwn(FACTORS, unit)) return undefined;
  return Math.min(Number(found[1]) * FACTORS[unit], Number.MAX_VALUE);
}

/** Writes a size with the largest unit of which it is a whole multiple: 104857600 as "100mb". */
export function formatMemory(bytes: number): string {
  if (bytes === 0) return "0";
  if (bytes % GIB === 0) return `${bytes / GIB}gb`;
  if (bytes % MIB === 0) return `${bytes / MIB}mb`;
  if (bytes % KIB === 0) return `${bytes / KIB}kb`;
  return String(bytes);
}
