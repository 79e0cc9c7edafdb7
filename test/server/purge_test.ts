/** PURGE over a connection: its slices run between those of other clients' work. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";

const KEYS = 60_000;
const PER_COMMAND = 1000;

const servers: TestServer[] = [];
after(async () => {
  closeClients();
  for (const server of servers) await server.close();
});

for (const keyIndex of ["hash", "radix"]) {
  test(`others are served while a PURGE runs, key-index ${keyIndex}`, async () => {
    const server = await startTestServer("--key-index", keyIndex);
    servers.push(server);
    const [purges, pings] = [await connect(server.address), await connect(server.address)];
    const load = async (): Promise<void> => {
      for (let from = 0; from < KEYS; from += PER_COMMAND) {
        const pairs = Array.from({ length: PER_COMMAND }, (_, i) => [`user:${from + i}`, "v"]);
        await purges.call("MSET", ...pairs.flat());
      }
      await purges.call("SET", "other", "v");
    };
    await load();
    purges.send("PURGE PREFIX user:\r\nDBSIZE\r\n");
    let pongs = 0;
    while (purges.frameCount === 0) {
      assert.equal(await pings.call("PING"), "+PONG\r\n");
      pongs++;
    }
    assert.ok(pongs > 3, `${pongs} PINGs were answered meanwhile`);
    assert.equal(await purges.readText(), `:${KEYS}\r\n`);
    assert.equal(await purges.readText(), ":1\r\n");

    await load();
    assert.equal(await purges.call("PURGE", "PREFIX", "user:", "ASYNC"), "+OK\r\n");
    assert.notEqual(await pings.call("DBSIZE"), ":1\r\n");
    await until("the end", async () => await pings.call("DBSIZE") === ":1\r\n");

    // Whoever asked for it may go; it is done all the same.
    await load();
    const leaves = await connect(server.address);
    leaves.send("PURGE PREFIX user:\r\n");
    await until("a start", async () => await pings.call("DBSIZE") !== `:${KEYS + 1}\r\n`);
    leaves.socket.destroy();
    await until("the end", async () => await pings.call("DBSIZE") === ":1\r\n");
  });
}
