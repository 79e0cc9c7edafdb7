/** One kind of attack, and what must hold after every one of them. */
import assert from "node:assert/strict";
import { sleep, within } from "../support/wait.ts";
import type { Door, Footprint, Ground } from "./ground.ts";
import { Observer, type ObserverFigures } from "./observer.ts";

/** What an attack did, as counts by name. */
export type Counts = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  /** How the observer comes in. */
  readonly observer?: Door;
  readonly needsTls?: boolean;
  attack(ground: Ground): Promise<Counts>;
}

export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  /** How long it took until memory was back. */
  readonly settleSeconds: number;
  readonly counts: Counts;
  readonly observed: ObserverFigures;
  readonly before: Footprint;
  readonly peakBytes: number;
  readonly after: Footprint;
}

/** How much more may be resident than before. */
const RESIDENT_SLACK = 1.1;
/** How much more may be counted as used: less than one page of the arena for each size of buffer. */
const USED_SLACK_BYTES = 512 * 1024;
/** How long the runtime's collector may take to give memory back. */
const SETTLE_MS = 20_000;
const SETTLE_STEP_MS = 100;
const ATTACK_PATIENCE_MS = 300_000;

/** Plays an attack while somebody else uses the server. @throws AssertionError when it did harm */
export async function play(ground: Ground, scenario: Scenario): Promise<Outcome> {
  const before = await ground.footprint();
  ground.takePeak();
  const observer = await Observer.start(
    () => ground.dialOwn(scenario.observer ?? "tcp"),
    ground.seed,
  );
  const startMs = performance.now();
  let counts: Counts;
  try {
    counts = await within(scenario.name, scenario.attack(ground), ATTACK_PATIENCE_MS);
  } catch (error) {
    ground.dismiss();
    // What the observer saw says more than what the attacker missed.
    await observer.stop();
    throw error;
  }
  const seconds = (performance.now() - startMs) / 1000;
  ground.dismiss();
  assert.equal(await ground.admin("PING"), "+PONG\r\n");
  await ground.alone(2);
  const observed = await observer.stop();
  await ground.alone(0);
  const peakBytes = ground.takePeak();
  const settleStartMs = performance.now();
  const after = await settled(ground, before);
  const settleSeconds = (performance.now() - settleStartMs) / 1000;
  const { name } = scenario;
  return { name, seconds, settleSeconds, counts, observed, before, peakBytes, after };
}

/** Waits until memory is back. @throws AssertionError when it does not come back */
async function settled(ground: Ground, before: Footprint): Promise<Footprint> {
  const mostResident = before.residentBytes * RESIDENT_SLACK;
  const mostUsed = before.usedBytes + USED_SLACK_BYTES;
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await ground.footprint();
    const isBack = now.residentBytes <= mostResident && now.usedBytes <= mostUsed;
    if (isBack) return now;
    if (performance.now() > endMs) {
      assert.fail(
        `memory did not come back: before ${describe(before)}, after ${describe(now)}, ` +
          `allowed ${Math.round(mostResident)} resident and ${mostUsed} used`,
      );
    }
    await sleep(SETTLE_STEP_MS);
  }
}

function describe({ residentBytes, usedBytes, keys }: Footprint): string {
  return `${residentBytes} resident, ${usedBytes} used, ${keys} keys`;
}
