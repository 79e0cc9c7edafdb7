/** Attacks by state: subscriptions, watches, queues, waits and tracking without end, and then dropped. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { sleep, until } from "../support/wait.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Ground } from "./ground.ts";
import type { Counts, Scenario } from "./scenario.ts";

/** Names that one command of a storm gives. */
const PER_COMMAND = 100;
/** Channels or keys that all clients of a storm share. */
const POOL_FACTOR = 2;
const MAX_STORMERS = 100;

function drop(clients: readonly WireClient[]): void {
  for (const [i, client] of clients.entries()) {
    if (i % 2 === 0) client.close();
    else client.socket.resetAndDestroy();
  }
}

/** Sends one command with so many names, in parts. @returns how many commands that took */
function sendNames(client: WireClient, command: string, names: readonly string[]): number {
  let commands = 0;
  for (let at = 0; at < names.length; at += PER_COMMAND) {
    client.sendCommands([[command, ...names.slice(at, at + PER_COMMAND)]]);
    commands++;
  }
  return commands;
}

/** Names out of a pool that the clients share, others for each of them. */
function namesOf(prefix: string, client: number, count: number): string[] {
  const pool = count * POOL_FACTOR;
  return Array.from({ length: count }, (_, i) => `${prefix}:${(client * 7 + i) % pool}`);
}

async function subscribeStorm(ground: Ground): Promise<Counts> {
  const { crowd, perClient } = ground.scale;
  const clients = await ground.dialMany(Math.min(MAX_STORMERS, crowd));
  const patterns = Math.max(1, Math.floor(perClient / 200));
  await Promise.all(clients.map(async (client, i) => {
    sendNames(client, "SUBSCRIBE", namesOf("storm", i, perClient));
    sendNames(client, "SSUBSCRIBE", namesOf("shard", i, perClient / 10));
    sendNames(client, "PSUBSCRIBE", namesOf("storm:pattern*", i, patterns));
    await client.readAll(perClient + perClient / 10 + patterns);
  }));
  assert.equal(await ground.figure("pubsub_clients"), clients.length + 1);
  const subscriptions = clients.length * perClient;
  // Everybody who has the channel gets the message, once.
  const name = namesOf("storm", 0, perClient)[0];
  const wanted = clients.filter((_, i) => namesOf("storm", i, perClient).includes(name));
  assert.equal(await ground.admin("PUBLISH", name, "hello"), `:${wanted.length}\r\n`);
  for (const client of wanted) assert.match(await client.readText(), /^\*3\r\n\$7\r\nmessage\r\n/);
  drop(clients);
  await ground.alone(2);
  assert.equal(await ground.figure("pubsub_channels"), 1, "the observer's channel");
  assert.equal(await ground.figure("pubsub_patterns"), 0);
  assert.equal(await ground.figure("pubsubshard_channels"), 0);
  return { clients: clients.length, subscriptions };
}

async function watchStorm(ground: Ground): Promise<Counts> {
  const { crowd, perClient } = ground.scale;
  const clients = await ground.dialMany(Math.min(MAX_STORMERS, crowd));
  await Promise.all(clients.map(async (client, i) => {
    const commands = sendNames(client, "WATCH", namesOf("watched", i, perClient));
    await client.readAll(commands);
  }));
  assert.equal(await ground.figure("watching_clients"), clients.length);
  // One in four finds its transaction aborted, the others run theirs, and the rest never says EXEC.
  const touched = namesOf("watched", 0, perClient)[0];
  assert.equal(await ground.admin("SET", touched, "v"), "+OK\r\n");
  for (const [i, client] of clients.entries()) {
    if (i % 2 === 0) continue;
    client.sendCommands([["MULTI"], ["PING"], ["EXEC"]]);
    const [, , result] = await client.readAll(3);
    const isAborted = namesOf("watched", i, perClient).includes(touched);
    assert.equal(String(result), isAborted ? "*-1\r\n" : "*1\r\n+PONG\r\n");
  }
  drop(clients);
  await ground.alone(2);
  assert.equal(await ground.figure("watching_clients"), 0);
  assert.equal(await ground.admin("DEL", touched), ":1\r\n");
  return { clients: clients.length, keys: clients.length * perClient };
}

const QUEUED_COMMANDS = 100;

async function neverExecuted(ground: Ground): Promise<Counts> {
  const { crowd } = ground.scale;
  const value = "q".repeat(1000);
  const clients = await ground.dialMany(crowd);
  await Promise.all(clients.map(async (client) => {
    client.sendCommands([
      ["MULTI"],
      ...Array.from({ length: QUEUED_COMMANDS }, (_, i) => ["SET", `queued:${i}`, value]),
    ]);
    await client.readAll(1 + QUEUED_COMMANDS);
  }));
  const used = await ground.figure("used_memory");
  assert.ok(used > crowd * QUEUED_COMMANDS * 1000, "what is queued is counted");
  drop(clients);
  await ground.alone(2);
  assert.equal(await ground.admin("EXISTS", "queued:0"), ":0\r\n");
  return { clients: crowd, commands: crowd * QUEUED_COMMANDS };
}

const KEYS_WAITED_FOR = 20;

async function blockedClients(ground: Ground): Promise<Counts> {
  const count = ground.scale.connections / 4;
  const keys = Array.from({ length: KEYS_WAITED_FOR }, (_, i) => `wait:${i}`);
  const clients = await ground.dialMany(count);
  for (const [i, client] of clients.entries()) {
    client.sendCommands(
      i % 3 === 0
        ? [["BLPOP", ...keys, 0]]
        : i % 3 === 1
        ? [["BZPOPMIN", ...keys, 0]]
        : [["XREAD", "BLOCK", 0, "STREAMS", keys[i % KEYS_WAITED_FOR], "$"]],
    );
  }
  const isWaiting = async () => await ground.figure("blocked_clients") === count;
  await until("all to wait", isWaiting);
  const [staying, going] = [clients.slice(0, 9), clients.slice(9)];
  drop(going);
  await ground.alone(2 + staying.length);
  assert.equal(await ground.figure("blocked_clients"), staying.length);
  // The dead take nothing: what is pushed goes to those who are there, and then it stays.
  for (const client of staying.filter((_, i) => i % 3 === 0)) {
    assert.match(await ground.admin("RPUSH", "wait:0", "a"), /^:/);
    assert.equal(await client.readText(), "*2\r\n$6\r\nwait:0\r\n$1\r\na\r\n");
  }
  assert.equal(await ground.admin("RPUSH", "wait:0", "b"), ":1\r\n");
  assert.equal(await ground.admin("LLEN", "wait:0"), ":1\r\n");
  assert.equal(await ground.admin("DEL", "wait:0"), ":1\r\n");
  drop(staying);
  await ground.alone(2);
  assert.equal(await ground.figure("blocked_clients"), 0);
  return { clients: count };
}

async function trackingStorm(ground: Ground): Promise<Counts> {
  const { crowd, perClient } = ground.scale;
  const clients = await ground.dialMany(Math.min(MAX_STORMERS, crowd));
  await Promise.all(clients.map(async (client, i) => {
    client.sendCommands([["HELLO", 3]]);
    const how = i % 4 === 0 ? ["BCAST", "PREFIX", "tracked:", "PREFIX", `own:${i}:`] : [];
    client.sendCommands([["CLIENT", "TRACKING", "ON", ...how]]);
    const commands = sendNames(client, "MGET", namesOf("tracked", i, perClient));
    await client.readAll(2 + commands);
    if (i % 4 === 1) client.pause();
  }));
  assert.equal(await ground.figure("tracking_clients"), clients.length);
  assert.ok(await ground.figure("tracking_total_keys") >= perClient);
  // Each key is told to a client once, however often it is written.
  const changed = namesOf("tracked", 2, Math.min(perClient, PER_COMMAND));
  const writes = changed.flatMap((key) => [key, "v"]);
  assert.equal(await ground.admin("MSET", ...writes), "+OK\r\n");
  assert.equal(await ground.admin("MSET", ...writes), "+OK\r\n");
  const told = new Set<string>();
  const isTold = () => changed.every((key) => told.has(key));
  while (!isTold()) {
    const text = await clients[2].readText();
    assert.match(text, /^>2\r\n\$10\r\ninvalidate\r\n/);
    for (const [key] of text.matchAll(/tracked:\d+/g)) {
      assert.equal(told.has(key), false, `${key} was told twice`);
      told.add(key);
    }
  }
  drop(clients);
  await ground.alone(2);
  await ground.admin("DEL", ...changed);
  for (const name of ["tracking_clients", "tracking_total_prefixes"]) {
    assert.equal(await ground.figure(name), 0, name);
  }
  return { clients: clients.length, keys: clients.length * perClient };
}

const MONITOR_LIMIT_BYTES = 2 * 1024 * 1024;
const MONITORED_VALUE = Buffer.alloc(16 * 1024, "m");
/** Each monitor sees some times the limit, beyond what the kernel keeps. */
const MONITORED_COMMANDS = 1000;

async function slowMonitors(ground: Ground): Promise<Counts> {
  const count = Math.max(4, ground.scale.crowd / 10);
  const limit = `normal ${MONITOR_LIMIT_BYTES} 0 0`;
  await ground.withSettings({ "client-output-buffer-limit": limit }, async () => {
    const before = await ground.figure("client_output_buffer_limit_disconnections");
    for (const monitor of await ground.dialMany(count)) {
      assert.equal(await monitor.call("MONITOR"), "+OK\r\n");
      monitor.pause();
    }
    const busy = await ground.dial();
    for (let i = 0; i < MONITORED_COMMANDS; i++) {
      assert.equal(await busy.call("EXISTS", MONITORED_VALUE), ":0\r\n");
    }
    await until("the monitors to be cut off", async () => {
      const now = await ground.figure("client_output_buffer_limit_disconnections");
      return now - before === count;
    });
  });
  return { monitors: count, commands: MONITORED_COMMANDS };
}

const FLOOD_COMMANDS = 5000;

async function unheardFlood(ground: Ground): Promise<Counts> {
  const { crowd } = ground.scale;
  const clients = await ground.dialMany(crowd);
  const flood = Array.from({ length: FLOOD_COMMANDS }, () => ["INCR", "flood:n"]);
  for (const client of clients) {
    client.sendCommands([["CLIENT", "REPLY", "OFF"], ...flood, ["CLIENT", "REPLY", "ON"]]);
    await sleep(0);
  }
  for (const client of clients) assert.equal(await client.readText(), "+OK\r\n");
  for (const client of clients) assert.equal(client.frameCount, 0);
  const total = String(crowd * FLOOD_COMMANDS);
  assert.equal(await ground.admin("GET", "flood:n"), `$${total.length}\r\n${total}\r\n`);
  await ground.admin("DEL", "flood:n");
  return { clients: crowd, commands: crowd * FLOOD_COMMANDS };
}

export const STORM_SCENARIOS: readonly Scenario[] = [
  { name: "storm of subscriptions", observer: "unix", attack: subscribeStorm },
  { name: "storm of watches", attack: watchStorm },
  { name: "transactions that are never executed", attack: neverExecuted },
  { name: "blocked clients that go", attack: blockedClients },
  { name: "storm of tracked keys", attack: trackingStorm },
  { name: "monitors that never read", attack: slowMonitors },
  { name: "floods without replies", attack: unheardFlood },
];
