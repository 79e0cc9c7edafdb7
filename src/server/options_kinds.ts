/**
 * Kinds of parameters: how a value is read from words, checked, and written back.
 *
 * A schema takes the words that stand behind a parameter's name, so that a file, the environment,
 * flags and CONFIG SET are read alike. Messages are Redis's own.
 */
import { z } from "zod";
import {
  formatEventClasses,
  INVALID_EVENT_CLASS,
  parseEventClasses,
} from "../engine/pubsub_key_events.ts";
import { formatMemory, parseMemory } from "./options_units.ts";
import type { OutputLimit } from "./options_types.ts";

export type JsonValue = string | number | boolean | readonly (string | number)[];

export interface Kind<T> {
  readonly schema: z.ZodType<T, readonly string[]>;
  /** Stands for the value in the help text, e.g. "NUMBER". */
  readonly placeholder: string;
  /** What may be given, for the help text and error messages. */
  readonly allowed: string;
  /** As CONFIG GET shows the value. */
  format(value: T): string;
  /** The words that make up the value, one array per line of a configuration file. */
  lines(value: T): readonly (readonly string[])[];
  /** As a JSON configuration file holds the value. */
  json(value: T): JsonValue;
}

const WRONG_COUNT = "wrong number of arguments";

/** One word, no more and no less. */
const oneWord = z.array(z.string()).readonly().refine((words) => words.length === 1, WRONG_COUNT)
  .transform((words) => words[0]);

/** Any number of words; one that holds blanks is several. */
const manyWords = z.array(z.string()).readonly().refine((words) => words.length > 0, WRONG_COUNT)
  .transform((words) => words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== ""));

/** Reads a text, or says why it cannot be read. */
type Reader<In, T> = (given: In) => { readonly value: T } | { readonly message: string };

/** A schema step out of a reader. */
function reading<In, T>(read: Reader<In, T>) {
  return z.transform<In, T>((given, context) => {
    const result = read(given);
    if ("value" in result) return result.value;
    context.addIssue({ code: "custom", message: result.message, input: given });
    return z.NEVER;
  });
}

/** A number within bounds, both included, shown in messages as `show` writes them. */
function between(min: number, max: number, show: (bound: number) => string = String) {
  const message = `argument must be between ${show(min)} and ${show(max)} inclusive`;
  return z.number().min(min, message).max(max, message);
}

/** A whole number in decimal digits. */
export function integer(
  min: number,
  max: number,
  allowed = `a whole number from ${min} to ${max}`,
): Kind<number> {
  return {
    schema: oneWord.pipe(
      reading((text) =>
        /^(?:0|-?[1-9]\d*)$/.test(text)
          ? { value: Math.max(-Number.MAX_VALUE, Math.min(Number(text), Number.MAX_VALUE)) }
          : { message: "argument couldn't be parsed into an integer" }
      ),
    ).pipe(between(min, max)),
    placeholder: "NUMBER",
    allowed,
    format: String,
    lines: (value) => [[String(value)]],
    json: (value) => value,
  };
}

/**
 * A whole number that is set to the nearest bound where it is beyond one, as Redis does with hz.
 */
export function clampedInteger(min: number, max: number, inputMax: number): Kind<number> {
  const plain = integer(
    0,
    inputMax,
    `a whole number; ${max} where it is larger, ${min} where it is 0`,
  );
  return {
    ...plain,
    schema: plain.schema.pipe(z.transform((value) => Math.max(min, Math.min(value, max)))),
  };
}

const octal = (value: number) => value.toString(8);

/** A file's mode in octal digits. */
export function octalMode(max: number): Kind<number> {
  return {
    schema: oneWord.pipe(
      reading((text) =>
        /^-?[0-7]+$/.test(text)
          ? { value: parseInt(text, 8) }
          : { message: "argument couldn't be parsed as an octal number" }
      ),
    ).pipe(between(0, max, octal)),
    placeholder: "MODE",
    allowed: `0 to ${octal(max)} in octal digits`,
    format: octal,
    lines: (value) => [[octal(value)]],
    json: octal,
  };
}

/** A size in bytes. */
export function memory(min: number, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  const least = min === 0 ? "" : `, at least ${formatMemory(min)}`;
  return {
    schema: oneWord.pipe(reading((text) => {
      const value = parseMemory(text);
      return value === undefined ? { message: "argument must be a memory value" } : { value };
    })).pipe(between(min, max)),
    placeholder: "SIZE",
    allowed: `bytes, or a number with a unit: k kb m mb g gb (1k = 1000, 1kb = 1024)${least}`,
    format: String,
    lines: (value) => [[formatMemory(value)]],
    json: formatMemory,
  };
}

/** A size in bytes, or a share of another one, which is kept as a negative number of percent. */
export function memoryOrPercent(whole: string): Kind<number> {
  const MAX_PERCENT = 100;
  const bytes = memory(0);
  const show = (value: number, write: (bytes: number) => string): string =>
    value < 0 ? `${-value}%` : write(value);
  return {
    schema: oneWord.pipe(reading((text) => {
      const percent = /^(\d+)%$/.exec(text)?.[1];
      const value = percent === undefined ? parseMemory(text) : Number(percent);
      if (value === undefined) {
        return { message: "argument must be a memory or percent value" };
      }
      if (percent === undefined) return { value: Math.min(value, Number.MAX_SAFE_INTEGER) };
      return value > MAX_PERCENT
        ? { message: "percentage argument must be less or equal to 100" }
        : { value: value === 0 ? 0 : -value };
    })),
    placeholder: "SIZE|PERCENT%",
    allowed: `${bytes.allowed}, or a share of ${whole} from 0% to 100%`,
    format: (value) => show(value, String),
    lines: (value) => [[show(value, formatMemory)]],
    json: (value) => show(value, formatMemory),
  };
}

/** "yes" or "no". */
export function yesNo(): Kind<boolean> {
  const words = (value: boolean) => (value ? "yes" : "no");
  return {
    schema: oneWord.pipe(reading((text) => {
      const word = text.toLowerCase();
      return word === "yes" || word === "no"
        ? { value: word === "yes" }
        : { message: "argument must be 'yes' or 'no'" };
    })),
    placeholder: "yes|no",
    allowed: "yes, no",
    format: words,
    lines: (value) => [[words(value)]],
    json: (value) => value,
  };
}

/** One of a few words, in any case. */
export function oneOf<const V extends string>(values: readonly V[], placeholder: string): Kind<V> {
  const allowed = values.join(", ");
  return {
    schema: oneWord.pipe(reading((text) => {
      const value = values.find((each) => each === text.toLowerCase());
      return value === undefined
        ? { message: `argument(s) must be one of the following: ${allowed}` }
        : { value };
    })),
    placeholder,
    allowed,
    format: String,
    lines: (value) => [[value]],
    json: (value) => value,
  };
}

/** A text as it stands. @param maxBytes how long it may be in UTF-8 */
export function text(
  options: { placeholder: string; allowed: string; maxBytes?: number },
): Kind<string> {
  const { placeholder, allowed, maxBytes = Infinity } = options;
  return {
    schema: oneWord.pipe(
      reading((value) =>
        new TextEncoder().encode(value).length <= maxBytes && !value.includes("\0")
          ? { value }
          : { message: `argument must be ${allowed}` }
      ),
    ),
    placeholder,
    allowed,
    format: String,
    lines: (value) => [[value]],
    json: (value) => value,
  };
}

/** Words of one line; an empty list is written as "". */
const asLine = (words: readonly string[]) => [words.length === 0 ? [""] : words];

/** Addresses or host names to listen at. */
export function addresses(max: number): Kind<readonly string[]> {
  return {
    schema: manyWords.pipe(reading((words: string[]) => {
      if (words.length > max) return { message: "Too many bind addresses specified." };
      const wrong = words.find((word) => !/^-?(?:\*|::\*|[\w.:%][\w.:%-]*)$/.test(word));
      return wrong === undefined
        ? { value: words as readonly string[] }
        : { message: `'${wrong}' is not an address` };
    })),
    placeholder: "ADDRESS...",
    allowed:
      `up to ${max} addresses or host names; * = every IPv4 address, ::* = every IPv6 address, ` +
      `-ADDRESS = go on without it where this machine has none such, "" = none`,
    format: (value) => value.join(" "),
    lines: asLine,
    json: (value) => value,
  };
}

/** As printf's %f writes it, without the zeros at the end. */
const formatPercentile = (value: number) => value.toFixed(6).replace(/\.?0+$/, "");

/** Numbers from 0 to 100. */
export function percentiles(): Kind<readonly number[]> {
  const name = "latency-tracking-info-percentiles";
  return {
    schema: manyWords.pipe(reading((words: string[]) => {
      const values: number[] = [];
      for (const word of words) {
        const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word);
        const value = Number(word);
        if (!isNumber || !Number.isFinite(value)) return { message: `Invalid ${name} parameters` };
        if (value < 0 || value > 100) {
          return { message: `${name} parameters should sit between [0.0,100.0]` };
        }
        values.push(value);
      }
      return { value: values as readonly number[] };
    })),
    placeholder: "PERCENT...",
    allowed: `numbers from 0 to 100, "" = none`,
    format: (values) => values.map(formatPercentile).join(" "),
    lines: (values) => asLine(values.map(formatPercentile)),
    json: (values) => values,
  };
}

/** Output limits by class of client; when it is read, only the classes that were named. */
export interface OutputLimits {
  normal?: OutputLimit;
  replica?: OutputLimit;
  pubsub?: OutputLimit;
}

/** Names of the classes: as Redis reads them, as CONFIG GET shows them. */
const LIMIT_CLASSES: Readonly<Record<string, keyof OutputLimits>> = {
  normal: "normal",
  slave: "replica",
  replica: "replica",
  pubsub: "pubsub",
};
const SHOWN_CLASSES = [["normal", "normal"], ["slave", "replica"], ["pubsub", "pubsub"]] as const;

/** Limits of what may wait for a client, per class of clients. */
export function outputLimits(): Kind<OutputLimits> {
  const suffix = "in buffer limit configuration.";
  const perClass = (limits: OutputLimits, show: (bytes: number) => string) =>
    SHOWN_CLASSES.flatMap(([shown, key]) => {
      const limit = limits[key];
      return limit === undefined ? [] : [[shown, show(limit[0]), show(limit[1]), String(limit[2])]];
    });
  return {
    schema: manyWords.pipe(reading((words: string[]) => {
      if (words.length % 4 !== 0) return { message: `Wrong number of arguments ${suffix}` };
      const limits: OutputLimits = {};
      for (let i = 0; i < words.length; i += 4) {
        const name = words[i].toLowerCase();
        if (!Object.hasOwn(LIMIT_CLASSES, name)) {
          return { message: `Invalid client class specified ${suffix}` };
        }
        const hard = parseMemory(words[i + 1]);
        const soft = parseMemory(words[i + 2]);
        const seconds = /^\d+$/.test(words[i + 3]) ? Number(words[i + 3]) : undefined;
        if (![hard, soft, seconds].every(Number.isSafeInteger)) {
          return { message: `Error in hard, soft or soft_seconds setting ${suffix}` };
        }
        limits[LIMIT_CLASSES[name]] = [hard!, soft!, seconds!];
      }
      return { value: limits };
    })),
    placeholder: "CLASS HARD SOFT SECONDS...",
    allowed: "one or more times: normal, replica or pubsub, hard limit and soft limit in bytes " +
      "(units as of maxmemory), seconds above the soft limit; 0 = no limit",
    format: (limits) => perClass(limits, String).map((words) => words.join(" ")).join(" "),
    lines: (limits) => perClass(limits, formatMemory),
    json: (limits) => perClass(limits, formatMemory).map((words) => words.join(" ")),
  };
}

/** Classes of events as letters; the value is their bits. */
export function eventClasses(): Kind<number> {
  return {
    schema: oneWord.pipe(reading((letters) => {
      const value = parseEventClasses(letters);
      return value === undefined ? { message: INVALID_EVENT_CLASS } : { value };
    })),
    placeholder: "CLASSES",
    allowed: "letters of KEg$lshzxetdnmA; K or E, or both, and classes of events; empty = none",
    format: formatEventClasses,
    lines: (value) => [[formatEventClasses(value)]],
    json: formatEventClasses,
  };
}

/** A boolean parameter of Redis of which only "no" is true here. */
export function onlyNo(): Kind<false> {
  const plain = yesNo();
  return {
    ...plain,
    schema: plain.schema.pipe(
      reading((value: boolean) =>
        value
          ? { message: "argument(s) must be one of the following: no" }
          : { value: false as const }
      ),
    ),
    placeholder: "no",
    allowed: "no",
  };
}

/** Redis's `save`, of which only the empty value is true here. */
export function neverSaved(): Kind<""> {
  return {
    schema: manyWords.pipe(reading((words: string[]) => {
      if (words.length === 0) return { value: "" as const };
      const arePoints = words.length % 2 === 0 && words.every((word) => /^[1-9]\d*$/.test(word));
      return {
        message: arePoints
          ? `argument(s) must be one of the following: ""`
          : "Invalid save parameters",
      };
    })),
    placeholder: '""',
    allowed: '""',
    format: () => "",
    lines: () => [[""]],
    json: () => "",
  };
}
