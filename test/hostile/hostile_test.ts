/** Hostile clients, at a size that fits into the suite; `test/hostile/main.ts` plays them at full size. */
import { after, before, test } from "node:test";
import { killProcesses } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Ground } from "./ground.ts";
import { SHORT } from "./scale.ts";
import { play } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { seedOf } from "./seed.ts";

const seed = seedOf();
let ground: Ground;

before(async () => {
  ground = await Ground.start(SHORT, seed);
});

after(async () => {
  await ground?.close();
  closeClients();
  await killProcesses();
});

for (const scenario of SCENARIOS) {
  test(scenario.name, async (t) => {
    if (scenario.needsTls === true && !ground.hasTls) return t.skip("openssl is not installed");
    try {
      await play(ground, scenario);
    } catch (error) {
      throw new Error(`HOSTILE_SEED=${seed} replays it`, { cause: error });
    }
  });
}
