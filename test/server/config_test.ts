import { test } from "node:test";
import assert from "node:assert/strict";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import { type ApplySettings, LiveConfig } from "../../src/server/config.ts";
import { PARAMETERS } from "../../src/server/options_table.ts";
import { GIB, loadGood, machine } from "./options_harness.ts";

async function start(args?: string[], apply?: ApplySettings) {
  const { options, configFile } = await loadGood({ args: args ?? [] });
  const changes: string[] = [];
  const config = new LiveConfig({
    options,
    configFile,
    files: createMemoryFileStore(),
    system: machine(),
    storeCapacityBytes: options.storeCapacityBytes,
    onChange: (name) => changes.push(name),
    apply,
  });
  const value = (name: string) => config.get([name])[0]?.[1];
  return { config, options, settings: options.settings, changes, value };
}

const failed = (name: string, reason: string) =>
  `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;

test("get() answers in Redis's formats", async () => {
  const { config } = await start(["--unixsocketperm", "770"]);
  assert.deepEqual(config.get(["*"]), [
    ["port", "6379"],
    ["bind", "127.0.0.1 -::1"],
    ["unixsocket", ""],
    ["unixsocketperm", "770"],
    ["tcp-keepalive", "300"],
    ["protected-mode", "yes"],
    ["tls-port", "0"],
    ["tls-cert-file", ""],
    ["tls-key-file", ""],
    ["tls-key-file-pass", ""],
    ["tls-ca-cert-file", ""],
    ["tls-auth-clients", "yes"],
    ["http-port", "0"],
    ["http-tls-port", "0"],
    ["http3", "no"],
    ["http-bind", "127.0.0.1 -::1"],
    ["http-token", ""],
    ["http-readonly-token", ""],
    ["http-max-body", "16777216"],
    ["http-max-wait", "30"],
    ["http-body-timeout", "30"],
    ["http-rate-limit", "0"],
    ["http-access-log", "no"],
    ["http-cors", ""],
    ["requirepass", ""],
    ["aclfile", ""],
    ["acl-pubsub-default", "resetchannels"],
    ["acllog-max-len", "128"],
    ["auth-fail-delay-ms", "100"],
    ["maxclients", "10000"],
    ["timeout", "0"],
    ["tracking-table-max-keys", "1000000"],
    ["client-query-buffer-limit", "1073741824"],
    [
      "client-output-buffer-limit",
      "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
    ],
    ["maxmemory-clients", "0"],
    ["client-command-rate-limit", "0"],
    ["client-command-rate-burst", "0"],
    ["databases", "16"],
    ["proto-max-bulk-len", "536870912"],
    ["maxmemory", "4294967296"],
    ["maxmemory-policy", "allkeys-lrfu"],
    ["maxmemory-samples", "5"],
    ["lfu-log-factor", "10"],
    ["lfu-decay-time", "1"],
    ["key-index", "hash"],
    ["hash-max-listpack-entries", "512"],
    ["hash-max-ziplist-entries", "512"],
    ["hash-max-listpack-value", "64"],
    ["hash-max-ziplist-value", "64"],
    ["set-max-intset-entries", "512"],
    ["set-max-listpack-entries", "128"],
    ["set-max-listpack-value", "64"],
    ["zset-max-listpack-entries", "128"],
    ["zset-max-ziplist-entries", "128"],
    ["zset-max-listpack-value", "64"],
    ["zset-max-ziplist-value", "64"],
    ["list-max-listpack-size", "-2"],
    ["list-max-ziplist-size", "-2"],
    ["list-compress-depth", "0"],
    ["hll-sparse-max-bytes", "3000"],
    ["stream-node-max-bytes", "4096"],
    ["stream-node-max-entries", "100"],
    ["active-expire-effort", "1"],
    ["hz", "10"],
    ["latency-tracking", "yes"],
    ["latency-tracking-info-percentiles", "50 99 99.9"],
    ["notify-keyspace-events", ""],
    ["slowlog-log-slower-than", "10000"],
    ["slowlog-max-len", "128"],
    ["latency-monitor-threshold", "0"],
    ["loglevel", "notice"],
    ["logfile", ""],
    ["slice-trace", ""],
    ["slice-trace-slower-than", "100"],
    ["log-format", "text"],
    ["enable-debug-command", "no"],
    ["save", ""],
    ["appendonly", "no"],
    ["cluster-enabled", "no"],
  ]);
});

test("get() matches patterns in any case and answers each parameter once", async () => {
  const { config } = await start();
  const names = (...patterns: string[]) => config.get(patterns).map(([name]) => name);
  assert.deepEqual(names("MAXMEM*", "maxmemory", "max*"), [
    "maxmemory-clients",
    "maxmemory",
    "maxmemory-policy",
    "maxmemory-samples",
    "maxclients",
  ]);
  assert.deepEqual(names("h?", "[ps]a*"), ["hz", "save"]);
  assert.deepEqual(names("MaxMemory", "maxmemory"), ["MaxMemory"]);
  assert.deepEqual(names("", "foo", "foo*", "maxmemory\\*"), []);
});

test("set() changes the live settings and tells what changed, once all is in place", async () => {
  const { config, settings, changes } = await start();
  const pairs = [["MAXMEMORY", "1gb"], ["hz", "10"], ["maxmemory-policy", "VOLATILE-LRU"]] as const;
  assert.equal(config.set(pairs), undefined);
  assert.deepEqual([settings.maxmemory, settings.maxmemoryPolicy], [GIB, "volatile-lru"]);
  assert.deepEqual(changes, ["maxmemory", "maxmemory-policy"]);
});

test("set() of what get() answers is good and changes nothing", async () => {
  const { config, changes } = await start();
  const before = config.get(["*"]);
  for (const { name } of PARAMETERS.filter(({ isMutable }) => isMutable)) {
    assert.equal(config.set([[name, config.get([name])[0][1]]]), undefined, name);
  }
  assert.deepEqual(config.get(["*"]), before);
  assert.deepEqual(changes, []);
});

test("set() answers errors in Redis's words", async () => {
  const { config } = await start();
  const output = "in buffer limit configuration.";
  const cases: [name: string, value: string, reason: string][] = [
    ["maxmemory", "abc", "argument must be a memory value"],
    ["maxmemory", "-1", "argument must be a memory value"],
    ["maxmemory", "1.5gb", "argument must be a memory value"],
    ["hz", "abc", "argument couldn't be parsed into an integer"],
    ["hz", "-5", "argument must be between 0 and 2147483647 inclusive"],
    ["timeout", "007", "argument couldn't be parsed into an integer"],
    ["timeout", "+5", "argument couldn't be parsed into an integer"],
    ["timeout", "", "argument couldn't be parsed into an integer"],
    ["timeout", "99999999999", "argument must be between 0 and 2147483647 inclusive"],
    ["maxclients", "0", "argument must be between 1 and 4294967295 inclusive"],
    ["active-expire-effort", "11", "argument must be between 1 and 10 inclusive"],
    ["protected-mode", "maybe", "argument must be 'yes' or 'no'"],
    ["appendonly", "foo", "argument must be 'yes' or 'no'"],
    ["appendonly", "yes", "argument(s) must be one of the following: no"],
    ["save", "1", "Invalid save parameters"],
    ["save", "3600 1", 'argument(s) must be one of the following: ""'],
    ["client-output-buffer-limit", "normal 1 2", `Wrong number of arguments ${output}`],
    ["client-output-buffer-limit", "foo 1 2 3", `Invalid client class specified ${output}`],
    ["client-output-buffer-limit", "master 1 2 3", `Invalid client class specified ${output}`],
    [
      "client-output-buffer-limit",
      "normal a 2 3",
      `Error in hard, soft or soft_seconds setting ${output}`,
    ],
    [
      "latency-tracking-info-percentiles",
      "50 101",
      "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
    ],
    [
      "latency-tracking-info-percentiles",
      "a",
      "Invalid latency-tracking-info-percentiles parameters",
    ],
    [
      "notify-keyspace-events",
      "Kxq",
      "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
    ],
    ["maxmemory-clients", "abc", "argument must be a memory or percent value"],
    ["maxmemory-clients", "-5%", "argument must be a memory or percent value"],
    ["maxmemory-clients", "1.5%", "argument must be a memory or percent value"],
    ["maxmemory-clients", "120%", "percentage argument must be less or equal to 100"],
    [
      "tls-auth-clients",
      "maybe",
      "argument(s) must be one of the following: no, yes, optional",
    ],
    ["tls-port", "6380", "can't set immutable config"],
    ["databases", "4", "can't set immutable config"],
    ["DATABASES", "x", "can't set immutable config"],
    ["unixsocket", "x", "can't set immutable config"],
    ["cluster-enabled", "no", "can't set immutable config"],
    ["enable-debug-command", "yes", "can't set immutable config"],
  ];
  for (const [name, value, reason] of cases) {
    assert.equal(config.set([[name, value]]), failed(name, reason), `${name} ${value}`);
  }
  assert.equal(
    config.set([["Foo", "bar"]]),
    "ERR Unknown option or number of arguments for CONFIG SET - 'Foo'",
  );
});

test("set() answers the first of several errors, names before values", async () => {
  const { config } = await start();
  const cases: [[string, string][], string][] = [
    [[["databases", "2"], ["foo", "3"]], failed("databases", "can't set immutable config")],
    [
      [["foo", "3"], ["databases", "2"]],
      "ERR Unknown option or number of arguments for CONFIG SET - 'foo'",
    ],
    [[["maxmemory", "x"], ["MAXMEMORY", "2"]], failed("MAXMEMORY", "duplicate parameter")],
    [[["hz", "x"], ["timeout", "y"]], failed("hz", "argument couldn't be parsed into an integer")],
    [[["HZ", "x"]], failed("hz", "argument couldn't be parsed into an integer")],
  ];
  for (const [pairs, error] of cases) assert.equal(config.set(pairs), error);
});

test("set() sets all or none", async () => {
  const { config, changes } = await start();
  const before = config.get(["*"]);
  assert.notEqual(config.set([["hz", "7"], ["requirepass", "x"], ["timeout", "abc"]]), undefined);
  assert.deepEqual(config.get(["*"]), before);
  assert.deepEqual(changes, []);
});

test("set() puts back what cannot be applied", async () => {
  let isRefused = true;
  const asked: string[][] = [];
  const { config, changes, options } = await start([], (names) => {
    asked.push([...names, options.tlsCertFile]);
    return isRefused ? { name: "tls-cert-file", reason: "no" } : undefined;
  });
  const before = config.get(["*"]);
  const limits = "normal 1 2 3";
  const pairs = [
    ["tls-cert-file", "a.crt"],
    ["client-output-buffer-limit", limits],
    ["maxmemory-clients", "7%"],
  ] as const;
  assert.equal(config.set(pairs), failed("tls-cert-file", "no"));
  assert.deepEqual(config.get(["*"]), before);
  assert.deepEqual(changes, []);
  isRefused = false;
  assert.equal(config.set(pairs), undefined);
  assert.deepEqual(changes, pairs.map(([name]) => name));
  const names = pairs.map(([name]) => name);
  assert.deepEqual(asked, [[...names, "a.crt"], [...names, "a.crt"]], "with the values in place");
});

test("maxmemory-clients is shown as it was given", async () => {
  const { config, value } = await start();
  const shown = [["5%", "5%"], ["100%", "100%"], ["0%", "0"], ["100mb", "104857600"], ["0", "0"]];
  for (const [given, expected] of shown) {
    assert.equal(config.set([["maxmemory-clients", given]]), undefined);
    assert.equal(value("maxmemory-clients"), expected);
  }
});

test("set() raises maxmemory up to the store's capacity and no further", async () => {
  const { config, settings } = await start(["--maxmemory", "1gb"]);
  assert.equal(config.set([["maxmemory", "1mb"]]), undefined);
  assert.equal(config.set([["maxmemory", "1073741824"]]), undefined);
  assert.equal(
    config.set([["maxmemory", "1073741825"]]),
    failed(
      "maxmemory",
      "argument must be at most 1gb, the capacity that the store was started with",
    ),
  );
  assert.equal(settings.maxmemory, GIB);
  assert.equal(config.set([["maxmemory", "0"]]), undefined);
  assert.equal(settings.maxmemory, 0);
});

test("set() changes output limits by class, and percentiles as Redis writes them", async () => {
  const { config, value, changes } = await start();
  const limits = "client-output-buffer-limit";
  const percentiles = "latency-tracking-info-percentiles";
  assert.equal(config.set([[limits, "NORMAL 1mb 1 1 slave 1 1 1 normal 5 5 5"]]), undefined);
  assert.equal(value(limits), "normal 5 5 5 slave 1 1 1 pubsub 33554432 8388608 60");
  assert.equal(config.set([[limits, ""]]), undefined);
  assert.equal(config.set([[percentiles, "99.9 50 1e1 33.333333333 100 0.0000001"]]), undefined);
  assert.equal(value(percentiles), "99.9 50 10 33.333333 100 0");
  assert.equal(config.set([[percentiles, ""]]), undefined);
  assert.equal(value(percentiles), "");
  assert.deepEqual(changes, [limits, percentiles, percentiles]);
});

test("set() takes the one true value of a fact", async () => {
  const { config } = await start();
  assert.equal(config.set([["save", ""], ["appendonly", "no"]]), undefined);
});

test("rewrite() needs a configuration file", async () => {
  const { config } = await start();
  assert.equal(await config.rewrite(), "ERR The server is running without a config file");
});

test("a parameter answers to its older name too, as Redis's do", async () => {
  const { config, settings, changes } = await start(["--hash-max-ziplist-value", "7"]);
  assert.equal(settings.hashMaxListpackValue, 7);
  assert.deepEqual(config.get(["Zset-max-ziplist-value", "list-max-*"]), [
    ["Zset-max-ziplist-value", "64"],
    ["list-max-listpack-size", "-2"],
    ["list-max-ziplist-size", "-2"],
  ]);
  assert.equal(config.set([["hash-max-ziplist-value", "8"]]), undefined);
  assert.equal(settings.hashMaxListpackValue, 8);
  assert.deepEqual(changes, ["hash-max-ziplist-value"]);
  const both = [["hash-max-ziplist-value", "9"], ["hash-max-listpack-value", "10"]] as const;
  assert.equal(config.set(both), undefined);
  assert.equal(settings.hashMaxListpackValue, 10);
  assert.equal(
    config.set([["hash-max-ziplist-value", "x"]]),
    failed("hash-max-ziplist-value", "argument must be a memory value"),
  );
  assert.deepEqual(config.get(["set-max-ziplist-*"]), []);
});
