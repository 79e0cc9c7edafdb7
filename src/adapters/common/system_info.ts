/** What the operating system says about the process and its machine. */
import { readFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import type { SystemInfo } from "../../ports/system_info.ts";
import { memoryLimitBytes } from "./memory_limit.ts";

const MICROSECONDS_PER_SECOND = 1e6;
const US_PER_MS = 1000;

/**
 * Makes the description of this process.
 * @param name "bun" or "deno"
 * @param collectGarbage of the runtime, if it has it
 * @param hasCollected of the runtime, if it has it
 */
export function createSystemInfo(
  name: string,
  version: string,
  collectGarbage: () => void = () => {},
  hasCollected: (() => boolean) | undefined = undefined,
): SystemInfo {
  return {
    collectGarbage,
    ...hasCollected === undefined ? {} : { hasCollected },
    monotonicOriginUs: performance.timeOrigin * US_PER_MS,
    runtimeName: name,
    runtimeVersion: version,
    os: `${os.type()} ${os.release()} ${os.machine()}`,
    processId: process.pid,
    executable: process.execPath,
    totalMemoryBytes: memoryLimitBytes(os.totalmem(), readIfThere),
    residentBytes: () => process.memoryUsage.rss(),
    cpuSeconds() {
      const { user, system } = process.cpuUsage();
      return { user: user / MICROSECONDS_PER_SECOND, system: system / MICROSECONDS_PER_SECOND };
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
