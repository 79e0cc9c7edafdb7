/** Runs the benches: `npm run bench -- NAME [OPTIONS]`, or bench/main.ts under either runtime. */
import process from "node:process";

interface BenchCommand {
  readonly name: string;
  /** What it measures, in one line. */
  readonly summary: string;
  /** Its options besides --quick. */
  readonly options: string;
  /** Takes what stands behind the name. */
  load(): Promise<{ main(args: readonly string[]): Promise<void> }>;
}

const COMMANDS: readonly BenchCommand[] = [
  {
    name: "wire",
    summary:
      "this server on both runtimes beside redis-server: throughput, CPU time, bytes per key",
    options: "--rounds N --n REQUESTS --keys N --peers NAME,... --cases NAME,...",
    load: () => import("./wire/side_by_side.ts"),
  },
  {
    name: "types",
    summary: "the same for redis-benchmark's tests of lists, sets, hashes, sorted sets and streams",
    options: "--rounds N --n REQUESTS --keys N --peers NAME,... --cases NAME,...",
    load: () => import("./wire/types.ts"),
  },
  {
    name: "pubsub",
    summary: "fan-out of PUBLISH to a thousand subscribers beside redis-server",
    options: "--rounds N --n MESSAGES --subscribers N --peers NAME,... --cases NAME,...",
    load: () => import("./wire/pubsub.ts"),
  },
  {
    name: "guards",
    summary: "what GET and SET cost more with tracking, and by a user who may not do everything",
    options: "--rounds N --n REQUESTS --keys N --peers NAME,... --tests NAME,...",
    load: () => import("./wire/guards.ts"),
  },
  {
    name: "structures",
    summary: "resident memory of many small and of single large hashes, lists, sets, sorted sets",
    options: "--scale PERCENT --peers NAME,... --cases NAME,...",
    load: () => import("./memory/structures.ts"),
  },
  {
    name: "collections",
    summary: "resident memory of an element in process, beside Map, Set, array and sorted array",
    options: "--total ELEMENTS --kinds NAME,... --runtimes NAME,...",
    load: () => import("./memory/collections.ts"),
  },
  {
    name: "memory",
    summary: "resident memory of a million keys",
    options: "--keys N --peers NAME,...",
    load: () => import("./memory/bytes_per_key.ts"),
  },
  {
    name: "connections",
    summary: "resident memory of ten thousand idle connections",
    options: "--connections N --peers NAME,...",
    load: () => import("./memory/idle_connections.ts"),
  },
  {
    name: "stalls",
    summary:
      "longest turns, index steps and collections while ten million keys are loaded in process",
    options: "--keys N --runtimes NAME,... --placements NAME,...",
    load: () => import("./engine/stalls.ts"),
  },
  {
    name: "latency",
    summary: "longest PING while ten million keys are loaded over the wire",
    options: "--keys N --peers NAME,...",
    load: () => import("./wire/latency_under_load.ts"),
  },
  {
    name: "tuning",
    summary: "what pinning, priorities, huge pages and flags of the collectors do to the tail",
    options: "--rounds N --seconds N --runtimes NAME,... --settings NAME,...",
    load: () => import("./load/tuning.ts"),
  },
  {
    name: "http",
    summary:
      "batches over HTTP/1.1 and HTTP/2 beside a server that does nothing, webdis and redis-server",
    options: "--rounds N --n REQUESTS --keys N --peers NAME,... --cases NAME,...",
    load: () => import("./wire/http.ts"),
  },
  {
    name: "client",
    summary:
      "CPU time of this client beside ioredis, node-redis and Bun's, for GET and SET in ticks",
    options: "--rounds N --n COMMANDS --runtimes NAME,...",
    load: () => import("./client/main.ts"),
  },
  {
    name: "micro",
    summary:
      "single structures, the codec, and the engine without sockets, on the runtime that runs it",
    options: "[WORD OF A FILE OR BENCH...] --size N",
    load: () => import("./support/micro.ts"),
  },
  {
    name: "traces",
    summary: "hit ratios of every eviction policy on access traces",
    options: "--traces FOLDER --policies NAME,...",
    load: () => import("./traces/main.ts"),
  },
];

const DEFAULT_NAME = "wire";

function describeCommands(): string {
  return [
    `Usage: bench [NAME] [OPTIONS]; without a name ${DEFAULT_NAME}. --quick runs tiny sizes.`,
    ...COMMANDS.flatMap(({ name, summary, options }) => [
      `  ${name.padEnd(12)} ${summary}`,
      `  ${" ".repeat(12)} ${options}`,
    ]),
  ].join("\n");
}

/** @throws TypeError for a name that there isn't, or an option that the bench does not have */
export async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(describeCommands());
  const isNamed = args.length > 0 && !args[0].startsWith("--");
  const name = isNamed ? args[0] : DEFAULT_NAME;
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const names = COMMANDS.map((each) => each.name).join(", ");
    throw new TypeError(`no bench is named "${name}"; there are ${names}`);
  }
  if (args.length === 0) console.error(`${describeCommands()}\n`);
  const { main: run } = await command.load();
  await run(isNamed ? args.slice(1) : args);
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    // A mistake on the command line needs no stack.
    console.error(error instanceof TypeError ? `bench: ${error.message}` : error);
    process.exitCode = 1;
  }
}
