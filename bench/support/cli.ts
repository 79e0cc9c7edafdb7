/** Options of the benches, read from the command line. */

export interface BenchOptions {
  /** Tiny sizes, to see that everything works. */
  readonly isQuick: boolean;
  /** Values of `--name value` and `--name=value`; "" for a name without one. */
  readonly values: ReadonlyMap<string, string>;
  /** Everything else. */
  readonly words: readonly string[];
}

/** Names that take no value. */
const SWITCHES: ReadonlySet<string> = new Set(["quick", "help"]);

/** @param known names of the options that are allowed besides --quick. @throws TypeError */
export function readOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const found = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[i]);
    if (found === null) {
      words.push(args[i]);
      continue;
    }
    const [, name, inline] = found;
    if (!SWITCHES.has(name) && !known.includes(name)) {
      const names = [...SWITCHES, ...known].map((each) => `--${each}`).join(", ");
      throw new TypeError(`unknown option --${name}; there are ${names}`);
    }
    if (inline !== undefined || SWITCHES.has(name)) values.set(name, inline ?? "");
    else if (i + 1 < args.length) values.set(name, args[++i]);
    else throw new TypeError(`--${name} needs a value`);
  }
  return { isQuick: values.has("quick"), values, words };
}

/** A whole number of at least 1. @throws TypeError */
export function countOf(options: BenchOptions, name: string, fallback: number): number {
  const text = options.values.get(name);
  if (text === undefined) return fallback;
  const scale = { k: 1e3, m: 1e6 }[text.slice(-1).toLowerCase()] ?? 1;
  const value = Number(scale === 1 ? text : text.slice(0, -1)) * scale;
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new TypeError(`--${name} must be a whole number of at least 1, got ${text}`);
  }
  return value;
}

/** Words separated by commas, each one of `allowed`. @throws TypeError */
export function choiceOf<T extends string>(
  options: BenchOptions,
  name: string,
  allowed: readonly T[],
): readonly T[] {
  const text = options.values.get(name);
  if (text === undefined) return allowed;
  return text.split(",").map((word) => {
    const found = allowed.find((each) => each.toLowerCase() === word.trim().toLowerCase());
    if (found === undefined) {
      throw new TypeError(`--${name}: no "${word}"; there are ${allowed.join(", ")}`);
    }
    return found;
  });
}
