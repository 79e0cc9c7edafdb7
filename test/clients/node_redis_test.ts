/** node-redis against the server. */
import { Buffer } from "node:buffer";
import { createClient, RESP_TYPES } from "redis";
import { clientContract, type ConnectOptions, type LibraryClient } from "./client_contract.ts";

async function open(options: ConnectOptions, version: 2 | 3): Promise<LibraryClient> {
  const { url, path, reconnects = false } = options;
  const reconnectStrategy = reconnects ? () => 20 : false as const;
  const socket = path === undefined ? { reconnectStrategy } : { path, reconnectStrategy };
  const client = createClient({
    ...path === undefined ? { url } : {},
    RESP: version,
    socket,
  });
  client.on("error", () => {});
  await client.connect();
  const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get: (key) => client.get(key),
    getBytes: (key) => bytes.get(key) as Promise<Buffer | null>,
    set: (key, value) => client.set(key, value),
    setFor: (key, value, seconds) =>
      client.set(key, value, { expiration: { type: "EX", value: seconds } }),
    mget: (keys) => client.mGet(keys),
    mset: (pairs) => client.mSet(pairs),
    incr: (key) => client.incr(key),
    del: (key) => client.del(key),
    ttl: (key) => client.ttl(key),
    async blockingPop(keys, seconds) {
      const popped = await client.blPop(keys, seconds);
      return popped === null ? null : [popped.key, popped.element];
    },
    send: (name, ...args) => client.sendCommand([name, ...args]),
    async pipeline(commands) {
      const multi = client.multi();
      for (const command of commands) multi.addCommand(command);
      return await multi.execAsPipeline() as unknown[];
    },
    async scan(match, count) {
      const found: string[] = [];
      for await (const keys of client.scanIterator({ MATCH: match, COUNT: count })) {
        found.push(...keys);
      }
      return found;
    },
    quit: () => client.close(),
    destroy: () => {
      if (client.isOpen) client.destroy();
    },
  };
}

for (const version of [2, 3] as const) {
  clientContract({
    name: `node-redis in RESP${version}`,
    isResp3: version === 3,
    hasUnixSockets: true,
    connect: (options) => open(options, version),
  });
}
