/**
 * The stream of live figures: what was kept, then a sample every second.
 *
 *   event: history    data: {"fields":["atMs","commands",…],"rows":[[1795384051703,2,…],…]}
 *   event: sample     data: [1795384052703,0,…]
 */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { LiveFigures, LiveSample } from "../../../server/live_figures.ts";
import { fail } from "../answers.ts";
import type { HttpEnv } from "../app.ts";
import type { Run } from "./commands.ts";

/** What is sent of a sample, in this order. */
const FIELDS: readonly (keyof LiveSample)[] = [
  "atMs",
  "commands",
  "hitRatio",
  "p50Us",
  "p99Us",
  "p999Us",
  "usedBytes",
  "budgetBytes",
  "residentBytes",
  "evicted",
  "expired",
  "inputBytes",
  "outputBytes",
  "errors",
  "clients",
  "blockedClients",
  "keys",
];
/** More digits than three behind the point would be noise. */
const PRECISION = 1000;
/** Streams at a time. */
const MAX_STREAMS = 64;

export interface FiguresSource {
  readonly live: LiveFigures;
  readonly run: Run;
  /** Whether the sender of the request is still let in. */
  isLetIn(): boolean;
}

function rowOf(sample: LiveSample): (number | null)[] {
  return FIELDS.map((field) => {
    const value = sample[field];
    return value === null ? null : Math.round(value * PRECISION) / PRECISION;
  });
}

export async function streamFigures(
  c: Context<HttpEnv>,
  { live, run, isLetIn }: FiguresSource,
): Promise<Response> {
  const [info] = await run([["INFO", "server"]]);
  if (info.kind === "error") return fail(c, 403, info.text);
  if (live.watcherCount >= MAX_STREAMS) return fail(c, 503, "too many consoles are open");
  c.env?.connection?.keepOpen();
  return streamSSE(c, async (stream) => {
    let isWriting = false;
    const write = async (event: string, value: unknown): Promise<void> => {
      isWriting = true;
      await stream.writeSSE({ event, data: JSON.stringify(value) });
      isWriting = false;
    };
    await new Promise<void>((resolve) => {
      const stop = live.watch({
        // Whoever reads too slowly misses samples.
        sample: (sample) => {
          if (!isLetIn()) return end();
          if (!isWriting) write("sample", rowOf(sample)).catch(end);
        },
        ended: () => end(),
      });
      const end = (): void => {
        stop();
        resolve();
      };
      stream.onAbort(end);
      write("history", { fields: FIELDS, rows: live.history.map(rowOf) }).catch(end);
    });
  });
}
