/** Turns the arguments of a method into the words of its command, by what the spec says of them. */
import type { CommandArgument } from "../protocol/command_encoder.ts";

/** How a command takes its arguments. */
export interface ArgumentShape {
  /** Number of a method's arguments that must be given. */
  readonly requiredCount: number;
  /** Where keys stand, alone or with values, that their number goes before; -1 = nowhere. */
  readonly countedAt: number;
  /** Where names stand with their values: in front, as the last argument, or nowhere. */
  readonly pairsAt: "first" | "last" | "nowhere";
  /** Whether it takes any number of arguments, so that they may come as an array. */
  readonly isVariadic: boolean;
}

/** What of a spec tells how arguments are taken. */
export interface SpecOfArguments {
  readonly arity: number;
  readonly syntax: string;
}

const COUNT_WORD = "numkeys";
const KEYS_WITH_VALUES = "key value [key value ...]";
const FIELDS_WITH_VALUES = "field value [field value ...]";

/** Options that the number of what they hold goes before. */
const COUNTED_OPTIONS: readonly string[] = ["fields"];
/** Options that are said once for each of several values. */
const REPEATED_OPTIONS: readonly string[] = ["get"];
/** Options that name all keys before all values; they come last. */
const SPLIT_OPTIONS: readonly string[] = ["streams"];

/**
 * Reads it from what the spec of a command says.
 * @param spec its arity, the name counted, and its arguments as the documentation writes them
 */
export function shapeOf({ arity, syntax }: SpecOfArguments): ArgumentShape {
  const countedAt = syntax.split(" ").indexOf(COUNT_WORD);
  const pairsAt = syntax.includes(KEYS_WITH_VALUES)
    ? "first"
    : syntax.endsWith(FIELDS_WITH_VALUES) && !syntax.includes("FIELDS")
    ? "last"
    : "nowhere";
  const joined = (countedAt < 0 ? 0 : 1) + (pairsAt === "nowhere" ? 0 : 1);
  const isVariadic = /\.\.\.\]+(?: timeout)?$/.test(syntax);
  return { requiredCount: Math.abs(arity) - 1 - joined, countedAt, pairsAt, isVariadic };
}

/**
 * An object of options becomes words: `{ ex: 10, nx: true }` gives EX 10 NX; an array becomes its
 * elements where any number is taken. What is undefined behind the required arguments is left out.
 * @returns `args` itself where every argument is a word already
 */
export function toWords(shape: ArgumentShape, args: readonly unknown[]): CommandArgument[] {
  if (areWords(args)) return args as CommandArgument[];
  const words: unknown[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i];
    if (!isGroup(argument)) {
      if (argument !== undefined || i < shape.requiredCount) words.push(argument);
    } else if (i === shape.countedAt) {
      pushCounted(words, argument);
    } else if (isPairs(shape, i, args.length) || (shape.isVariadic && isIterable(argument))) {
      pushAll(words, argument);
    } else if (isIterable(argument)) {
      words.push(argument);
    } else {
      pushOptions(words, argument);
    }
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

/** Whether an argument stands for several words. */
function isGroup(argument: unknown): argument is object {
  return typeof argument === "object" && argument !== null && !isWord(argument);
}

function isIterable(group: object): group is Iterable<unknown> {
  return Symbol.iterator in group;
}

function isPairs({ pairsAt }: ArgumentShape, i: number, count: number): boolean {
  return pairsAt === "first" ? i === 0 : pairsAt === "last" && i === count - 1;
}

/** The elements of a group; of an object its names with their values. */
function elementsOf(group: object): unknown[] {
  return isIterable(group) ? [...group] : Object.entries(group);
}

/** Adds a word, or all that a group holds, groups within included. */
function pushAll(words: unknown[], argument: unknown): void {
  if (!isGroup(argument)) words.push(argument);
  else for (const element of elementsOf(argument)) pushAll(words, element);
}

function pushCounted(words: unknown[], group: object): void {
  words.push(elementsOf(group).length);
  pushAll(words, group);
}

function pushOptions(words: unknown[], options: object): void {
  let last: readonly [string, unknown] | undefined;
  for (const [name, value] of Object.entries(options)) {
    if (SPLIT_OPTIONS.includes(name)) last = [name, value];
    else pushOption(words, name, value);
  }
  if (last !== undefined) pushOption(words, ...last);
}

function pushOption(words: unknown[], name: string, value: unknown): void {
  if (value === undefined || value === false) return;
  const word = name.toUpperCase();
  if (REPEATED_OPTIONS.includes(name) && isGroup(value)) {
    for (const each of elementsOf(value)) words.push(word, each);
    return;
  }
  words.push(word);
  if (value === true) return;
  if (COUNTED_OPTIONS.includes(name) && isGroup(value)) pushCounted(words, value);
  else if (SPLIT_OPTIONS.includes(name) && isGroup(value)) pushSplit(words, value);
  else pushAll(words, value);
}

function pushSplit(words: unknown[], group: object): void {
  const pairs = elementsOf(group) as [unknown, unknown][];
  words.push(...pairs.map(([name]) => name), ...pairs.map(([, value]) => value));
}
