/** The parameters of the slow log, the latency monitor and the log. */
import type { LogThreshold } from "../ports/settings.ts";
import * as kinds from "./options_kinds.ts";
import { inOptions, inSettings, type Parameter, parameter } from "./options_parameter.ts";

/** In the order of Redis's error message. */
const LEVELS = ["debug", "verbose", "notice", "warning", "nothing"] as const satisfies //
readonly LogThreshold[];
const MAX_PATH_BYTES = 4095;

/** @param insight heading of what is measured @param log heading of the log */
export function insightParameters(insight: string, log: string): readonly Parameter[] {
  return [
    parameter({
      name: "slowlog-log-slower-than",
      group: insight,
      summary: "Microseconds from which on a command is in SLOWLOG; 0 = every one, -1 = none",
      kind: kinds.integer(-1, Number.MAX_SAFE_INTEGER),
      place: inSettings("slowlogLogSlowerThan"),
      fallback: 10_000,
    }),
    parameter({
      name: "slowlog-max-len",
      group: insight,
      summary: "Commands that SLOWLOG keeps",
      kind: kinds.integer(0, Number.MAX_SAFE_INTEGER),
      place: inSettings("slowlogMaxLen"),
      fallback: 128,
    }),
    parameter({
      name: "latency-monitor-threshold",
      group: insight,
      summary: "Milliseconds from which on LATENCY keeps an event; 0 = measure none",
      kind: kinds.integer(0, Number.MAX_SAFE_INTEGER),
      place: inSettings("latencyMonitorThreshold"),
      fallback: 0,
    }),
    parameter({
      name: "loglevel",
      group: log,
      summary: "What is logged: this and what is more important",
      kind: kinds.oneOf(LEVELS, "LEVEL"),
      place: inSettings("loglevel"),
      fallback: "notice",
    }),
    parameter({
      name: "logfile",
      group: log,
      summary: "Path of the file that the log is appended to; empty = the standard output",
      kind: kinds.text({
        placeholder: "PATH",
        allowed: `a path of at most ${MAX_PATH_BYTES} bytes`,
        maxBytes: MAX_PATH_BYTES,
      }),
      place: inOptions("logfile"),
      fallback: "",
      shownDefault: '""',
      isMutable: false,
    }),
    parameter({
      name: "slice-trace",
      group: log,
      summary: "Path of a file that is told what the process did and when; empty = none",
      kind: kinds.text({
        placeholder: "PATH",
        allowed: `a path of at most ${MAX_PATH_BYTES} bytes`,
        maxBytes: MAX_PATH_BYTES,
      }),
      place: inOptions("sliceTrace"),
      fallback: "",
      shownDefault: '""',
      isMutable: false,
    }),
    parameter({
      name: "slice-trace-slower-than",
      group: log,
      summary: "Microseconds from which on a slice of work is traced; 0 = every one",
      kind: kinds.integer(0, Number.MAX_SAFE_INTEGER),
      place: inOptions("sliceTraceSlowerThan"),
      fallback: 100,
    }),
    parameter({
      name: "log-format",
      group: log,
      summary: "Lines of text, or of JSON with time, level and message",
      kind: kinds.oneOf(["text", "json"], "text|json"),
      place: inSettings("logFormat"),
      fallback: "text",
    }),
  ];
}
