/** Bun's own client against the server; there is none elsewhere. */
import type { Buffer } from "node:buffer";
import { clientContract, type ConnectOptions, type LibraryClient } from "./client_contract.ts";

/** What is used of Bun.RedisClient. */
interface BunRedisClient {
  connect(): Promise<void>;
  close(): void;
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Uint8Array | null>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  incr(key: string): Promise<number>;
  del(key: string): Promise<number>;
  ttl(key: string): Promise<number>;
  blpop(...args: (string | number)[]): Promise<[string, string] | null>;
  send(command: string, args: string[]): Promise<unknown>;
}

interface BunRedisClientType {
  new (url: string, options: { autoReconnect: boolean }): BunRedisClient;
}

async function open(options: ConnectOptions): Promise<LibraryClient> {
  const { Bun } = globalThis as unknown as { Bun: { RedisClient: BunRedisClientType } };
  const url = options.path === undefined ? options.url : `redis+unix://${options.path}`;
  const client = new Bun.RedisClient(url, { autoReconnect: options.reconnects ?? false });
  await client.connect();
  return {
    get: (key) => client.get(key),
    getBytes: (key) => client.getBuffer(key),
    set: (key, value) => client.set(key, value),
    setFor: (key, value, seconds) => client.send("SET", [key, value, "EX", String(seconds)]),
    mget: (keys) => client.send("MGET", keys) as Promise<(string | null)[]>,
    mset: (pairs) => client.send("MSET", Object.entries(pairs).flat()),
    incr: (key) => client.incr(key),
    del: (key) => client.del(key),
    ttl: (key) => client.ttl(key),
    blockingPop: (keys, seconds) => client.blpop(...keys, seconds),
    send: (name, ...args) => client.send(name, args),
    pipeline: (commands) => Promise.all(commands.map(([name, ...args]) => client.send(name, args))),
    quit: () => client.send("QUIT", []),
    destroy: () => client.close(),
  };
}

if ("Bun" in globalThis) {
  // It keeps to itself why it was refused.
  const refusal = /Connection closed/;
  clientContract({
    ...{ name: "Bun.RedisClient", isResp3: true, hasUnixSockets: true, connect: open },
    ...{ refusal, noPassword: refusal },
  });
}
