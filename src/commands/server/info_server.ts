/** The sections of INFO about the process: server, clients, memory, cpu. */
import type { Call } from "../call.ts";
import { REDIS_VERSION } from "../version.ts";
import { humanBytes, percentage, ratio } from "./info_text.ts";

const SECONDS_PER_DAY = 86_400;

export function serverSection(call: Call): string[] {
  const { engine } = call;
  const { server, system } = call.services;
  const nowMs = engine.clock.nowMs();
  const uptime = Math.max(0, Math.floor((nowMs - server.startedAtMs) / 1000));
  return [
    `redis_version:${REDIS_VERSION}`,
    `crabcache_version:${server.version}`,
    `runtime:${system.runtimeName} ${system.runtimeVersion}`,
    "redis_mode:standalone",
    `os:${system.os}`,
    "arch_bits:64",
    `process_id:${system.processId}`,
    `run_id:${server.runId}`,
    `tcp_port:${server.tcpPort}`,
    `server_time_usec:${nowMs * 1000}`,
    `uptime_in_seconds:${uptime}`,
    `uptime_in_days:${Math.floor(uptime / SECONDS_PER_DAY)}`,
    `hz:${engine.settings.hz}`,
    `configured_hz:${engine.settings.hz}`,
    `executable:${system.executable}`,
    `config_file:${server.configFile}`,
  ];
}

export function clientsSection(call: Call): string[] {
  const { clients } = call.services;
  const { blocking } = call.engine;
  let maxInput = 0;
  let maxOutput = 0;
  for (const client of clients.all()) {
    maxInput = Math.max(maxInput, client.queryBufferCapacity);
    maxOutput = Math.max(maxOutput, client.outputBufferBytes);
  }
  return [
    `connected_clients:${clients.count}`,
    `maxclients:${call.engine.settings.maxclients}`,
    `client_recent_max_input_buffer:${maxInput}`,
    `client_recent_max_output_buffer:${maxOutput}`,
    `blocked_clients:${blocking.clientCount}`,
    // No client tracks keys.
    "tracking_clients:0",
    `total_blocking_keys:${blocking.keyCount}`,
    `total_blocking_keys_on_nokey:${blocking.keyCountWithoutKey}`,
  ];
}

/** Memory that the buffers of all clients hold, in bytes. */
export function clientBufferBytes(call: Call): number {
  let sum = 0;
  for (const client of call.services.clients.all()) {
    sum += client.queryBufferCapacity + client.outputBufferBytes;
  }
  return sum;
}

export function memorySection(call: Call): string[] {
  const memory = call.engine.memory();
  const { system } = call.services;
  const rss = system.residentBytes();
  const { usedBytes } = memory;
  return [
    `used_memory:${usedBytes}`,
    `used_memory_human:${humanBytes(usedBytes)}`,
    `used_memory_rss:${rss}`,
    `used_memory_rss_human:${humanBytes(rss)}`,
    `used_memory_peak:${memory.peakBytes}`,
    `used_memory_peak_human:${humanBytes(memory.peakBytes)}`,
    `used_memory_peak_perc:${percentage(usedBytes, memory.peakBytes)}`,
    `used_memory_overhead:${memory.overheadBytes}`,
    `used_memory_startup:${memory.startupBytes}`,
    `used_memory_dataset:${memory.datasetBytes}`,
    `used_memory_dataset_perc:${percentage(memory.datasetBytes, usedBytes - memory.startupBytes)}`,
    `total_system_memory:${system.totalMemoryBytes}`,
    `total_system_memory_human:${humanBytes(system.totalMemoryBytes)}`,
    `maxmemory:${memory.maxmemory}`,
    `maxmemory_human:${humanBytes(memory.maxmemory)}`,
    `maxmemory_policy:${call.engine.settings.maxmemoryPolicy}`,
    `mem_fragmentation_ratio:${ratio(rss, usedBytes)}`,
    `mem_fragmentation_bytes:${rss - usedBytes}`,
    `mem_clients_normal:${clientBufferBytes(call)}`,
    "mem_allocator:arena",
  ];
}

export function cpuSection(call: Call): string[] {
  const { user, system } = call.services.system.cpuSeconds();
  return [`used_cpu_sys:${system.toFixed(6)}`, `used_cpu_user:${user.toFixed(6)}`];
}
