/**
 * Reads what a server traced of itself (`--slice-trace`), as stretches of time with a cause.
 *
 * The file's lines are described in src/server/slice_trace_file.ts. A batch of many commands that took no
 * longer than such commands do is a burst: each waits for those before it. One that took longer was held
 * up in between.
 */
import type { Cause, Stretch } from "./outlier_causes.ts";

/** A batch whose commands took more than so many µs each was held up; commands take 1 to 10, a write 10. */
const BURST_US_PER_COMMAND = 40;

const CAUSE_OF: Readonly<Record<string, Cause>> = {
  "command": "server: long command",
  "collection": "server: garbage collection",
  "expire-cycle": "server: expiry",
  "expire-del": "server: expiry",
  "eviction-cycle": "server: eviction",
  "eviction-del": "server: eviction",
  "compaction-cycle": "server: compaction",
  "index-split": "server: index step",
  "lazyfree-cycle": "server: freeing",
  "purge-cycle": "server: purge",
  "background": "server: other background work",
  "housekeeping": "server: other background work",
  "loop-stall": "server: event loop stalled",
};

/** What a trace holds. */
export interface ServerTrace {
  /** E.g. "bun 1.4.5". */
  readonly runtime: string;
  /** Shorter slices are not in it. */
  readonly slowerThanUs: number;
  /** Slices that were lost. */
  readonly dropped: number;
  readonly collections: number;
  readonly stretches: readonly Stretch[];
}

/** @param text the lines; a last one that is not whole is left out. @throws TypeError for anything else */
export function readTrace(text: string): ServerTrace {
  let runtime = "", slowerThanUs = 0, dropped = 0, collections = 0;
  const stretches: Stretch[] = [];
  const lines = text.split("\n").slice(0, -1);
  for (const line of lines) {
    const { trace, at, us, what, n = 0, of = "", ...rest } = JSON.parse(line);
    if (trace !== undefined) {
      if (trace !== 1) throw new TypeError(`a slice trace of version ${trace} is not known here`);
      ({ runtime, slowerThanUs } = rest);
    } else if (rest.dropped !== undefined) dropped += rest.dropped;
    else {
      if (what === "collection") collections++;
      const cause = causeOf(what, us, n);
      if (us > 0) {
        stretches.push({ startUs: at, endUs: at + us, cause, detail: nameOf(what, n, of) });
      }
    }
  }
  return { runtime, slowerThanUs, dropped, collections, stretches };
}

function causeOf(what: string, us: number, commands: number): Cause {
  const known = CAUSE_OF[what];
  if (known !== undefined && !(what === "command" && commands > 1)) return known;
  const isBurst = commands > 1 && us / commands <= BURST_US_PER_COMMAND;
  return isBurst ? "burst: behind other requests" : "server: event loop stalled";
}

function nameOf(what: string, count: number, name: string): string {
  const shown = name === "" ? what : name.toUpperCase();
  return count > 1 ? `${shown} × ${count}` : shown;
}
