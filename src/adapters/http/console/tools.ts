/** What the console needs besides commands. */
import type { Clock } from "../../../ports/clock.ts";
import type { BodyReader } from "../body.ts";

export interface ConsoleTools {
  readonly body: BodyReader;
  readonly clock: Clock;
}
