/** One parameter of the configuration, closed over the type of its value. */
import type { Settings } from "../ports/settings.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import type { JsonValue, Kind } from "./options_kinds.ts";
import type { Bounds, Options } from "./options_types.ts";

/** A value that was read and is good: call `assign` to put it into place. */
export interface ReadValue {
  assign(options: Options): void;
}

export interface Parameter {
  /** Redis's name, in lower case. */
  readonly name: string;
  /** The name that older versions of Redis gave it, which is still good; "" = none. */
  readonly olderName: string;
  /** Heading of the help text that it stands under. */
  readonly group: string;
  /** One line for the help text. */
  readonly summary: string;
  /** What the help text shows as the default where the value alone would mislead. */
  readonly shownDefault: string | undefined;
  readonly placeholder: string;
  /** What may be given. */
  readonly allowed: string;
  /** Whether CONFIG SET may change it. */
  readonly isMutable: boolean;
  /** Whether the value must not be printed. */
  readonly isSecret: boolean;
  /**
   * Reads the words behind the name.
   * @returns the value, or what is wrong with it in Redis's words
   */
  parse(words: readonly string[], bounds: Bounds): ReadValue | string;
  /** @returns the value as it is now, to be put back */
  keep(options: Options): ReadValue;
  assignDefault(options: Options, system: SystemInfo): void;
  /** The value as CONFIG GET shows it. */
  format(options: Options): string;
  /** The value in words, one array per line of a configuration file. */
  lines(options: Options): readonly (readonly string[])[];
  /** The value as a JSON configuration file holds it. */
  json(options: Options): JsonValue;
}

/** Where a value lives. */
export interface Place<T> {
  read(options: Options): T;
  write(options: Options, value: T): void;
}

/** A value in the live settings. */
export function inSettings<K extends keyof Settings>(key: K): Place<Settings[K]> {
  return {
    read: ({ settings }) => settings[key],
    write({ settings }, value) {
      settings[key] = value;
    },
  };
}

/** A value in the options that are fixed at start. */
export function inOptions<K extends Exclude<keyof Options, "settings">>(
  key: K,
): Place<Options[K]> {
  return {
    read: (options) => options[key],
    write(options, value) {
      options[key] = value;
    },
  };
}

/** A value that is always the same. */
export function fixed<T>(value: T): Place<T> {
  return { read: () => value, write() {} };
}

export interface ParameterSpec<T> {
  readonly name: string;
  readonly olderName?: string;
  readonly group: string;
  readonly summary: string;
  readonly kind: Kind<T>;
  readonly place: Place<T>;
  readonly fallback: T | ((system: SystemInfo) => T);
  readonly shownDefault?: string;
  /** Default: true. */
  readonly isMutable?: boolean;
  readonly isSecret?: boolean;
  /** @returns what is wrong with a value that its kind alone would allow */
  readonly check?: (value: T, bounds: Bounds) => string | undefined;
}

/** Makes a parameter out of its specification. */
export function parameter<T>(spec: ParameterSpec<T>): Parameter {
  const { kind, place, fallback, check } = spec;
  return {
    name: spec.name,
    olderName: spec.olderName ?? "",
    group: spec.group,
    summary: spec.summary,
    shownDefault: spec.shownDefault,
    placeholder: kind.placeholder,
    allowed: kind.allowed,
    isMutable: spec.isMutable ?? true,
    isSecret: spec.isSecret ?? false,
    parse(words, bounds) {
      const result = kind.schema.safeParse(words);
      if (!result.success) return result.error.issues[0].message;
      return check?.(result.data, bounds) ??
        { assign: (options) => place.write(options, result.data) };
    },
    keep(options) {
      const value = place.read(options);
      return { assign: (later) => place.write(later, value) };
    },
    assignDefault(options, system) {
      const value = typeof fallback === "function"
        ? (fallback as (system: SystemInfo) => T)(system)
        : fallback;
      place.write(options, value);
    },
    format: (options) => kind.format(place.read(options)),
    lines: (options) => kind.lines(place.read(options)),
    json: (options) => kind.json(place.read(options)),
  };
}
