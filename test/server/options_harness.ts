// What the tests of options and configuration share: a machine, files, and short forms of loading.

import assert from "node:assert/strict";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import type { FileStore } from "../../src/ports/file_store.ts";
import type { SystemInfo } from "../../src/ports/system_info.ts";
import {
  type LoadedOptions,
  loadOptions,
  type Options,
  OptionsError,
} from "../../src/server/options.ts";

export const GIB = 1024 ** 3;

/** A machine with 8 GiB of memory. */
export function machine(totalMemoryBytes = 8 * GIB): SystemInfo {
  return {
    runtimeName: "test",
    runtimeVersion: "1",
    os: "none",
    processId: 1,
    executable: "test",
    totalMemoryBytes,
    residentBytes: () => 0,
    cpuSeconds: () => ({ user: 0, system: 0 }),
  };
}

export interface Given {
  args?: readonly string[];
  env?: Record<string, string>;
  files?: Record<string, string> | FileStore;
  memoryBytes?: number;
}

export function load(given: Given): Promise<LoadedOptions> {
  const { args = [], env = {}, files = {}, memoryBytes } = given;
  const store = typeof files.readText === "function"
    ? files as FileStore
    : createMemoryFileStore(Object.entries(files as Record<string, string>));
  return loadOptions({ args, env, files: store, system: machine(memoryBytes) });
}

/** Loads options that are good. */
export async function loadGood(given: Given): Promise<{ options: Options; configFile: string }> {
  const loaded = await load(given);
  if (loaded.kind !== "run") assert.fail(`it would not run, but do ${loaded.kind}`);
  return loaded;
}

/** Loads options that are wrong. @returns the message */
export async function loadWrong(given: Given): Promise<string> {
  let loaded;
  try {
    loaded = await load(given);
  } catch (error) {
    assert.ok(error instanceof OptionsError, String(error));
    return error.message;
  }
  return assert.fail(`it was accepted: ${JSON.stringify(loaded)}`);
}
