/** What is compared over the wire, and what is to be reached. */
import type { PeerName } from "./servers.ts";

export type OwnPeer = Exclude<PeerName, "redis-server">;

export interface WireCase {
  readonly name: string;
  /** Name of redis-benchmark's test. */
  readonly test: string;
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
    test: "get",
    ...PIPELINED,
    throughput: { bun: 2.5, deno: 1.8 },
    cpuTime: { bun: 0.4, deno: 0.55 },
  },
  { name: "SET -P 16", test: "set", ...PIPELINED, throughput: { bun: 2, deno: 1.6 } },
  { name: "GET -P 64", test: "get", ...DEEP, throughput: { bun: 4, deno: 2.5 } },
  { name: "INCR -P 16", test: "incr", ...PIPELINED, throughput: { bun: 1.5, deno: 1.2 } },
  { name: "MSET -P 16", test: "mset", ...PIPELINED, throughput: { bun: 1.5, deno: 1.2 } },
  { name: "GET -P 1 -c 50", test: "get", ...SINGLE, throughput: { bun: 1, deno: 0.9 } },
  { name: "SET -P 1 -c 50", test: "set", ...SINGLE, throughput: { bun: 1, deno: 0.9 } },
  // Hardly any work for the server: what the generator itself can do.
  { name: "PING -P 16", test: "ping_mbulk", ...PIPELINED },
  { name: "PING -P 64", test: "ping_mbulk", ...DEEP },
];

/** Memory per key, in bytes, with a key of 16 bytes and a value of 64. */
export const MOST_BYTES_PER_KEY = 115;
/** Memory per idle connection, as a multiple of redis-server's. */
export const MOST_IDLE_CONNECTION = 2;
