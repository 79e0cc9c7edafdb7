/** The live configuration: CONFIG GET, SET and REWRITE over the table of parameters. */
import { globMatch } from "../bytes/glob.ts";
import type { FileStore } from "../ports/file_store.ts";
import type { ConfigPort } from "../ports/settings.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import { type ConfiguredUsers, rewriteConfig } from "./config_rewrite.ts";
import type { Parameter, ReadValue } from "./options_parameter.ts";
import { findParameter, underAllNames } from "./options_table.ts";
import type { Bounds, Options } from "./options_types.ts";

export interface LiveConfigOptions {
  /** Changed in place by `set`. */
  readonly options: Options;
  /** Path of the configuration file, "" = none. */
  readonly configFile: string;
  readonly files: FileStore;
  readonly system: SystemInfo;
  /** Bytes that the store was made for; maxmemory cannot be raised beyond. */
  readonly storeCapacityBytes: number;
  /**
   * Called with the names of one `set` when all values are in place; what it refuses is put back.
   * @returns what is wrong
   */
  readonly apply?: ApplySettings | undefined;
  /** Which users are to be in the configuration file; undefined where it knows none. */
  readonly users?: ConfiguredUsers | undefined;
  /** Called once per parameter whose value changed, after all values of one `set` are in place. */
  readonly onChange: (name: string) => void;
}

/** @returns the parameter that cannot be as it was set, and the reason for the error reply */
export type ApplySettings = (
  names: readonly string[],
) => { readonly name: string; readonly reason: string } | undefined;

const encoder = new TextEncoder();

export class LiveConfig implements ConfigPort {
  readonly #given: LiveConfigOptions;
  readonly #bounds: Bounds;
  #rewriting: Promise<unknown> = Promise.resolve();

  constructor(given: LiveConfigOptions) {
    this.#given = given;
    const bytes = given.storeCapacityBytes;
    this.#bounds = {
      maxmemoryBytes: bytes,
      maxmemoryReason: "the capacity that the store was started with",
    };
  }

  /**
   * @param patterns glob patterns in any case; a name without *, ? and [ is answered as it was
   * written
   * @returns each name once, in the order of the table for each pattern
   */
  get(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<Parameter, string>();
    for (const pattern of patterns) {
      if (/[*?[]/.test(pattern)) {
        for (const parameter of underAllNames()) {
          if (!found.has(parameter) && isMatch(pattern, parameter.name)) {
            found.set(parameter, parameter.name);
          }
        }
      } else {
        const parameter = findParameter(pattern);
        if (parameter !== undefined && !found.has(parameter)) found.set(parameter, pattern);
      }
    }
    return [...found].map(([parameter, name]) => [name, parameter.format(this.#given.options)]);
  }

  set(pairs: readonly (readonly [name: string, value: string])[]): string | undefined {
    const { options, onChange } = this.#given;
    const chosen: Parameter[] = [];
    for (const [name] of pairs) {
      const parameter = findParameter(name);
      if (parameter === undefined) {
        return `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
      }
      if (!parameter.isMutable) return failure(name, "can't set immutable config");
      if (chosen.includes(parameter)) return failure(name, "duplicate parameter");
      chosen.push(parameter);
    }
    const values: ReadValue[] = [];
    for (let i = 0; i < chosen.length; i++) {
      const value = chosen[i].parse([pairs[i][1]], this.#bounds);
      if (typeof value === "string") return failure(chosen[i].name, value);
      values.push(value);
    }
    const before = chosen.map((parameter) => parameter.format(options));
    const kept = chosen.map((parameter) => parameter.keep(options));
    for (const value of values) value.assign(options);
    const refusal = this.#given.apply?.(chosen.map(({ name }) => name));
    if (refusal !== undefined) {
      for (const value of kept) value.assign(options);
      return failure(refusal.name, refusal.reason);
    }
    chosen.forEach((parameter, i) => {
      if (parameter.format(options) !== before[i]) onChange(parameter.name);
    });
    return undefined;
  }

  /** One at a time, in the order of the calls. */
  rewrite(): Promise<string | undefined> {
    const done = this.#rewriting.then(() => this.#rewriteNow());
    this.#rewriting = done;
    return done;
  }

  async #rewriteNow(): Promise<string | undefined> {
    const { configFile, files, options, system, users } = this.#given;
    if (configFile === "") return "ERR The server is running without a config file";
    try {
      await rewriteConfig({ path: configFile, files, options, system, users });
      return undefined;
    } catch (error) {
      const reason = (error as Error).message.replace(/\s+/g, " ");
      return `ERR Rewriting config file: ${reason}`;
    }
  }
}

function isMatch(pattern: string, name: string): boolean {
  const bytes = encoder.encode(name);
  return globMatch(encoder.encode(pattern), bytes, 0, bytes.length, true);
}

function failure(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
}
