/** The soak for a few seconds; `test/hostile/soak_main.ts` runs it for ten minutes. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sized } from "../support/sizes.ts";
import { killProcesses } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Ground } from "./ground.ts";
import { SHORT } from "./scale.ts";
import { seedOf } from "./seed.ts";
import { highsOf, slopeOf, soak, SOAK_FLAGS } from "./soak.ts";

const SECONDS = sized(6, 8);

after(async () => {
  closeClients();
  await killProcesses();
});

test("mixed load and killed clients: no reply is wrong, and memory stays", async () => {
  const seed = seedOf();
  const ground = await Ground.start(SHORT, seed, ...SOAK_FLAGS);
  try {
    const figures = await soak(ground, SECONDS);
    for (const name of ["commands", "transactions", "kills", "evicted", "expired"] as const) {
      assert.ok(figures[name] > 0, `${name}: ${figures[name]}`);
    }
  } catch (error) {
    throw new Error(`HOSTILE_SEED=${seed} replays it`, { cause: error });
  } finally {
    await ground.close();
  }
});

test("the slope is that of the line through the samples", () => {
  assert.equal(slopeOf([[0, 10], [30, 20], [60, 30]]), 20);
  assert.equal(slopeOf([[0, 5], [60, 5]]), 0);
  assert.equal(slopeOf([[1, 5]]), 0);
});

test("memory that rises and falls has level highs, and a leak lifts them", () => {
  const samples = (leak: number): (readonly [number, number])[] =>
    Array.from({ length: 600 }, (_, at) => [at, 1000 + at % 50 + leak * at] as const);
  assert.equal(slopeOf(highsOf(samples(0), 600)), 0);
  assert.ok(Math.abs(slopeOf(highsOf(samples(2), 600)) - 120) < 1e-6);
  assert.deepEqual(highsOf([[9, 5], [70, 8]], 60), []);
  assert.deepEqual(highsOf([[5, 9], [15, 5], [16, 6]], 60), [[15, 6]]);
});
