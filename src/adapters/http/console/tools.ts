/** What the console needs besides commands. */
import type { Clock } from "../../../ports/clock.ts";
import type { BodyReader } from "../body.ts";
import type { Guard } from "../guards.ts";

export interface ConsoleTools {
  readonly body: BodyReader;
  readonly clock: Clock;
  /** How much somebody may ask for; undefined = any amount. */
  readonly limit: Guard | undefined;
}
