/** MEMORY USAGE, STATS, DOCTOR, PURGE, MALLOC-STATS and HELP. */
import { allocatorReport } from "../../engine/allocator_report.ts";
import { compactOnePage } from "../../engine/compaction.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";
import { allClientBytes } from "./info_memory.ts";
import { memoryReport } from "./memory_doctor.ts";

/** How long MEMORY PURGE may keep everybody else waiting. */
const PURGE_LIMIT_US = 10_000;
/** Flushed records that MEMORY PURGE frees between two looks at the clock. */
const PURGE_RECORDS = 1000;

const MEMORY_USAGE = {
  name: "usage",
  arity: -3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO"],
  since: "4.0.0",
  group: "server",
  complexity: "O(N) where N is the number of samples.",
  summary: "Estimates the memory usage of a key.",
  syntax: "key [SAMPLES count]",
  /** The memory of every value is counted as it changes, so there is nothing to sample. */
  run(call, reply) {
    for (let i = 3; i < call.argc; i += 2) {
      if (!call.is(i, "SAMPLES") || i + 1 >= call.argc) return reply.error(SYNTAX_ERROR);
      const samples = call.integer(i + 1);
      if (samples === undefined) return reply.error(NOT_AN_INTEGER);
      if (samples < 0) return reply.error(SYNTAX_ERROR);
    }
    const ref = call.peek(2);
    if (ref === 0) reply.nil();
    else reply.integer(call.engine.keyspace.recordBytes(ref));
  },
} as const satisfies CommandSpec;

/** A field of MEMORY STATS: an integer, a double, or fields of its own. */
type Field = readonly [name: string, value: number | readonly Field[], kind?: "double"];

function statsFields(call: Call): Field[] {
  const { keyspace } = call.engine;
  const memory = call.engine.memory();
  const { usedBytes, startupBytes, datasetBytes, peakBytes } = memory;
  const { liveBytes, pageBytes } = keyspace.account;
  const residentBytes = call.services.system.residentBytes();
  const grownBytes = usedBytes - startupBytes;
  let keys = 0;
  for (const db of keyspace.databases) keys += db.size;
  return [
    ["peak.allocated", peakBytes],
    ["total.allocated", usedBytes],
    ["startup.allocated", startupBytes],
    // There is neither replication, nor a cluster, nor a log of changes, nor a script.
    ["replication.backlog", 0],
    ["clients.slaves", 0],
    ["clients.normal", allClientBytes(call)],
    ["cluster.links", 0],
    ["aof.buffer", 0],
    ["lua.caches", 0],
    ["functions.caches", 0],
    ...databaseFields(call),
    ["overhead.total", memory.overheadBytes],
    ["keys.count", keys],
    ["keys.bytes-per-key", keys === 0 ? 0 : Math.trunc(grownBytes / keys)],
    ["dataset.bytes", datasetBytes],
    ["dataset.percentage", share(datasetBytes, grownBytes) * 100, "double"],
    ["peak.percentage", share(usedBytes, peakBytes) * 100, "double"],
    ["allocator.allocated", liveBytes],
    ["allocator.active", pageBytes],
    ["allocator-fragmentation.ratio", share(pageBytes, liveBytes), "double"],
    ["allocator-fragmentation.bytes", pageBytes - liveBytes],
    ["fragmentation", share(residentBytes, usedBytes), "double"],
    ["fragmentation.bytes", residentBytes - usedBytes],
  ];
}

/** Of each database that holds keys, the memory of its indexes and of its lists of expiring keys. */
function databaseFields(call: Call): Field[] {
  const databases = call.engine.keyspace.databases.filter(({ size }) => size > 0);
  return databases.map(({ index, indexes, volatile, keyIndex }) => {
    const sum = (parts: readonly { readonly sizeBytes: number }[]): number =>
      parts.reduce((bytes, part) => bytes + part.sizeBytes, 0);
    return [`db.${index}`, [
      ["overhead.hashtable.main", sum(indexes) + (keyIndex?.sizeBytes ?? 0)],
      ["overhead.hashtable.expires", sum(volatile)],
      ["overhead.hashtable.slot-to-keys", 0],
    ]];
  });
}

function replyFields(reply: ReplyWriter, fields: readonly Field[]): void {
  reply.map(fields.length);
  for (const [name, value, kind] of fields) {
    reply.text(name);
    if (typeof value !== "number") replyFields(reply, value);
    else if (kind === "double") reply.double(value);
    else reply.integer(value);
  }
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

const MEMORY_STATS = {
  name: "stats",
  arity: 2,
  flags: [],
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns details about memory usage.",
  syntax: "",
  run(call, reply) {
    replyFields(reply, statsFields(call));
  },
} as const satisfies CommandSpec;

const MEMORY_DOCTOR = {
  name: "doctor",
  arity: 2,
  flags: [],
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Outputs a memory problems report.",
  syntax: "",
  run(call, reply) {
    const { clients, system } = call.services;
    const report = memoryReport({
      ...call.engine.memory(),
      residentBytes: system.residentBytes(),
      totalMemoryBytes: system.totalMemoryBytes,
      evictionPolicy: call.engine.settings.maxmemoryPolicy,
      clientCount: clients.count,
      clientBufferBytes: allClientBytes(call),
    });
    reply.verbatim("txt", report);
  },
} as const satisfies CommandSpec;

const MEMORY_PURGE = {
  name: "purge",
  arity: 2,
  flags: [],
  since: "4.0.0",
  group: "server",
  complexity: "Depends on how much memory is allocated, could be slow",
  summary: "Asks the allocator to release memory.",
  syntax: "",
  /** Frees what was flushed, then empties sparse pages, until there are none or the time is up. */
  run(call, reply) {
    const { clock, keyspace, random } = call.engine;
    const endUs = clock.monotonicUs() + PURGE_LIMIT_US;
    do {
      if (keyspace.hasDiscarded) keyspace.freeDiscarded(PURGE_RECORDS);
      else if (!compactOnePage(keyspace, random)) break;
    } while (clock.monotonicUs() < endUs);
    reply.ok();
  },
} as const satisfies CommandSpec;

const MEMORY_MALLOC_STATS = {
  name: "malloc-stats",
  arity: 2,
  flags: [],
  since: "4.0.0",
  group: "server",
  complexity: "Depends on how much memory is allocated, could be slow",
  summary: "Returns the allocator statistics.",
  syntax: "",
  run(call, reply) {
    reply.verbatim("txt", allocatorReport(call.engine.keyspace));
  },
} as const satisfies CommandSpec;

const MEMORY_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "MEMORY", [
      "DOCTOR",
      "    Return memory problems reports.",
      "MALLOC-STATS",
      "    Return internal statistics report from the memory allocator.",
      "PURGE",
      "    Attempt to purge dirty pages for reclamation by the allocator.",
      "STATS",
      "    Return information about the memory usage of the server.",
      "USAGE <key> [SAMPLES <count>]",
      "    Return memory in bytes used by <key> and its value. Nested values are",
      "    sampled up to <count> times (default: 5, 0 means sample all).",
    ]);
  },
} as const satisfies CommandSpec;

export const MEMORY = {
  name: "memory",
  arity: -2,
  flags: [],
  since: "4.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for memory diagnostics commands.",
  syntax: "",
  subcommands: [
    MEMORY_USAGE,
    MEMORY_STATS,
    MEMORY_DOCTOR,
    MEMORY_PURGE,
    MEMORY_MALLOC_STATS,
    MEMORY_HELP,
  ],
} as const satisfies CommandSpec;
