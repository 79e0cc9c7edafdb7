// Every method answers over every door of a server what it answers in process.

import { after, before, test } from "node:test";
import { recordMethods, replay } from "./recording.ts";
import { type ClientServer, DOORS, startClientServer } from "./servers.ts";

const RECORDINGS = recordMethods();

let server: ClientServer;

before(async () => {
  server = await startClientServer(true);
});

after(() => server.close());

for (const door of DOORS) {
  test(`every method answers over ${door} what it answers in process`, async () => {
    await using client = await server.open(door);
    for (const [name, calls] of RECORDINGS) {
      await client.flushall();
      try {
        await replay(client, calls);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}
