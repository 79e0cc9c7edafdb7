/**
 * Garbage collection on demand.
 *
 * V8 collects when more is allocated. Buffers of connections that are gone would stay resident for as
 * long as the server has little to do.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8's own function, which a context has only when it was made while the flag was set. */
let collect: (() => void) | undefined;

/** Collects all garbage now: some milliseconds, for the store is outside of V8's heap. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
    setFlagsFromString("--no-expose-gc");
  }
  collect();
}
