/** The sections of INFO about the process: server, clients, cpu. */
import type { ListenerInfo } from "../../ports/session_port.ts";
import { REDIS_VERSION } from "../version.ts";
import { type Figures, fraction, type Observed } from "./figures.ts";

const SECONDS_PER_DAY = 86_400;
const MS_PER_SECOND = 1000;
/** Redis keeps a value's clock in 24 bits of seconds. */
const LRU_CLOCK_SPAN = 2 ** 24;

export function serverFigures({ engine, services }: Observed): Figures {
  const { server, system } = services;
  const nowMs = engine.clock.nowMs();
  const uptime = Math.max(0, Math.floor((nowMs - server.startedAtMs) / MS_PER_SECOND));
  return {
    redis_version: REDIS_VERSION,
    crabcache_version: server.version,
    runtime: `${system.runtimeName} ${system.runtimeVersion}`,
    redis_mode: "standalone",
    os: system.os,
    arch_bits: 64,
    process_id: system.processId,
    process_supervised: "no",
    run_id: server.runId,
    tcp_port: server.tcpPort,
    server_time_usec: engine.wallClock.nowUs(),
    uptime_in_seconds: uptime,
    uptime_in_days: Math.floor(uptime / SECONDS_PER_DAY),
    hz: engine.settings.hz,
    configured_hz: engine.settings.hz,
    lru_clock: Math.floor(nowMs / MS_PER_SECOND) % LRU_CLOCK_SPAN,
    executable: system.executable,
    config_file: server.configFile,
    // All connections are served by one thread.
    io_threads_active: 0,
    ...listenerFigures(server.listeners),
  };
}

/** E.g. `listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=6379`. */
function listenerFigures(listeners: readonly ListenerInfo[]): Figures {
  const groups = new Map<string, ListenerInfo[]>();
  for (const each of listeners) {
    const name = each.kind === "unix" ? each.bind : `${each.kind} ${each.port}`;
    groups.set(name, [...groups.get(name) ?? [], each]);
  }
  const texts = [...groups.values()].map((group) => {
    const { kind, port } = group[0];
    const binds = group.map(({ bind }) => `,bind=${bind}`).join("");
    return `name=${kind}${binds}${port === 0 ? "" : `,port=${port}`}`;
  });
  return Object.fromEntries(texts.map((text, i) => [`listener${i}`, text]));
}

export function clientsFigures({ engine, services }: Observed): Figures {
  const { clients, tracking } = services;
  const { blocking, pubsub } = engine;
  let maxInput = 0, maxOutput = 0, watching = 0;
  for (const client of clients.all()) {
    maxInput = Math.max(maxInput, client.queryBufferCapacity);
    maxOutput = Math.max(maxOutput, client.outputBufferBytes);
    if ((client.transaction?.watchedCount ?? 0) > 0) watching++;
  }
  return {
    connected_clients: clients.count,
    cluster_connections: 0,
    maxclients: engine.settings.maxclients,
    client_recent_max_input_buffer: maxInput,
    client_recent_max_output_buffer: maxOutput,
    blocked_clients: blocking.clientCount,
    tracking_clients: tracking.clientCount,
    pubsub_clients: pubsub.clientCount,
    watching_clients: watching,
    clients_in_timeout_table: blocking.timedClientCount,
    total_blocking_keys: blocking.keyCount,
    total_blocking_keys_on_nokey: blocking.keyCountWithoutKey,
  };
}

export function cpuFigures({ services }: Observed): Figures {
  const { user, system } = services.system.cpuSeconds();
  return {
    used_cpu_sys: fraction(system, 6),
    used_cpu_user: fraction(user, 6),
    // There are no other processes.
    used_cpu_sys_children: fraction(0, 6),
    used_cpu_user_children: fraction(0, 6),
  };
}
