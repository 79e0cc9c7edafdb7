import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BUSY_POLL_MS,
  BusyPoll,
  CALM_CHUNKS,
  FEW_CONNECTIONS,
  MAX_DOUBLINGS,
} from "../../../src/adapters/bun/busy_poll.ts";

/** A busy poll in an event loop whose clock and immediates are the test's. */
class Loop {
  nowMs = 1000;
  readonly #immediates: (() => void)[] = [];
  readonly poll = new BusyPoll(() => this.nowMs, (run) => this.#immediates.push(run));

  get isAwake(): boolean {
    return this.#immediates.length > 0;
  }

  /** A turn of a chunk of each sender that begins `afterMs` after what was before. */
  turn(afterMs: number, senders: readonly unknown[] = ["A"]): void {
    this.nowMs += afterMs;
    for (const sender of senders) this.poll.received(sender);
    // What was scheduled before the chunks came runs before the turn ends.
    this.#runImmediates();
    this.poll.ended();
  }

  /** One look for what is ready. */
  look(afterMs: number): void {
    this.nowMs += afterMs;
    this.#runImmediates();
  }

  /** Looks until it may sleep. */
  lookInVain(): void {
    while (this.isAwake) this.look(SOON_MS);
  }

  #runImmediates(): void {
    for (const run of this.#immediates.splice(0)) run();
  }
}

const SOON_MS = BUSY_POLL_MS / 2;
const LATE_MS = BUSY_POLL_MS * 1.1;

/** A loop in which A alone has sent for long enough, though never soon. */
function calmLoop(): Loop {
  const loop = new Loop();
  for (let i = 0; i <= CALM_CHUNKS; i++) {
    loop.turn(LATE_MS);
    assert.equal(loop.isAwake, false);
  }
  return loop;
}

test("keeps the loop awake after a turn that came soon, for as long as it says", () => {
  const loop = calmLoop();
  loop.turn(SOON_MS);
  assert.equal(loop.isAwake, true);
  loop.look(BUSY_POLL_MS * 0.9);
  assert.equal(loop.isAwake, true);
  loop.look(BUSY_POLL_MS * 0.2);
  assert.equal(loop.isAwake, false);
});

test("a turn comes soon if its first chunk does", () => {
  const loop = calmLoop();
  loop.nowMs += LATE_MS;
  loop.poll.received("A");
  loop.poll.received("A");
  loop.poll.ended();
  assert.equal(loop.isAwake, false);
  loop.nowMs += SOON_MS;
  loop.poll.received("A");
  loop.nowMs += LATE_MS;
  loop.poll.received("A");
  loop.poll.ended();
  assert.equal(loop.isAwake, true);
});

test("does so once the same few have sent for a while", () => {
  const loop = new Loop();
  const few = Array.from({ length: FEW_CONNECTIONS }, (_, i) => i);
  for (let sent = 0; sent < CALM_CHUNKS; sent += FEW_CONNECTIONS) {
    loop.turn(SOON_MS, few);
    assert.equal(loop.isAwake, false);
  }
  loop.turn(SOON_MS, few);
  assert.equal(loop.isAwake, true);
});

test("does not while more send in turn", () => {
  const loop = calmLoop();
  for (let i = 0; i < CALM_CHUNKS * 3; i++) {
    loop.turn(SOON_MS, [i % (FEW_CONNECTIONS + 1)]);
    assert.equal(loop.isAwake, false);
  }
});

test("goes on as long as chunks come", () => {
  const loop = calmLoop();
  for (let i = 0; i < 100; i++) {
    loop.turn(SOON_MS);
    assert.equal(loop.isAwake, true);
  }
});

test("what is in vain is tried again after ever more turns, up to a limit", () => {
  const loop = calmLoop();
  /** Turns that come soon, after one that came late, until the loop is kept awake. */
  const turnsToPoll = (): number => {
    loop.turn(LATE_MS);
    let turns = 0;
    for (; !loop.isAwake; turns++) loop.turn(SOON_MS);
    return turns;
  };
  const turns = [];
  for (let i = 0; i < MAX_DOUBLINGS + 2; i++) {
    turns.push(turnsToPoll());
    loop.lookInVain();
  }
  assert.deepEqual(turns, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024]);
  turnsToPoll();
  loop.turn(SOON_MS);
  loop.lookInVain();
  assert.equal(turnsToPoll(), 2, "one that was not in vain makes up for those before");
});
