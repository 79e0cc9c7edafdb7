/** Settings for tests: Redis's defaults, a small budget, no eviction. */
import type { Settings } from "../../src/ports/settings.ts";

export function testSettings(changes: Partial<Settings> = {}): Settings {
  return {
    databases: 16,
    maxmemory: 0,
    maxmemoryPolicy: "noeviction",
    maxmemorySamples: 5,
    lfuLogFactor: 10,
    lfuDecayTime: 1,
    activeExpireEnabled: true,
    activeExpireEffort: 1,
    hz: 10,
    maxclients: 10_000,
    timeoutSeconds: 0,
    tcpKeepaliveSeconds: 300,
    protectedMode: true,
    requirepass: "",
    protoMaxBulkLen: 512 * 1024 * 1024,
    clientQueryBufferLimit: 1024 * 1024 * 1024,
    clientOutputBufferLimitNormal: [0, 0, 0],
    clientOutputBufferLimitPubsub: [32 * 1024 * 1024, 8 * 1024 * 1024, 60],
    latencyTracking: true,
    latencyTrackingInfoPercentiles: [50, 99, 99.9],
    enableDebugCommand: "no",
    ...changes,
  };
}
