/** What the commands of hashes tell about the key in argument 1 when its fields expire. */
import { EVENT_HASH } from "../../engine/key_changes.ts";
import type { Call } from "../call.ts";
import { reduced } from "../key_events.ts";

/**
 * Fields got, changed or lost the time that they expire at, or went at once as it was past: in one
 * command it is the same for all of them.
 * @param event of those that stay
 * @param isGone whether the key went with its last field
 */
export function tellExpiries(
  call: Call,
  event: "hexpire" | "hpersist",
  stayed: number,
  removed: number,
  isGone: boolean,
): void {
  if (stayed > 0) call.changed(1, EVENT_HASH, event);
  else if (removed > 0) reduced(call, 1, EVENT_HASH, "hdel", isGone);
}
