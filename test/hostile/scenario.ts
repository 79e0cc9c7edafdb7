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
  /** How often it was played; more than once where memory was not back after the first time. */
  readonly round: number;
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
const SETTLE_MS = 15_000;
const SETTLE_STEP_MS = 100;
const ATTACK_PATIENCE_MS = 300_000;

/** What a runtime keeps after its first attack of a kind is no leak; what each one adds would be. */
const MAX_ROUNDS = 3;

/**
 * Plays an attack while somebody else uses the server. Where memory is not back afterwards, it is
 * played again, and must not add to it then.
 * @throws AssertionError when it did harm
 */
export async function play(ground: Ground, scenario: Scenario): Promise<Outcome> {
  const startMs = performance.now();
  ground.takePeak();
  for (let round = 1;; round++) {
    const before = await ground.footprint();
    const { counts, observed } = await attack(ground, scenario);
    const settleStartMs = performance.now();
    const seconds = (settleStartMs - startMs) / 1000;
    const { now: after, isBack } = await settled(ground, before);
    if (!isBack && round < MAX_ROUNDS) continue;
    const text = `before ${describe(before)}, after ${describe(after)}`;
    assert.ok(isBack, `memory did not come back in round ${round}: ${text}`);
    const settleSeconds = (performance.now() - settleStartMs) / 1000;
    const { name } = scenario, peakBytes = ground.takePeak();
    return { name, round, seconds, settleSeconds, counts, observed, before, peakBytes, after };
  }
}

async function attack(
  ground: Ground,
  scenario: Scenario,
): Promise<{ counts: Counts; observed: ObserverFigures }> {
  const observer = await Observer.start(
    () => ground.dialOwn(scenario.observer ?? "tcp"),
    ground.seed,
  );
  let counts: Counts;
  try {
    counts = await within(scenario.name, scenario.attack(ground), ATTACK_PATIENCE_MS);
  } catch (error) {
    ground.dismiss();
    // What the observer saw says more than what the attacker missed.
    await observer.stop();
    throw error;
  }
  ground.dismiss();
  assert.equal(await ground.admin("PING"), "+PONG\r\n");
  await ground.alone(2);
  const observed = await observer.stop();
  await ground.alone(0);
  return { counts, observed };
}

/** Waits until memory is back, or for as long as that may take. */
async function settled(
  ground: Ground,
  before: Footprint,
): Promise<{ now: Footprint; isBack: boolean }> {
  const mostResident = before.residentBytes * RESIDENT_SLACK + ground.scale.slackBytes;
  const mostUsed = before.usedBytes + USED_SLACK_BYTES;
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await ground.footprint();
    const isBack = now.residentBytes <= mostResident && now.usedBytes <= mostUsed;
    if (isBack || performance.now() > endMs) return { now, isBack };
    await sleep(SETTLE_STEP_MS);
  }
}

function describe({ residentBytes, usedBytes, keys }: Footprint): string {
  return `${residentBytes} resident, ${usedBytes} used, ${keys} keys`;
}
