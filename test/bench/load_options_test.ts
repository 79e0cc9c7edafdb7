// The load generator's command line: letters mean what they mean to redis-benchmark.

import { test } from "node:test";
import assert from "node:assert/strict";
import { main } from "../../bench/load/main.ts";
import { readCommandLine } from "../../bench/load/options.ts";
import { progressLine } from "../../bench/load/progress_bar.ts";
import type { LoadOptions } from "../../bench/load/result.ts";

function optionsOf(...args: string[]): LoadOptions {
  return readCommandLine(args).jobs[0].options;
}

function testsOf(...args: string[]): string[] {
  return readCommandLine(args).jobs.map(({ options: { work } }) =>
    work.kind === "test" ? work.name : work.kind
  );
}

test("without options it does what redis-benchmark does", () => {
  const options = optionsOf();
  assert.deepEqual(options.address, { host: "127.0.0.1", port: 6379 });
  assert.equal(options.connections, 50);
  assert.equal(options.pipeline, 1);
  assert.equal(options.valueBytes, 3);
  assert.equal(options.keyspace, undefined);
  assert.equal(options.rate, undefined);
  assert.equal(options.warmSeconds, 0);
  assert.deepEqual(testsOf(), [
    ...["ping_inline", "ping_mbulk", "set", "get", "incr", "lpush", "rpush", "lpop", "rpop"],
    ...["sadd", "hset", "spop", "zadd", "zpopmin"],
    ...["lrange_100", "lrange_300", "lrange_500", "lrange_600", "mset", "xadd"],
  ]);
});

test("letters mean what they mean to redis-benchmark", () => {
  const line = readCommandLine(
    ("-h example.org -p 7000 -a secret --user bob -c 7 -n 20k -d 100 -P 16 -r 1m -t GET,ping " +
      "--dbnum 3 -3 -q").split(" "),
  );
  assert.equal(line.isQuiet, true);
  assert.deepEqual(line.jobs.map(({ options: { work } }) => work), [
    { kind: "test", name: "ping_inline" },
    { kind: "test", name: "ping_mbulk" },
    { kind: "test", name: "get" },
  ]);
  const { work: _work, ...options } = line.jobs[0].options;
  assert.deepEqual(options, {
    address: { host: "example.org", port: 7000 },
    user: "bob",
    password: "secret",
    connections: 7,
    requests: 20_000,
    valueBytes: 100,
    pipeline: 16,
    keyspace: 1_000_000,
    database: 3,
    resp3: true,
    warmSeconds: 0,
  });
  assert.deepEqual(optionsOf("-s", "/tmp/x.sock").address, { path: "/tmp/x.sock" });
  assert.deepEqual(optionsOf("-n", "5", "SET", "k", "-1").work, {
    kind: "command",
    words: ["SET", "k", "-1"],
  });
  assert.equal(optionsOf("--pass", "b", "-a", "a").password, "b");
});

test("-t takes groups, each test once, in redis-benchmark's order", () => {
  assert.deepEqual(testsOf("-t", "get,set,get,ping"), ["ping_inline", "ping_mbulk", "set", "get"]);
  assert.deepEqual(testsOf("-t", "lrange").length, 4);
  // Typed lines are of RESP only.
  assert.deepEqual(testsOf("-t", "ping", "--protocol", "binary"), ["ping_mbulk"]);
  const [{ before }] = readCommandLine(["-t", "lrange_100", "-n", "9"]).jobs;
  assert.deepEqual(before !== undefined && before !== "keyspace" && before.work, {
    kind: "test",
    name: "lpush",
  });
});

test("--redis-equivalent and --latency are short for options that may be changed", () => {
  const equivalent = ["--redis-equivalent"];
  assert.deepEqual(testsOf(...equivalent), ["ping_inline", "ping_mbulk", "set", "get"]);
  const { connections, requests, valueBytes, pipeline, keyspace } = optionsOf(...equivalent);
  assert.deepEqual([connections, requests, valueBytes, pipeline, keyspace], [
    ...[100, 1_000_000, 64, 16],
    undefined,
  ]);
  assert.equal(optionsOf("-c", "5", "--redis-equivalent", "-n", "7").connections, 5);
  assert.equal(optionsOf("--redis-equivalent", "-n", "7").requests, 7);
  const latency = optionsOf("--latency", "--rate", "100");
  assert.deepEqual([latency.connections, latency.pipeline, latency.rate, latency.seconds], [
    ...[2, 1, 100, 10],
  ]);
  assert.equal(latency.warmSeconds, 1);
});

test("workloads, mixes and traces", () => {
  const line = readCommandLine(["--workload", "A,f", "-r", "500"]);
  assert.deepEqual(line.jobs.map(({ options, before }) => [options.work, before]), [
    [{ kind: "ycsb", name: "a" }, "keyspace"],
    [{ kind: "ycsb", name: "f" }, "keyspace"],
  ]);
  assert.equal(readCommandLine(["--workload", "c", "--skip-load"]).jobs[0].before, undefined);
  const mix = optionsOf("--sizes", "64:80,1024:15,65536:5", "--ttl", "0.5-10");
  assert.deepEqual(mix.work, { kind: "mix" });
  assert.deepEqual(mix.sizes?.map(({ bytes, weight }) => [bytes, weight]), [
    [64, 80],
    [1024, 15],
    [65536, 5],
  ]);
  assert.deepEqual(mix.ttl, { leastMs: 500, mostMs: 10_000 });
  assert.deepEqual(optionsOf("--ttl", "2").ttl, { leastMs: 2000, mostMs: 2000 });
  assert.deepEqual(optionsOf("--trace", "x").work, { kind: "trace", path: "x" });
  assert.equal(readCommandLine(["--throughput", "--p99", "2.5"]).p99LimitUs, 2500);
  assert.equal(readCommandLine(["--throughput"]).p99LimitUs, 1000);
  assert.equal(readCommandLine(["--outliers", "--threshold", "3"]).outlierUs, 3000);
  assert.equal(readCommandLine([]).outlierUs, 0);
});

test("a mistake is named with what is wanted", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["--nonsense", /^unknown option --nonsense; see --help$/],
    ["-Z 1", /^unknown option -Z/],
    ["-c", /^-c needs CONNECTIONS$/],
    ["-c 0", /^-c must be a whole number of at least 1, got 0$/],
    ["-n 1.5", /^-n must be a whole number/],
    ["-n 1e3", /^-n must be a whole number/],
    ["-p 70000", /^-p must be a whole number from 1 to 65535/],
    ["-d -1", /^-d must be a whole number of at least 0/],
    ["-t get,nope", /^-t: no "nope"; there are ping, ping_inline/],
    ["--workload g", /^--workload: no "g"; there are a, b/],
    ["--protocol resp3", /^--protocol: no "resp3"; there are resp, binary, http, http2, memcache$/],
    ["--rate 0", /^--rate must be a number above 0/],
    ["--sizes 10:0", /^--sizes takes BYTES:WEIGHT/],
    ["--sizes a", /^--sizes takes/],
    ["--ttl 5-1", /^--ttl takes SECONDS/],
    ["--ttl 0", /^--ttl takes/],
    ["--user bob", /^--user needs --pass or -a$/],
    ["-t get --workload a", /^only one of/],
    ["--trace x SET a b", /^only one of/],
    ["--throughput --rate 5", /^--rate has no effect with --throughput$/],
    ["--throughput -n 5", /^-n has no effect with --throughput$/],
    ["--start bun -p 5", /^-p has no effect with --start$/],
    ["--trace x -d 5", /^-d has no effect with --trace$/],
    ["--p99 5", /^--p99 is for --throughput$/],
    ["--threshold 5", /^--threshold is for --outliers$/],
    ["--insecure", /^--insecure is for --tls$/],
    ["--body json", /^--body is for HTTP$/],
    ["-3 --protocol binary", /^-3 is for --protocol resp$/],
    ["-a x --protocol memcache -t get", /^memcache takes no password/],
    ["--ttl 5 -t get", /^--ttl is for SETs/],
    ["--sizes 5 -t get", /^--sizes is for values/],
    ["--trace x --warmup 1", /use up the --trace/],
    ["--start nginx", /^--start: no "nginx"; there are redis-server, bun, deno$/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => readCommandLine(args.split(" ")), { name: "TypeError", message }, args);
  }
});

test("what a server can't do is refused before anything is started", async () => {
  const quiet = { out: () => {}, log: () => {} };
  const run = (args: string): Promise<unknown> => main(args.split(" "), quiet);
  await assert.rejects(run("--start redis-server --protocol binary"), /does not speak binary/);
  await assert.rejects(run("--start bun --protocol memcache"), /does not speak memcache/);
  await assert.rejects(run("-t get --protocol http --dbnum 2"), /http has no databases/);
  await assert.rejects(run("-t incr --protocol memcache"), /memcache has no INCR/);
  await assert.rejects(run("--trace nowhere.trace.gz"), /--trace: .*nowhere/);
  await assert.rejects(run("-s /tmp/x --protocol http2"), /http2 goes over TCP only/);
});

test("--help names every option", async () => {
  const lines: string[] = [];
  assert.equal(await main(["--help"], { out: (text) => lines.push(text), log() {} }), undefined);
  for (
    const name of ["-c CONNECTIONS", "--rate", "--workload", "--redis-equivalent", "lrange_100"]
  ) {
    assert.ok(lines.join("\n").includes(name), name);
  }
});

test("the progress bar says how far it is", () => {
  const progress = { test: "get", share: 0.5, requests: 500_000, seconds: 2, p99Us: 1234 };
  assert.equal(
    progressLine(progress),
    `get ${"█".repeat(12)}${"░".repeat(12)}  50 %  250,000 a second, P99 1.234 ms`,
  );
});
