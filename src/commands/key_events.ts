/**
 * What several commands say of a key that lost something, in Redis's order.
 *
 * Costs one comparison while nobody listens.
 */
import { EVENT_GENERIC } from "../engine/key_changes.ts";
import type { Call } from "./call.ts";
import type { CommandSpec } from "./spec.ts";

/**
 * Says that the key of argument `i` lost something, and, if that was all it held, that it is gone:
 * first what happened, then that the key changed, as pops do.
 * @param eventClass an EVENT_… bit @param event as Redis names it, e.g. "lpop"
 */
export function popped(
  call: Call,
  i: number,
  eventClass: number,
  event: string,
  isGone: boolean,
): void {
  if (!call.engine.keyspace.changes.isHeard) return;
  call.notify(i, eventClass, event);
  if (isGone) call.notify(i, EVENT_GENERIC, "del");
  call.touched(i);
}

/** As `popped`, but that the key changed comes first, as with removals of what is named. */
export function reduced(
  call: Call,
  i: number,
  eventClass: number,
  event: string,
  isGone: boolean,
): void {
  if (!call.engine.keyspace.changes.isHeard) return;
  call.changed(i, eventClass, event);
  if (isGone) call.notify(i, EVENT_GENERIC, "del");
}

/** Removes the key of argument `i`, if it is there, because there is nothing to be stored in it. */
export function removeDestination(call: Call, i: number): void {
  if (call.remove(i)) call.changed(i, EVENT_GENERIC, "del");
}

/**
 * Says that each key of a command changed that ran out of memory: some of its elements may have been
 * stored, and nobody knows which.
 */
export function keysMayHaveChanged(call: Call, { keys, findKeys }: CommandSpec): void {
  if (!call.engine.keyspace.changes.isHeard) return;
  if (findKeys !== undefined) {
    findKeys(call.batch, call.first, call.argc, (position) => call.touched(position));
  } else if (keys !== undefined) {
    const [first, last, step] = keys;
    const end = last < 0 ? call.argc + last : last;
    for (let position = first; position <= end; position += step) call.touched(position);
  }
}
