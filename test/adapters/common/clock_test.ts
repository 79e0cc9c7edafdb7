import { createClock } from "../../../src/adapters/common/clock.ts";
import { clockContract } from "../clock_contract.ts";

/** The clock's own timers keep nothing alive, so the test waits with one that does. */
const pass = (_: unknown, ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

clockContract("machine's clock", createClock, pass);
