/** What is compared over the wire, and what is to be reached. */
import type { PeerName } from "./servers.ts";

export type OwnPeer = Exclude<PeerName, "redis-server">;

/** What redis-benchmark sends: one of its own tests by name, or a command. */
export type Sent = { readonly test: string } | { readonly command: readonly string[] };

/** What is sent before a round, without being measured. */
export type Preparation = Sent & {
  /** As many requests as the round has, if it is not said. */
  readonly requests?: number;
};

export interface WireCase {
  readonly name: string;
  readonly sent: Sent;
  readonly before?: readonly Preparation[];
  readonly pipeline: number;
  readonly clients: number;
  /** Requests of one round at full size. */
  readonly requests: number;
  /** Least throughput, as a multiple of redis-server's; none where it is for comparison only. */
  readonly throughput?: Readonly<Record<OwnPeer, number>>;
  /** Most CPU time per request, as a multiple of redis-server's. */
  readonly cpuTime?: Readonly<Record<OwnPeer, number>>;
}

export const VALUE_BYTES = 64;
export const KEY_COUNT = 1_000_000;

const PIPELINED = { pipeline: 16, clients: 100, requests: 1_000_000 };
const DEEP = { pipeline: 64, clients: 100, requests: 2_000_000 };
const SINGLE = { pipeline: 1, clients: 50, requests: 200_000 };

export const WIRE_CASES: readonly WireCase[] = [
  {
    name: "GET -P 16",
    sent: { test: "get" },
    ...PIPELINED,
    throughput: { bun: 2.5, deno: 1.8 },
    cpuTime: { bun: 0.4, deno: 0.55 },
  },
  { name: "SET -P 16", sent: { test: "set" }, ...PIPELINED, throughput: { bun: 2, deno: 1.6 } },
  { name: "GET -P 64", sent: { test: "get" }, ...DEEP, throughput: { bun: 4, deno: 2.5 } },
  { name: "INCR -P 16", sent: { test: "incr" }, ...PIPELINED, throughput: { bun: 1.5, deno: 1.2 } },
  { name: "MSET -P 16", sent: { test: "mset" }, ...PIPELINED, throughput: { bun: 1.5, deno: 1.2 } },
  { name: "GET -P 1 -c 50", sent: { test: "get" }, ...SINGLE, throughput: { bun: 1, deno: 0.9 } },
  { name: "SET -P 1 -c 50", sent: { test: "set" }, ...SINGLE, throughput: { bun: 1, deno: 0.9 } },
  // One client that waits for each reply: what it takes to wake each other.
  { name: "GET -P 1 -c 1", sent: { test: "get" }, pipeline: 1, clients: 1, requests: 30_000 },
  // Hardly any work for the server: what the generator itself can do.
  { name: "PING -P 16", sent: { test: "ping_mbulk" }, ...PIPELINED },
  { name: "PING -P 64", sent: { test: "ping_mbulk" }, ...DEEP },
];

const PER_ROUND = { pipeline: 16, clients: 100, requests: 500_000 };
const ON_TYPES = { throughput: { bun: 1.5, deno: 1.1 } };

function without(key: string): Preparation {
  return { command: ["DEL", key], requests: 1 };
}

/** A list from whose head elements are read, pushed by as many requests as it is to have elements. */
const LIST_TO_READ: readonly Preparation[] = [
  without("mylist"),
  { command: ["RPUSH", "mylist", "x".repeat(VALUE_BYTES)], requests: 1000 },
];

function typeCase(test: string, before: readonly Preparation[]): WireCase {
  const name = `${test.toUpperCase()} -P 16`;
  return { name, sent: { test }, before, ...PER_ROUND, ...ON_TYPES };
}

function rangeCase(count: number, requests: number): WireCase {
  return {
    name: `LRANGE_${count} -P 16`,
    sent: { command: ["LRANGE", "mylist", "0", String(count - 1)] },
    before: LIST_TO_READ,
    ...PER_ROUND,
    requests,
    ...ON_TYPES,
  };
}

/** redis-benchmark's tests of the data types; what they take away was put there before. */
export const TYPE_CASES: readonly WireCase[] = [
  typeCase("lpush", [without("mylist")]),
  typeCase("rpush", [without("mylist")]),
  typeCase("lpop", [without("mylist"), { test: "lpush" }]),
  typeCase("rpop", [without("mylist"), { test: "lpush" }]),
  typeCase("sadd", [without("myset")]),
  typeCase("hset", [without("myhash")]),
  typeCase("spop", [without("myset"), { test: "sadd" }]),
  typeCase("zadd", [without("myzset")]),
  typeCase("zpopmin", [without("myzset"), { test: "zadd" }]),
  rangeCase(100, 200_000),
  rangeCase(300, 100_000),
  rangeCase(500, 50_000),
  rangeCase(600, 50_000),
  {
    name: "XADD -P 16",
    sent: { command: ["XADD", "mystream", "*", "myfield", "x".repeat(VALUE_BYTES)] },
    before: [without("mystream")],
    ...PER_ROUND,
    ...ON_TYPES,
  },
  ...WIRE_CASES.filter(({ name }) => name === "MSET -P 16"),
];

/** @throws TypeError for a name that no case has */
export function findCase(name: string): WireCase {
  const found = [...WIRE_CASES, ...TYPE_CASES].find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`there is no case "${name}"`);
  return found;
}

/** Memory per key, in bytes, with a key of 16 bytes and a value of 64. */
export const MOST_BYTES_PER_KEY = 115;
/** Memory per idle connection, as a multiple of redis-server's. */
export const MOST_IDLE_CONNECTION = 2;
