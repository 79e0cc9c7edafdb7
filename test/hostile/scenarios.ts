/** All scenarios, in the order in which they are played. */
import { CONNECTION_SCENARIOS } from "./connections.ts";
import { FLOODING_SCENARIOS } from "./flooding.ts";
import { FRAME_SCENARIOS } from "./frames.ts";
import { LIMIT_SCENARIOS } from "./limits.ts";
import type { Scenario } from "./scenario.ts";
import { SLOW_CLIENT_SCENARIOS } from "./slow_clients.ts";
import { STORM_SCENARIOS } from "./storms.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...CONNECTION_SCENARIOS,
  ...SLOW_CLIENT_SCENARIOS,
  ...FRAME_SCENARIOS,
  ...FLOODING_SCENARIOS,
  ...LIMIT_SCENARIOS,
  ...STORM_SCENARIOS,
];
