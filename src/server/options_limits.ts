/** The parameters that bound what all clients, or one, may take. */
import * as kinds from "./options_kinds.ts";
import { inSettings, type Parameter, parameter } from "./options_parameter.ts";

const RATE_MAX = 2 ** 31 - 1;

/** Makes them. @param group heading of the help text */
export function limitParameters(group: string): Parameter[] {
  return [
    parameter({
      name: "maxmemory-clients",
      group,
      summary:
        "Memory of the buffers of all clients together, above which those that take most are " +
        "closed; 0 = no limit",
      kind: kinds.memoryOrPercent("maxmemory"),
      place: inSettings("maxmemoryClients"),
      fallback: 0,
    }),
    parameter({
      name: "client-command-rate-limit",
      group,
      summary: "Commands per second that one connection may send, others are refused; 0 = no limit",
      kind: kinds.integer(0, RATE_MAX),
      place: inSettings("clientCommandRateLimit"),
      fallback: 0,
    }),
    parameter({
      name: "client-command-rate-burst",
      group,
      summary: "Commands that a connection may send at once after a rest; 0 = those of one second",
      kind: kinds.integer(0, RATE_MAX),
      place: inSettings("clientCommandRateBurst"),
      fallback: 0,
    }),
  ];
}
