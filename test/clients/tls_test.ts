/** Real clients over TLS. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { Authority, type Certificate, missingOpenssl } from "../support/certificates.ts";
import { missingProgram } from "../support/real_redis.ts";
import { freePort, startTestServer, type TestServer } from "../support/test_server.ts";
import { within } from "../support/wait.ts";

/** One connection of a library. */
interface TlsClient {
  send(name: string, ...args: string[]): Promise<unknown>;
  destroy(): void;
}

/** What to trust, and what to show. */
interface Trust {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

type Connect = (port: number, trust: Trust) => Promise<TlsClient>;

async function connectIoredis(port: number, tls: Trust): Promise<TlsClient> {
  const settings = { lazyConnect: true, retryStrategy: () => null, tls: { ...tls } };
  const redis = new Redis(`rediss://127.0.0.1:${port}`, settings);
  let refusal: unknown;
  redis.on("error", (error) => refusal ??= error);
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw refusal ?? error;
  }
  return {
    send: (name, ...args) => redis.call(name, ...args),
    destroy: () => redis.disconnect(),
  };
}

async function connectNodeRedis(port: number, trust: Trust): Promise<TlsClient> {
  const socket = { tls: true as const, reconnectStrategy: false as const, ...trust };
  const client = createClient({ url: `rediss://127.0.0.1:${port}`, socket });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    send: (name, ...args) => client.sendCommand([name, ...args]),
    destroy: () => client.destroy(),
  };
}

/** What is used of Bun.RedisClient. */
interface BunRedisClient {
  connect(): Promise<void>;
  close(): void;
  send(command: string, args: string[]): Promise<unknown>;
}

async function connectBun(port: number, tls: Trust): Promise<TlsClient> {
  const { Bun } = globalThis as unknown as {
    Bun: { RedisClient: new (url: string, options: object) => BunRedisClient };
  };
  const options = { autoReconnect: false, tls };
  const client = new Bun.RedisClient(`rediss://127.0.0.1:${port}`, options);
  await client.connect();
  return { send: (name, ...args) => client.send(name, args), destroy: () => client.close() };
}

const skip = missingOpenssl();
const MIB = 1024 * 1024;
let authority: Authority;
let certificate: Certificate;
let open: TestServer;
let asking: TestServer;
let port = 0;
let askingPort = 0;

before(async () => {
  if (skip !== undefined) return;
  authority = new Authority();
  certificate = authority.sign("server");
  const files = ["--tls-cert-file", certificate.certFile, "--tls-key-file", certificate.keyFile];
  port = await freePort();
  open = await startTestServer(
    ...["--port", "0", "--tls-port", String(port), ...files, "--tls-auth-clients", "no"],
  );
  askingPort = await freePort();
  asking = await startTestServer(
    ...["--port", "0", "--tls-port", String(askingPort), ...files],
    ...["--tls-ca-cert-file", authority.caFile],
  );
});

after(async () => {
  await open?.close();
  await asking?.close();
});

function declare(name: string, connect: Connect): void {
  const options = skip === undefined ? {} : { skip };
  const connected = (...args: Parameters<Connect>): Promise<TlsClient> =>
    within(`${name} to connect`, connect(...args));

  test(`${name}: works over TLS`, options, async () => {
    const client = await connected(port, { ca: authority.ca });
    assert.equal(await client.send("SET", "k", "v"), "OK");
    assert.equal(await client.send("GET", "k"), "v");
    const large = "x".repeat(2 * MIB);
    assert.equal(await client.send("SET", "large", large), "OK");
    assert.equal(await client.send("GET", "large"), large);
    const sent = Array.from({ length: 1000 }, (_, i) => client.send("SET", `k${i}`, String(i)));
    assert.ok((await Promise.all(sent)).every((reply) => reply === "OK"));
    const read = Array.from({ length: 1000 }, (_, i) => client.send("GET", `k${i}`));
    assert.deepEqual(await Promise.all(read), Array.from({ length: 1000 }, (_, i) => String(i)));
    const waiter = await connected(port, { ca: authority.ca });
    const popped = waiter.send("BLPOP", "list", "10");
    await client.send("RPUSH", "list", "element");
    assert.deepEqual(await popped, ["list", "element"]);
    waiter.destroy();
    client.destroy();
  });

  test(`${name}: does not trust another authority's server`, options, async () => {
    const { ca } = new Authority("another");
    await assert.rejects(connected(port, { ca }));
  });

  test(`${name}: shows its certificate`, options, async () => {
    const { cert, key } = authority.sign("client");
    const client = await connected(askingPort, { ca: authority.ca, cert, key });
    assert.equal(await client.send("ECHO", "hello"), "hello");
    client.destroy();
    await assert.rejects(async () => {
      const stranger = await connected(askingPort, { ca: authority.ca });
      try {
        await within("a refusal", stranger.send("PING"));
      } finally {
        stranger.destroy();
      }
    });
  });
}

declare("ioredis", connectIoredis);
declare("node-redis", connectNodeRedis);
if ("Bun" in globalThis) declare("Bun.RedisClient", connectBun);

/** @returns what redis-cli wrote, whether it failed or not */
function redisCli(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("redis-cli", args, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

const noCli = skip ?? missingProgram("redis-cli");

test("redis-cli --tls", noCli === undefined ? {} : { skip: noCli }, async () => {
  const trusting = ["--tls", "--cacert", authority.caFile];
  const at = ["-h", "127.0.0.1", "-p"];
  const call = (...args: string[]) => redisCli(...at, String(port), ...trusting, ...args);
  assert.equal(await call("SET", "cli", "v"), "OK\n");
  assert.equal(await call("GET", "cli"), "v\n");
  assert.match(await call("INFO", "server"), new RegExp(`tcp_port:${port}`));
  const { certFile, keyFile } = authority.sign("cli");
  const shown = ["--cert", certFile, "--key", keyFile];
  const asked = (...args: string[]) => redisCli(...at, String(askingPort), ...trusting, ...args);
  assert.equal(await asked(...shown, "PING"), "PONG\n");
  assert.doesNotMatch(await asked("PING"), /PONG/);
});
