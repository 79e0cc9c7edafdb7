/** Attacks by connections: opened and dropped in any state, all at once, and with their process. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { encodeCommand } from "../support/frames.ts";
import { IS_DENO, TestProcess } from "../support/test_server.ts";
import { sleep, until, within } from "../support/wait.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Ground } from "./ground.ts";
import type { Counts, Scenario } from "./scenario.ts";

/** Connections of the first attack that are open at the same time. */
const WINDOW_SHARE = 0.1;
/**
 * Deno takes connections in one by one and keeps 511 of them waiting; those beyond have to try again after
 * seconds.
 */
const MOST_GUESTS = 400;
const VALUE = Buffer.alloc(20_000, "v");

type Act = (client: WireClient, i: number) => void;

/** What a connection may be in the middle of when it goes. */
const ACTS: readonly Act[] = [
  () => {},
  (client) => client.send("PING\r\n"),
  (client) => client.send("*2\r\n$4\r\nEC"),
  (client) => client.sendCommands(Array.from({ length: 50 }, () => ["ECHO", VALUE])),
  (client, i) => client.sendCommands([["WATCH", `w:${i % 50}`], ["MULTI"], ["SET", "x:k", "v"]]),
  (client, i) => client.sendCommands([["SUBSCRIBE", `c:${i % 50}`], ["PSUBSCRIBE", `p:${i}*`]]),
  (client, i) => client.sendCommands([["BLPOP", `b:${i % 50}`, 0], ["PING"]]),
  (client) => client.sendCommands([["HELLO", 3], ["CLIENT", "TRACKING", "ON"], ["GET", "x:t"]]),
  (client) => client.sendCommands([["MONITOR"]]),
  (client) => client.sendCommands([["CLIENT", "REPLY", "OFF"], ["ECHO", VALUE], ["ECHO", VALUE]]),
  (client) => client.sendCommands([["SET", "x:k", VALUE, "PX", 500], ["GET", "x:k"]]),
  (client) => client.sendCommands([["CLIENT", "KILL", "ID", 1_000_000_000], ["QUIT"]]),
];

type Leave = (client: WireClient) => void;

const LEAVES: readonly Leave[] = [
  (client) => client.close(),
  (client) => void client.socket.resetAndDestroy(),
  (client) => {
    client.endSending();
    client.socket.once("end", () => client.close());
    setTimeout(() => client.close(), 100);
  },
];

async function comeAndGo(ground: Ground): Promise<Counts> {
  const { random, scale } = ground;
  let opened = 0;
  const guest = async (): Promise<void> => {
    while (opened < scale.connections) {
      const i = opened++;
      const act = ACTS[random.below(ACTS.length)], leave = LEAVES[random.below(LEAVES.length)];
      const stayMs = random.below(30), isReading = random.below(4) > 0;
      const client = await ground.dial(random.below(4) === 0 ? "unix" : "tcp");
      if (!isReading) client.pause();
      act(client, i);
      if (stayMs > 3) await sleep(stayMs);
      leave(client);
    }
  };
  const guests = Math.min(Math.floor(scale.connections * WINDOW_SHARE), MOST_GUESTS);
  await Promise.all(Array.from({ length: guests }, guest));
  await ground.alone(2);
  for (const name of ["blocked_clients", "watching_clients", "tracking_clients"]) {
    assert.equal(await ground.figure(name), 0, name);
  }
  assert.equal(await ground.figure("pubsub_clients"), 1, "the observer's own");
  await ground.admin("DEL", "x:k");
  return { connections: opened };
}

async function allAtOnce(ground: Ground): Promise<Counts> {
  const count = ground.scale.connections;
  const clients = await ground.dialMany(count);
  for (const client of clients) client.sendCommands([["PING"]]);
  for (const client of clients) assert.equal(await client.readText(), "+PONG\r\n");
  assert.ok(await ground.figure("connected_clients") >= count);
  for (const [i, client] of clients.entries()) {
    if (i % 2 === 0) client.close();
    else client.socket.resetAndDestroy();
  }
  return { connections: count };
}

const PROGRAM = "test/hostile/doomed_client.ts";

/** Programs with open transactions, watches, waits and subscriptions, killed without warning. */
async function killedProcesses(ground: Ground): Promise<Counts> {
  const { address } = ground;
  assert.ok(address.kind === "tcp");
  const perProcess = ground.scale.crowd;
  const rounds = ground.scale.name === "full" ? 5 : 1;
  for (let round = 0; round < rounds; round++) {
    const before = IS_DENO ? ["run", "-A", "--no-check"] : [];
    const child = new TestProcess(process.execPath, [
      ...[...before, PROGRAM, String(address.port), String(perProcess)],
    ]);
    await child.seen("all is open");
    await until("their state", async () => {
      return await ground.figure("watching_clients") === perProcess &&
        await ground.figure("blocked_clients") === perProcess;
    });
    child.signal("SIGKILL");
    await within("the end of the client", child.exited);
    await ground.alone(2);
    for (const name of ["blocked_clients", "watching_clients", "tracking_clients"]) {
      assert.equal(await ground.figure(name), 0, name);
    }
    // Nothing of what was queued has run, and nobody takes what is pushed.
    assert.equal(await ground.admin("EXISTS", "doomed:queued"), ":0\r\n");
    assert.equal(await ground.admin("RPUSH", "doomed:list", "a"), ":1\r\n");
    assert.equal(await ground.admin("DEL", "doomed:list"), ":1\r\n");
  }
  return { processes: rounds, connections: rounds * perProcess * 3 };
}

/** Strangers at the TLS port who never shake hands, or send anything else. */
async function brokenHandshakes(ground: Ground): Promise<Counts> {
  const { random, scale } = ground;
  const count = Math.floor(scale.connections / 5);
  const hello = Buffer.from("1603010200010001fc0303", "hex");
  const bytes = [Buffer.alloc(0), Buffer.from("PING\r\n"), hello, encodeCommand(["GET", "k"])];
  let done = 0;
  while (done < count) {
    const some = Math.min(50, count - done);
    done += some;
    await Promise.all(Array.from({ length: some }, async () => {
      const client = random.below(4) === 0
        ? await ground.dial("tls")
        : await ground.dialTlsPlainly();
      client.send(bytes[random.below(bytes.length)]);
      await sleep(random.below(20));
      LEAVES[random.below(2)](client);
    }));
  }
  return { connections: done };
}

export const CONNECTION_SCENARIOS: readonly Scenario[] = [
  { name: "connections come and go in any state", observer: "unix", attack: comeAndGo },
  { name: "as many connections at once", attack: allAtOnce },
  { name: "processes with open transactions are killed", attack: killedProcesses },
  {
    name: "TLS handshakes that break",
    observer: "tls",
    needsTls: true,
    attack: brokenHandshakes,
  },
];
