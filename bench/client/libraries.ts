/** The clients that are compared, each behind the same two calls. */
/** One connection of a client. */
export interface BenchClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  close(): Promise<void> | void;
}

export interface ClientLibrary {
  readonly name: LibraryName;
  readonly isOnlyOnBun: boolean;
  connect(port: number): Promise<BenchClient>;
}

export type LibraryName =
  | "crabcache-binary"
  | "crabcache-resp"
  | "ioredis"
  | "node-redis"
  | "Bun.RedisClient";

/** What is used of Bun.RedisClient. */
interface BunRedisClient {
  connect(): Promise<void>;
  close(): void;
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
}

async function connectCrabCache(port: number, protocol: "resp" | "binary"): Promise<BenchClient> {
  const { connect } = await import("../../mod.ts");
  return await connect(`redis://127.0.0.1:${port}`, { protocol });
}

async function connectIoredis(port: number): Promise<BenchClient> {
  const { Redis } = await import("ioredis");
  const client = new Redis({ host: "127.0.0.1", port, enableAutoPipelining: true });
  await client.ping();
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    close: () => client.disconnect(),
  };
}

async function connectNodeRedis(port: number): Promise<BenchClient> {
  const { createClient } = await import("redis");
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  await client.connect();
  return {
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    close: () => client.destroy(),
  };
}

async function connectBun(port: number): Promise<BenchClient> {
  const { Bun } = globalThis as unknown as {
    Bun: { RedisClient: new (url: string) => BunRedisClient };
  };
  const client = new Bun.RedisClient(`redis://127.0.0.1:${port}`);
  await client.connect();
  return client;
}

/** In the order of the report. */
export const LIBRARIES: readonly ClientLibrary[] = [
  {
    name: "crabcache-binary",
    isOnlyOnBun: false,
    connect: (port) => connectCrabCache(port, "binary"),
  },
  { name: "crabcache-resp", isOnlyOnBun: false, connect: (port) => connectCrabCache(port, "resp") },
  { name: "ioredis", isOnlyOnBun: false, connect: connectIoredis },
  { name: "node-redis", isOnlyOnBun: false, connect: connectNodeRedis },
  { name: "Bun.RedisClient", isOnlyOnBun: true, connect: connectBun },
];
