import assert from "node:assert/strict";
import { test } from "node:test";
import { createServerFixture, RUN_ID, START_MS } from "./server_fixture.ts";

const DEFAULT_TITLES = [
  "Server",
  "Clients",
  "Memory",
  "Persistence",
  "Stats",
  "Replication",
  "CPU",
  "Modules",
  "Errorstats",
  "Cluster",
  "Keyspace",
];
const ALL_TITLES = [
  ...DEFAULT_TITLES.slice(0, 8),
  "Commandstats",
  "Errorstats",
  "Latencystats",
  "Cluster",
  "Keyspace",
];

function titles(reply: string): string[] {
  return [...reply.matchAll(/^# (.*)\r$/gm)].map((match) => match[1]);
}

test("INFO shows the default sections, in Redis's order", () => {
  const { run2 } = createServerFixture();
  assert.deepEqual(titles(run2("INFO")), DEFAULT_TITLES);
  assert.deepEqual(titles(run2("INFO", "default")), DEFAULT_TITLES);
  assert.deepEqual(titles(run2("INFO", "all")), ALL_TITLES);
  assert.deepEqual(titles(run2("INFO", "Everything")), ALL_TITLES);
});

test("INFO shows the sections asked for in its own order, once each, in any case", () => {
  const { run2 } = createServerFixture();
  assert.deepEqual(titles(run2("INFO", "keyspace", "CPU", "nosuch", "cpu", "Server")), [
    "Server",
    "CPU",
    "Keyspace",
  ]);
  assert.deepEqual(titles(run2("INFO", "default", "commandstats")), [
    ...DEFAULT_TITLES.slice(0, 8),
    "Commandstats",
    ...DEFAULT_TITLES.slice(8),
  ]);
});

test("INFO is a verbatim string, sections apart by an empty line", () => {
  const { line, run2 } = createServerFixture();
  assert.equal(line("INFO cluster"), "=34\r\ntxt:# Cluster\r\ncluster_enabled:0\r\n\r\n");
  assert.equal(run2("INFO", "cluster"), "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n");
  assert.equal(
    run2("INFO", "modules", "cluster"),
    "$43\r\n# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n",
  );
  assert.equal(run2("INFO", "nosuch"), "$0\r\n\r\n");
});

test("INFO server tells what runs since when", () => {
  const fixture = createServerFixture();
  fixture.clock.advance(750);
  const info = fixture.info("server");
  assert.match(info.get("redis_version") ?? "", /^7\.2\.\d+$/);
  assert.equal(info.get("crabcache_version"), "1.2.3");
  assert.equal(info.get("runtime"), "bun 9.8.7");
  assert.equal(info.get("redis_mode"), "standalone");
  assert.equal(info.get("run_id"), RUN_ID);
  assert.equal(info.get("tcp_port"), "6390");
  assert.equal(info.get("process_id"), "4242");
  assert.equal(info.get("uptime_in_seconds"), "90062");
  assert.equal(info.get("uptime_in_days"), "1");
  assert.equal(info.get("server_time_usec"), `${(START_MS + 750) * 1000}`);
  assert.equal(info.get("config_file"), "/etc/crabcache.conf");
  assert.equal(info.get("listener0"), "name=tcp,bind=127.0.0.1,bind=::1,port=6390");
  assert.equal(info.get("listener1"), "name=unix,bind=/tmp/crab.sock");
  assert.equal(info.get("lru_clock"), `${Math.floor(START_MS / 1000) % 2 ** 24}`);
});

test("INFO clients counts connections and their largest buffers", () => {
  const fixture = createServerFixture({ maxclients: 55 });
  fixture.clients.push({ queryBufferCapacity: 20, outputBufferBytes: 900, stateBytes: 0 });
  const info = fixture.info("clients");
  assert.equal(info.get("connected_clients"), "2");
  assert.equal(info.get("maxclients"), "55");
  assert.equal(info.get("client_recent_max_input_buffer"), "100");
  assert.equal(info.get("client_recent_max_output_buffer"), "900");
  assert.equal(info.get("blocked_clients"), "0");
  assert.equal(info.get("tracking_clients"), "3");
});

test("INFO memory agrees with the engine", () => {
  const fixture = createServerFixture({ maxmemory: 3 * 1024 ** 3, maxmemoryPolicy: "allkeys-lfu" });
  for (let i = 0; i < 2000; i++) fixture.run("PUT", `key${i}`, "x".repeat(200));
  const memory = fixture.engine.memory();
  const info = fixture.info("memory");
  assert.equal(info.get("used_memory"), `${memory.usedBytes}`);
  assert.ok(memory.usedBytes > 2000 * 200);
  assert.equal(info.get("used_memory_peak"), `${memory.peakBytes}`);
  assert.equal(info.get("used_memory_peak_perc"), "100.00%");
  assert.equal(info.get("used_memory_dataset"), `${memory.datasetBytes}`);
  assert.equal(info.get("used_memory_overhead"), `${memory.overheadBytes}`);
  assert.equal(info.get("used_memory_rss"), `${128 * 1024 ** 2}`);
  assert.equal(info.get("used_memory_rss_human"), "128.00M");
  assert.equal(info.get("total_system_memory_human"), "8.00G");
  assert.equal(info.get("maxmemory"), `${3 * 1024 ** 3}`);
  assert.equal(info.get("maxmemory_human"), "3.00G");
  assert.equal(info.get("maxmemory_policy"), "allkeys-lfu");
  assert.equal(info.get("mem_clients_normal"), "1131");
  const ratio = 128 * 1024 ** 2 / memory.usedBytes;
  assert.equal(info.get("mem_fragmentation_ratio"), ratio.toFixed(2));
});

test("INFO stats and persistence follow the counters", () => {
  const fixture = createServerFixture();
  const { stats } = fixture.engine;
  fixture.line("PUT a 1");
  fixture.line("PUT a 2");
  fixture.line("PUT");
  stats.keyspaceHits = 5;
  stats.expiredStalePercent = 12.345;
  stats.sample(0);
  stats.totalCommands += 1600;
  stats.totalNetInput += 16 * 1024;
  stats.sample(100_000);
  const info = fixture.info("stats", "persistence");
  assert.equal(info.get("total_commands_processed"), "1603");
  assert.equal(info.get("instantaneous_ops_per_sec"), "1000");
  assert.equal(info.get("instantaneous_input_kbps"), "10.00");
  assert.equal(info.get("keyspace_hits"), "5");
  assert.equal(info.get("expired_stale_perc"), "12.35");
  assert.equal(info.get("total_error_replies"), "1");
  assert.equal(info.get("rdb_changes_since_last_save"), "2");
  assert.equal(info.get("loading"), "0");
});

test("INFO replication, cpu and cluster have what clients look for", () => {
  const info = createServerFixture().info("replication", "cpu", "cluster");
  assert.equal(info.get("role"), "master");
  assert.equal(info.get("connected_slaves"), "0");
  assert.equal(info.get("used_cpu_sys"), "0.250000");
  assert.equal(info.get("used_cpu_user"), "1.500000");
  assert.equal(info.get("cluster_enabled"), "0");
});

test("INFO commandstats has a line per command called or refused, subcommands included", () => {
  const fixture = createServerFixture();
  fixture.line("PUT a 1");
  fixture.line("PUT a 1");
  fixture.line("PUT a");
  fixture.line("CONFIG GET hz");
  fixture.line("CONFIG SET nosuch 1");
  const info = fixture.info("commandstats");
  const times = "usec=0,usec_per_call=0.00";
  assert.equal(info.get("cmdstat_put"), `calls=2,${times},rejected_calls=1,failed_calls=0`);
  assert.equal(info.get("cmdstat_config|get"), `calls=1,${times},rejected_calls=0,failed_calls=0`);
  assert.equal(info.get("cmdstat_config|set"), `calls=1,${times},rejected_calls=0,failed_calls=1`);
  assert.deepEqual([...info.keys()].sort(), [
    "cmdstat_config|get",
    "cmdstat_config|set",
    "cmdstat_put",
  ]);
});

test("INFO commandstats gives the time in whole microseconds, and per call", () => {
  const fixture = createServerFixture();
  const { id } = fixture.registry.find("put")!;
  fixture.engine.stats.recordCalls(id, 4, 10.6, true);
  assert.equal(
    fixture.info("commandstats").get("cmdstat_put"),
    "calls=4,usec=11,usec_per_call=2.65,rejected_calls=0,failed_calls=0",
  );
});

test("INFO errorstats is sorted by code", () => {
  const fixture = createServerFixture();
  const { stats } = fixture.engine;
  for (const error of ["WRONGTYPE x", "ERR x", "NOAUTH x", "ERR y", "A:B x"]) {
    stats.recordError(error);
  }
  const info = fixture.info("errorstats");
  assert.deepEqual([...info], [
    ["errorstat_A_B", "count=1"],
    ["errorstat_ERR", "count=2"],
    ["errorstat_NOAUTH", "count=1"],
    ["errorstat_WRONGTYPE", "count=1"],
  ]);
});

test("INFO latencystats has the percentiles asked for, while latencies are tracked", () => {
  const fixture = createServerFixture({ latencyTrackingInfoPercentiles: [0, 50, 99.9] });
  fixture.line("PUT a 1");
  const { stats, settings } = fixture.engine;
  const { id } = fixture.registry.find("put")!;
  stats.recordCalls(id, 998, 99.8, true);
  stats.recordCalls(id, 1, 5, true);
  const name = "latency_percentiles_usec_put";
  assert.equal(fixture.info("latencystats").get(name), "p0=0.001,p50=0.100,p99.9=0.100");
  stats.recordCalls(id, 1, 5, true);
  stats.recordCalls(id, 1, 5, true);
  assert.equal(fixture.info("latencystats").get(name), "p0=0.001,p50=0.100,p99.9=5.023");
  settings.latencyTracking = false;
  assert.equal(fixture.run2("INFO", "latencystats"), "$16\r\n# Latencystats\r\n\r\n");
});

test("INFO keyspace has a line per database that holds keys", () => {
  const fixture = createServerFixture();
  assert.equal(fixture.run2("INFO", "keyspace"), "$12\r\n# Keyspace\r\n\r\n");
  fixture.line("PUT a 1");
  fixture.line(`PUT b 1 ${START_MS + 1000}`);
  fixture.line(`PUT c 1 ${START_MS + 2001}`);
  fixture.line("USE 3");
  fixture.line("PUT a 1");
  const info = fixture.info("keyspace");
  assert.deepEqual([...info], [
    ["db0", "keys=3,expires=2,avg_ttl=1501"],
    ["db3", "keys=1,expires=0,avg_ttl=0"],
  ]);
});

test("INFO keyspace estimates the mean time to live of many keys", () => {
  const fixture = createServerFixture();
  for (let i = 0; i < 500; i++) fixture.line(`PUT key${i} 1 ${START_MS + 100_000 + i}`);
  for (let i = 0; i < 500; i++) fixture.line(`PUT forever${i} 1`);
  const match = /^keys=1000,expires=500,avg_ttl=(\d+)$/.exec(
    fixture.info("keyspace").get("db0") ?? "",
  );
  assert.ok(match);
  assert.ok(Number(match[1]) >= 100_000 && Number(match[1]) < 100_500, match[1]);
  fixture.clock.advance(200_000);
  assert.equal(fixture.info("keyspace").get("db0"), "keys=1000,expires=500,avg_ttl=0");
});
