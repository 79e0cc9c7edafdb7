/** Settings for tests and benches: the defaults, but no limit of memory, so no eviction. */
import type { Settings } from "../../src/ports/settings.ts";
import type { SystemInfo } from "../../src/ports/system_info.ts";
import { defaultOptions } from "../../src/server/options.ts";

const { settings } = defaultOptions({ totalMemoryBytes: 0 } as SystemInfo);

export function testSettings(changes: Partial<Settings> = {}): Settings {
  return { ...settings, maxmemory: 0, maxmemoryPolicy: "noeviction", ...changes };
}
