// A report with every section, whose figures follow from a formula.

import type {
  ClientFigures,
  Measurement,
  PeerName,
  Protocol,
  Report,
  Round,
} from "../../../bench/compare/figures.ts";
import { SECTION_NAMES } from "../../../bench/compare/figures.ts";
import { FULL_SIZES, planSteps } from "../../../bench/compare/plan.ts";
import type { Tool } from "../../../bench/compare/tools.ts";

const PROTOCOLS: Partial<Record<PeerName, readonly Protocol[]>> = {
  "bun": ["resp", "binary", "http", "http2"],
  "deno": ["resp", "binary", "http", "http2"],
  "redis-server": ["resp"],
};

/** CPU µs of a command at -P 16. */
const COST: Partial<Record<PeerName, number>> = { "bun": 0.8, "deno": 1, "redis-server": 2 };

const neverRun = (): never => {
  throw new Error("only planned with");
};

export const FIXTURE_TOOLS: readonly Tool[] = [
  { name: "bench:wire", version: "0.1.0", sends: () => true, run: neverRun },
  {
    name: "redis-benchmark",
    version: "7.0.15",
    sends: (_, protocol, rate) => protocol === "resp" && rate === 0,
    run: neverRun,
  },
];

function roundOf(each: Omit<Measurement, "rounds">, round: number): Round {
  const depth = Math.min(each.pipeline, 32);
  const frames = each.protocol === "binary" ? 0.72 : 1;
  const micros = (COST[each.peer] ?? 1) * frames * (0.25 + 12 / depth) * (1 + 0.02 * round);
  const rate = each.rate ?? 1e6 / micros * (each.tool === "bench:wire" ? 0.9 : 1);
  const seconds = 1.5;
  const operations = Math.round(rate * seconds);
  const p50 = each.rate === null ? each.connections * each.pipeline / rate * 1000 : 0.05 * micros;
  const isOurs = each.tool === "bench:wire";
  return {
    operations,
    seconds,
    errors: 0,
    serverCpuSeconds: Number((operations * micros / 1e6).toFixed(6)),
    loadCpuSeconds: isOurs ? 1.2 : null,
    latencyMs: {
      p50,
      p90: isOurs ? p50 * 1.3 : null,
      p99: p50 * 1.9,
      p999: isOurs ? p50 * 3.1 : null,
      p9999: isOurs ? p50 * 5.3 : null,
      max: p50 * 9,
    },
    generatorLateMs: each.rate === null ? null : 0.2,
  };
}

function measurements(): Measurement[] {
  const peers = Object.entries(PROTOCOLS).map(([name, protocols]) => ({
    name: name as PeerName,
    protocols,
  }));
  const sizes = { ...FULL_SIZES, rounds: 1, warmRounds: 0 };
  return planSteps(SECTION_NAMES, peers, FIXTURE_TOOLS, sizes).map((step) => {
    const { section, name, title, connections, pipeline, rate } = step.case;
    const made = {
      ...{ section, case: name, title, peer: step.peer, tool: step.tool.name },
      ...{ protocol: step.protocol, connections, pipeline, rate: rate === 0 ? null : rate },
    };
    return { ...made, rounds: [1, 2, 3].map((round) => roundOf(made, round)) };
  });
}

function clientOf(
  client: string,
  runtime: "bun" | "deno",
  cpuMicrosPerOperation: number,
): ClientFigures {
  const operationsPerSecond = Math.round(9e5 / cpuMicrosPerOperation);
  return { client, runtime, protocol: "resp", operationsPerSecond, cpuMicrosPerOperation };
}

/** Redis, and this server on both runtimes. */
export function fixtureReport(): Report {
  const list = measurements();
  return {
    format: 1,
    date: "2026-01-02T03:04:05.678Z",
    isQuick: false,
    rounds: 3,
    seconds: 1111,
    skippedRounds: 0,
    options: "",
    keys: 1_000_000,
    valueBytes: 64,
    machine: { cpu: "Example CPU", cores: 2, memoryGiB: 16, system: "Linux 6.1 x86_64" },
    pinning: "servers pinned to core 0, load to core 1",
    generator: { name: "bun", version: "1.4.5" },
    peers: [
      { name: "bun", version: "1.4.5" },
      { name: "deno", version: "2.9.6" },
      { name: "redis-server", version: "7.0.15" },
    ],
    tools: FIXTURE_TOOLS.map(({ name, version }) => ({ name, version })),
    sections: SECTION_NAMES.map((name) => ({ name, seconds: 61 })),
    measurements: list,
    memory: (["bun", "deno", "redis-server"] as const).map((peer, i) => ({
      peer,
      keys: 1_000_000,
      emptyBytes: 50e6,
      fullBytes: 50e6 + (105 + 9 * i * i) * 1e6,
      bytesPerKey: 105 + 9 * i * i,
    })),
    clients: [
      clientOf("CrabCache client, binary", "bun", 1.1),
      clientOf("CrabCache client, RESP", "bun", 1.6),
      clientOf("ioredis, autopipelining", "bun", 5.2),
      clientOf("Bun.RedisClient", "bun", 1.3),
      clientOf("CrabCache client, binary", "deno", 1.9),
      clientOf("CrabCache client, RESP", "deno", 2.4),
      clientOf("ioredis, autopipelining", "deno", 2.5),
    ],
    failures: [],
    causes: { "client-ioredis": "an example of a cause." },
  };
}
