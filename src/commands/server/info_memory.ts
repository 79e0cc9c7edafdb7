/**
 * The section of INFO about memory.
 *
 * The arena is the allocator: what its blocks in use take is allocated, the pages that hold them are
 * active. The runtime's own memory is in the resident size only.
 */
import type { SessionPort } from "../../ports/session_port.ts";
import { type Figures, fraction, type Observed } from "./figures.ts";
import { humanBytes } from "./info_text.ts";

/** What a connection takes without its buffers. */
const SESSION_BYTES = 1024;

/** Memory of a connection, as CLIENT LIST shows it and `maxmemory-clients` goes by, in bytes. */
export function clientBytes(client: SessionPort): number {
  return SESSION_BYTES + client.queryBufferCapacity + client.outputBufferBytes + client.stateBytes;
}

/** The same of all connections. */
export function allClientBytes({ services }: Observed): number {
  let sum = 0;
  for (const client of services.clients.all()) sum += clientBytes(client);
  return sum;
}

/** `part` of `whole` in percent, 0 where there is no whole. */
function percent(part: number, whole: number) {
  return fraction(whole > 0 ? part / whole * 100 : 0, 2, "%");
}

/** With two digits; 0 where the denominator is not positive. */
function ratio(numerator: number, denominator: number) {
  return fraction(denominator > 0 ? numerator / denominator : 0, 2);
}

export function memoryFigures(observed: Observed): Figures {
  const { engine, services: { system } } = observed;
  const memory = engine.memory();
  const { usedBytes, startupBytes, datasetBytes, peakBytes, maxmemory } = memory;
  const { liveBytes, pageBytes } = engine.keyspace.account;
  const rss = system.residentBytes();
  const { discarded } = engine.keyspace;
  return {
    used_memory: usedBytes,
    used_memory_human: humanBytes(usedBytes),
    used_memory_rss: rss,
    used_memory_rss_human: humanBytes(rss),
    used_memory_peak: peakBytes,
    used_memory_peak_human: humanBytes(peakBytes),
    used_memory_peak_perc: percent(usedBytes, peakBytes),
    used_memory_overhead: memory.overheadBytes,
    used_memory_startup: startupBytes,
    used_memory_dataset: datasetBytes,
    used_memory_dataset_perc: percent(datasetBytes, usedBytes - startupBytes),
    allocator_allocated: liveBytes,
    allocator_active: pageBytes,
    total_system_memory: system.totalMemoryBytes,
    total_system_memory_human: humanBytes(system.totalMemoryBytes),
    // There are no scripts.
    used_memory_lua: 0,
    used_memory_scripts: 0,
    number_of_cached_scripts: 0,
    number_of_functions: 0,
    number_of_libraries: 0,
    maxmemory,
    maxmemory_human: humanBytes(maxmemory),
    maxmemory_policy: engine.settings.maxmemoryPolicy,
    allocator_frag_ratio: ratio(pageBytes, liveBytes),
    allocator_frag_bytes: pageBytes - liveBytes,
    mem_fragmentation_ratio: ratio(rss, usedBytes),
    mem_fragmentation_bytes: rss - usedBytes,
    // There is neither replication, nor a cluster, nor a log of changes.
    mem_not_counted_for_evict: 0,
    mem_replication_backlog: 0,
    mem_total_replication_buffers: 0,
    mem_clients_slaves: 0,
    mem_clients_normal: allClientBytes(observed),
    mem_cluster_links: 0,
    mem_aof_buffer: 0,
    mem_allocator: "arena",
    lazyfree_pending_objects: discarded.waiting,
    lazyfreed_objects: discarded.freed,
  };
}
