/** Attacks on the limits of what clients may take, and on passwords. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { sleep, until } from "../support/wait.ts";
import type { Ground } from "./ground.ts";
import type { Counts, Scenario } from "./scenario.ts";

const MIB = 1024 * 1024;
const MOMENT_MS = 50;

/** Waits until a counter of INFO stands so much higher. */
async function risen(ground: Ground, name: string, before: number, by: number): Promise<void> {
  await until(`${name} to rise by ${by}`, async () => await ground.figure(name) - before >= by);
  assert.equal(await ground.figure(name), before + by, name);
}

const DISCONNECTED_QUERY = "client_query_buffer_limit_disconnections";
const DISCONNECTED_OUTPUT = "client_output_buffer_limit_disconnections";

/** An unfinished frame of exactly so many bytes. */
function unfinished(bytes: number): Buffer {
  const head = Buffer.from(`*2\r\n$4\r\nECHO\r\n$${4 * MIB}\r\n`);
  return Buffer.concat([head, Buffer.alloc(bytes - head.length, "u")]);
}

async function queryBuffers(ground: Ground): Promise<Counts> {
  const count = Math.max(4, ground.scale.crowd / 4);
  await ground.withSettings({ "client-query-buffer-limit": "1mb" }, async () => {
    let before = await ground.figure(DISCONNECTED_QUERY);
    const clients = await ground.dialMany(count);
    for (const client of clients) client.send(unfinished(MIB));
    await sleep(MOMENT_MS);
    for (const client of clients) assert.equal(client.isOver, false, "at the limit");
    for (const client of clients) client.send("u");
    await risen(ground, DISCONNECTED_QUERY, before, count);

    // What waits for EXEC counts, too.
    before += count;
    const queue = await ground.dialMany(count);
    const value = Buffer.alloc(16 * 1024, "q");
    for (const client of queue) {
      client.sendCommands([["MULTI"], ...Array.from({ length: 60 }, () => ["SET", "q", value])]);
    }
    for (const client of queue) await client.readAll(61);
    for (const client of queue) {
      client.sendCommands(Array.from({ length: 6 }, () => ["SET", "q", value]));
    }
    await risen(ground, DISCONNECTED_QUERY, before, count);
    assert.equal(await ground.admin("EXISTS", "q"), ":0\r\n");
  });
  return { clients: 2 * count };
}

async function outputBuffers(ground: Ground): Promise<Counts> {
  const count = Math.max(4, ground.scale.crowd / 4);
  const limits = "normal 2mb 0 0 pubsub 1mb 0 0";
  const message = "o".repeat(64 * 1024);
  await ground.admin("SETRANGE", "out:big", 16 * MIB - 1, "x");
  await ground.withSettings({ "client-output-buffer-limit": limits }, async () => {
    let before = await ground.figure(DISCONNECTED_OUTPUT);
    for (const client of await ground.dialMany(count)) {
      client.pause();
      client.sendCommands([["GET", "out:big"]]);
    }
    await risen(ground, DISCONNECTED_OUTPUT, before, count);

    before += count;
    const good = await ground.dial();
    assert.match(await good.call("SUBSCRIBE", "out:news"), /^\*3/);
    for (const client of await ground.dialMany(count)) {
      assert.match(await client.call("SUBSCRIBE", "out:news"), /^\*3/);
      client.pause();
    }
    let sent = 0;
    for (let left = count + 1; left > 1; sent++) {
      left = Number((await ground.admin("PUBLISH", "out:news", message)).slice(1));
      assert.ok((await good.read()).length > message.length, "who reads misses nothing");
      assert.ok(sent < 10_000, "those who do not read stay");
    }
    await risen(ground, DISCONNECTED_OUTPUT, before, count);
  });
  await ground.admin("DEL", "out:big");
  return { clients: 2 * count };
}

const TOO_MANY = "-ERR max number of clients reached\r\n";

async function tooManyClients(ground: Ground): Promise<Counts> {
  const { crowd } = ground.scale;
  const connected = await ground.figure("connected_clients");
  await ground.withSettings({ maxclients: String(connected + crowd) }, async () => {
    const clients = await ground.dialMany(crowd);
    for (const client of clients) assert.equal(await client.call("PING"), "+PONG\r\n");
    for (const client of await ground.dialMany(crowd)) {
      assert.equal(await client.readToEnd(), TOO_MANY);
      client.close();
    }
    clients[0].close();
    await until(
      "one to be gone",
      async () => await ground.figure("connected_clients") < connected + crowd,
    );
    assert.equal(await (await ground.dial()).call("PING"), "+PONG\r\n");
  });
  return { connections: 2 * crowd + 1 };
}

async function hungryClients(ground: Ground): Promise<Counts> {
  const count = Math.max(10, ground.scale.crowd / 4);
  const limit = count * MIB;
  await ground.withSettings({ "maxmemory-clients": String(limit) }, async () => {
    const before = await ground.figure("evicted_clients");
    for (const client of await ground.dialMany(count)) client.send(unfinished(3 * MIB));
    await until("some to be closed", async () => await ground.figure("evicted_clients") > before);
    await until("the rest to fit", async () => await ground.figure("mem_clients_normal") <= limit);
  });
  return { clients: count };
}

const RATE = 4000;

async function fastClients(ground: Ground): Promise<Counts> {
  const sent = 2 * RATE;
  const settings = { "client-command-rate-limit": String(RATE) };
  await ground.withSettings(settings, async () => {
    for (const client of await ground.dialMany(4)) {
      client.sendCommands(Array.from({ length: sent }, () => ["INCR", "rate:n"]));
      const replies = await client.readAll(sent);
      const refused = replies.filter((reply) => reply.toString("latin1").startsWith("-RATELIMIT "));
      const run = replies.filter((reply) => reply[0] === 58).length;
      assert.equal(refused.length + run, sent);
      assert.ok(run >= RATE, `${run} commands ran`);
      assert.ok(refused.length > 0, "nothing was refused");
    }
  });
  await ground.admin("DEL", "rate:n");
  return { commands: 4 * sent };
}

async function trackedKeys(ground: Ground): Promise<Counts> {
  const most = 500, asked = 2000;
  await ground.withSettings({ "tracking-table-max-keys": String(most) }, async () => {
    const client = await ground.dial();
    client.sendCommands([["HELLO", 3], ["CLIENT", "TRACKING", "ON"]]);
    await client.readAll(2);
    for (let i = 0; i < asked; i++) client.sendCommands([["GET", `limit:${i}`]]);
    await until(
      "the oldest to be forgotten",
      async () => await ground.figure("tracking_total_keys") <= most && client.frameCount > asked,
    );
  });
  return { keys: asked };
}

const GUESSES = 9;
const DELAY_MS = 40;
const WRONG = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

async function guessedPasswords(ground: Ground): Promise<Counts> {
  await ground.admin("ACL", "SETUSER", "guarded", "on", ">right", "~*", "+@all");
  const settings = { "auth-fail-delay-ms": String(DELAY_MS) };
  await ground.withSettings(settings, async () => {
    const before = await ground.figure("acl_access_denied_auth");
    const guesser = await ground.dial("unix");
    const times: number[] = [];
    for (let i = 0; i < GUESSES; i++) {
      const startMs = performance.now();
      assert.equal(await guesser.call("AUTH", "guarded", `guess ${i}`), WRONG);
      times.push(performance.now() - startMs);
    }
    assert.equal(await ground.figure("acl_access_denied_auth"), before + GUESSES);
    // Five failures are free, then each answer takes twice as long as the one before.
    for (let i = 5; i < GUESSES; i++) {
      const delayMs = DELAY_MS * 2 ** (i - 5);
      assert.ok(times[i] >= delayMs * 0.9, `guess ${i} was answered after ${times[i]} ms`);
    }
    // A new connection is no new guesser, and the right answer does not come at once either.
    const startMs = performance.now();
    assert.equal(await (await ground.dial("unix")).call("AUTH", "guarded", "right"), "+OK\r\n");
    assert.ok(performance.now() - startMs >= DELAY_MS * 2 ** (GUESSES - 5) * 0.9);
    // Whoever comes from elsewhere waits for nothing and is let in.
    assert.equal(await (await ground.dial()).call("AUTH", "guarded", "right"), "+OK\r\n");
  });
  await ground.process.seen("failures in a row from there");
  assert.ok(ground.process.output.includes('Failed sign-in as "guarded"'));
  assert.match(await ground.admin("ACL", "LOG"), /guarded/);
  await ground.admin("ACL", "LOG", "RESET");
  await ground.admin("ACL", "DELUSER", "guarded");
  return { guesses: GUESSES };
}

export const LIMIT_SCENARIOS: readonly Scenario[] = [
  { name: "client-query-buffer-limit, MULTI included", attack: queryBuffers },
  { name: "client-output-buffer-limit of both classes", attack: outputBuffers },
  { name: "maxclients", observer: "unix", attack: tooManyClients },
  { name: "maxmemory-clients", attack: hungryClients },
  { name: "client-command-rate-limit", attack: fastClients },
  { name: "tracking-table-max-keys", attack: trackedKeys },
  { name: "guessing of passwords", attack: guessedPasswords },
];
