/** Turns the arguments of a cache's method into the words of its command, by what the spec says of them. */
import type { CommandSpec } from "../commands/spec.ts";
import type { CommandArgument } from "../protocol/command_encoder.ts";

/** How a command takes its arguments. */
export interface ArgumentShape {
  /** Number of a method's arguments that must be given. */
  readonly requiredCount: number;
  /** Whether the first one holds keys with values, and whether their number goes before them. */
  readonly pairs: "none" | "plain" | "counted";
}

/** Reads it from the spec. */
export function shapeOf({ arity, syntax }: CommandSpec): ArgumentShape {
  const takesPairs = syntax.includes("key value [key value ...]");
  const isCounted = syntax.startsWith("numkeys ");
  const pairs = !takesPairs ? "none" : isCounted ? "counted" : "plain";
  return { requiredCount: takesPairs ? 1 : Math.abs(arity) - 1, pairs };
}

/**
 * An object of options becomes words: `{ ex: 10, nx: true }` gives EX 10 NX. What is undefined behind
 * the required arguments is left out.
 * @returns `args` itself where every argument is a word already
 */
export function toWords(shape: ArgumentShape, args: readonly unknown[]): CommandArgument[] {
  if (areWords(args)) return args as CommandArgument[];
  const words: unknown[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i];
    const isObject = typeof argument === "object" && argument !== null && !isWord(argument);
    if (isObject && i === 0 && shape.pairs !== "none") pushPairs(words, argument, shape);
    else if (isObject && !Array.isArray(argument)) pushOptions(words, argument);
    else if (argument !== undefined || i < shape.requiredCount) words.push(argument);
  }
  return words as CommandArgument[];
}

function areWords(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) if (!isWord(args[i])) return false;
  return true;
}

function isWord(argument: unknown): boolean {
  return typeof argument === "string" || typeof argument === "number" ||
    argument instanceof Uint8Array;
}

function pushPairs(words: unknown[], given: object, { pairs }: ArgumentShape): void {
  const entries = Symbol.iterator in given
    ? [...given as Iterable<readonly [unknown, unknown]>]
    : Object.entries(given);
  if (pairs === "counted") words.push(entries.length);
  for (const [key, value] of entries) words.push(key, value);
}

function pushOptions(words: unknown[], options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === false) continue;
    words.push(name.toUpperCase());
    if (value !== true) words.push(value);
  }
}
