/** Finds out which runtime the program woke up in, and makes the ports to it. */
import process from "node:process";
import type { Runtime } from "../ports/runtime.ts";
import type { Host } from "../server/core.ts";
import { createRuntime as createBunRuntime } from "./bun/mod.ts";
import { createClock } from "./common/clock.ts";
import { createCryptography } from "./common/cryptography.ts";
import { createFileStore } from "./common/file_store.ts";
import { createSystemRandom } from "./common/random.ts";
import { createSystemInfo } from "./common/system_info.ts";
import { createRuntime as createDenoRuntime } from "./deno/mod.ts";

/** Makes the ports to the runtime at hand. @throws TypeError where it is neither Bun nor Deno */
export function createRuntime(): Runtime {
  if ("Bun" in globalThis) return createBunRuntime();
  if ("Deno" in globalThis) return createDenoRuntime();
  throw new TypeError("a server needs Bun or Deno");
}

/** Makes those that are needed where nothing listens, which Node.js has too. */
export function createHost(): Host {
  if ("Bun" in globalThis || "Deno" in globalThis) return createRuntime();
  return {
    clock: createClock(),
    random: createSystemRandom(),
    cryptography: createCryptography(),
    files: createFileStore(),
    system: createSystemInfo("node", process.versions.node),
  };
}
