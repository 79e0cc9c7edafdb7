import { test } from "node:test";
import assert from "node:assert/strict";
import { MAX_SHARDS } from "../../src/engine/keyspace.ts";
import type { Settings } from "../../src/ports/settings.ts";
import { PARAMETERS } from "../../src/server/options_table.ts";
import { GIB, loadGood, loadWrong } from "./options_harness.ts";

const DEFAULT_SETTINGS: Settings = {
  databases: 16,
  maxmemory: 4 * GIB,
  maxmemoryPolicy: "allkeys-lrfu",
  maxmemorySamples: 5,
  lfuLogFactor: 10,
  lfuDecayTime: 1,
  keyIndex: "hash",
  activeExpireEnabled: true,
  activeExpireEffort: 1,
  hz: 10,
  maxclients: 10_000,
  timeoutSeconds: 0,
  tcpKeepaliveSeconds: 300,
  protectedMode: true,
  requirepass: "",
  aclPubsubDefault: "resetchannels",
  aclLogMaxLen: 128,
  authFailDelayMs: 100,
  maxmemoryClients: 0,
  clientCommandRateLimit: 0,
  clientCommandRateBurst: 0,
  protoMaxBulkLen: 536_870_912,
  clientQueryBufferLimit: 1_073_741_824,
  trackingTableMaxKeys: 1_000_000,
  clientOutputBufferLimitNormal: [0, 0, 0],
  clientOutputBufferLimitPubsub: [33_554_432, 8_388_608, 60],
  latencyTracking: true,
  latencyTrackingInfoPercentiles: [50, 99, 99.9],
  notifyKeyspaceEvents: 0,
  slowlogLogSlowerThan: 10_000,
  slowlogMaxLen: 128,
  latencyMonitorThreshold: 0,
  loglevel: "notice",
  logFormat: "text",
  enableDebugCommand: "no",
  hashMaxListpackEntries: 512,
  hashMaxListpackValue: 64,
  setMaxIntsetEntries: 512,
  setMaxListpackEntries: 128,
  setMaxListpackValue: 64,
  zsetMaxListpackEntries: 128,
  zsetMaxListpackValue: 64,
  listMaxListpackSize: -2,
  listCompressDepth: 0,
  hllSparseMaxBytes: 3000,
  streamNodeMaxBytes: 4096,
  streamNodeMaxEntries: 100,
};

test("without any option, all have their defaults", async () => {
  const { options, configFile } = await loadGood({});
  assert.equal(configFile, "");
  assert.deepEqual(options, {
    port: 6379,
    bind: ["127.0.0.1", "-::1"],
    httpPort: 0,
    httpTlsPort: 0,
    http3: false,
    httpBind: ["127.0.0.1", "-::1"],
    httpToken: "",
    httpReadonlyToken: "",
    httpMaxBody: 16 * 1024 * 1024,
    httpMaxWait: 30,
    httpBodyTimeout: 30,
    httpRateLimit: 0,
    httpAccessLog: false,
    httpCors: "",
    tlsPort: 0,
    tlsCertFile: "",
    tlsKeyFile: "",
    tlsKeyFilePass: "",
    tlsCaCertFile: "",
    tlsAuthClients: "yes",
    unixsocket: "",
    unixsocketperm: 0,
    clientOutputBufferLimitReplica: [268_435_456, 67_108_864, 60],
    logfile: "",
    sliceTrace: "",
    sliceTraceSlowerThan: 100,
    aclfile: "",
    users: [],
    renamedCommands: [],
    storeCapacityBytes: 4 * GIB,
    settings: DEFAULT_SETTINGS,
  });
});

test("flags win over the environment, which wins over the file", async () => {
  const given = {
    files: { "a.conf": "hz 20\ntimeout 20\nport 20\nhz 21" },
    env: { CRABCACHE_TIMEOUT: "30", CRABCACHE_PORT: "30" },
    args: ["a.conf", "--port", "40", "--port", "41"],
  };
  const { options, configFile } = await loadGood(given);
  assert.equal(configFile, "a.conf");
  assert.deepEqual([options.settings.hz, options.settings.timeoutSeconds, options.port], [
    21,
    30,
    41,
  ]);
});

test("the file is named by a first argument, by --config or by the environment", async () => {
  const files = { "a.conf": "port 1", "b.json": '{"port": 2}' };
  for (const args of [["a.conf"], ["--config", "a.conf"], ["--hz", "5", "--config=a.conf"]]) {
    const { options, configFile } = await loadGood({
      args,
      files,
      env: { CRABCACHE_CONFIG: "b.json" },
    });
    assert.deepEqual([options.port, configFile], [1, "a.conf"]);
  }
  const { options } = await loadGood({ files, env: { CRABCACHE_CONFIG: "b.json" } });
  assert.equal(options.port, 2);
  assert.match(await loadWrong({ args: ["a.conf", "--config", "b.json"], files }), /given 2 times/);
  assert.match(await loadWrong({ args: ["--config"] }), /config \(--config\): argument must be/);
  assert.match(
    await loadWrong({ args: ["--config", "x.conf"] }),
    /"x\.conf": there is no such file/,
  );
});

test("every parameter can be given by each source, and reads back as it was given", async () => {
  const values: Record<string, string> = {
    port: "7000",
    bind: "10.0.0.1 -fe80::1%eth0 localhost",
    unixsocket: "/run/crab.sock",
    unixsocketperm: "770",
    "tcp-keepalive": "60",
    "protected-mode": "no",
    "http-port": "8079",
    "http-tls-port": "8443",
    http3: "yes",
    "http-bind": "127.0.0.1",
    "http-token": "token",
    "http-readonly-token": "reader",
    "http-max-body": "1048576",
    "http-max-wait": "3",
    "http-body-timeout": "4",
    "http-rate-limit": "50",
    "http-access-log": "yes",
    "http-cors": "https://app.example",
    "tls-port": "7001",
    "tls-cert-file": "/etc/tls/crab.crt",
    "tls-key-file": "/etc/tls/crab.key",
    "tls-key-file-pass": "opensesame",
    "tls-ca-cert-file": "/etc/tls/ca.crt",
    "tls-auth-clients": "optional",
    requirepass: "s3cret",
    aclfile: "users.acl",
    "acl-pubsub-default": "allchannels",
    "acllog-max-len": "12",
    "auth-fail-delay-ms": "50",
    maxclients: "100",
    timeout: "5",
    "proto-max-bulk-len": "2097152",
    "tracking-table-max-keys": "1000",
    "client-query-buffer-limit": "3145728",
    "client-output-buffer-limit": "normal 1 2 3 slave 4 5 6 pubsub 7 8 9",
    "maxmemory-clients": "5%",
    "client-command-rate-limit": "1000",
    "client-command-rate-burst": "50",
    databases: "4",
    maxmemory: "104857600",
    "maxmemory-policy": "volatile-ttl",
    "maxmemory-samples": "7",
    "lfu-log-factor": "3",
    "lfu-decay-time": "2",
    "key-index": "radix",
    "hash-max-listpack-entries": "11",
    "hash-max-listpack-value": "12",
    "set-max-intset-entries": "13",
    "set-max-listpack-entries": "14",
    "set-max-listpack-value": "15",
    "zset-max-listpack-entries": "16",
    "zset-max-listpack-value": "17",
    "list-max-listpack-size": "-5",
    "list-compress-depth": "2",
    "hll-sparse-max-bytes": "1000",
    "stream-node-max-bytes": "2000",
    "stream-node-max-entries": "18",
    "active-expire-effort": "10",
    hz: "100",
    "latency-tracking": "no",
    "latency-tracking-info-percentiles": "50 99.99",
    "notify-keyspace-events": "gxKE",
    "slowlog-log-slower-than": "-1",
    "slowlog-max-len": "0",
    "latency-monitor-threshold": "100",
    loglevel: "nothing",
    logfile: "/var/log/crab-cache.log",
    "slice-trace": "/var/log/crab-cache.trace",
    "slice-trace-slower-than": "250",
    "log-format": "json",
    "enable-debug-command": "local",
    save: "",
    appendonly: "no",
    "cluster-enabled": "no",
  };
  assert.deepEqual(Object.keys(values).sort(), PARAMETERS.map(({ name }) => name).sort());
  const entries = Object.entries(values);
  const words = (value: string) => (value === "" ? [""] : value.split(" "));
  const conf = entries.map(([name, value]) => `${name} ${value === "" ? '""' : value}`).join("\n");
  const sources = [
    { args: entries.flatMap(([name, value]) => [`--${name}`, ...words(value)]) },
    { args: entries.map(([name, value]) => `--${name}=${value}`) },
    {
      env: Object.fromEntries(entries.map(([name, value]) => [
        `CRABCACHE_${name.toUpperCase().replaceAll("-", "_")}`,
        value,
      ])),
    },
    { args: ["a.conf"], files: { "a.conf": conf } },
    { args: ["a.json"], files: { "a.json": JSON.stringify(values) } },
  ];
  for (const source of sources) {
    const { options } = await loadGood(source);
    for (const parameter of PARAMETERS) {
      assert.equal(parameter.format(options), values[parameter.name], parameter.name);
    }
  }
});

test("the limits of one class leave the others alone", async () => {
  const { options } = await loadGood({
    files: { "a.conf": "client-output-buffer-limit normal 1mb 1kb 3" },
    args: [
      "a.conf",
      "--client-output-buffer-limit",
      "pubsub",
      "2mb",
      "0",
      "0",
      "REPLICA",
      "1",
      "2",
      "3",
    ],
  });
  assert.deepEqual(options.settings.clientOutputBufferLimitNormal, [1_048_576, 1024, 3]);
  assert.deepEqual(options.settings.clientOutputBufferLimitPubsub, [2_097_152, 0, 0]);
  assert.deepEqual(options.clientOutputBufferLimitReplica, [1, 2, 3]);
});

test("maxmemory is half of the machine's memory, at most what all shards hold", async () => {
  assert.equal(
    (await loadGood({ memoryBytes: 3 * GIB + 1 })).options.settings.maxmemory,
    1.5 * GIB,
  );
  assert.equal((await loadGood({ memoryBytes: 48 * GIB })).options.settings.maxmemory, 24 * GIB);
  assert.equal((await loadGood({ memoryBytes: 500 * GIB })).options.settings.maxmemory, 24 * GIB);
  assert.equal(MAX_SHARDS * 0.75 * GIB, 24 * GIB);
});

test("maxmemory 0 lets the store take three quarters of the machine's memory", async () => {
  const { options } = await loadGood({ args: ["--maxmemory", "0"] });
  assert.equal(options.settings.maxmemory, 0);
  assert.equal(options.storeCapacityBytes, 6 * GIB);
  const large = await loadGood({ args: ["--maxmemory", "0"], memoryBytes: 500 * GIB });
  assert.equal(large.options.storeCapacityBytes, 24 * GIB);
  assert.equal((await loadGood({ args: ["--maxmemory=1gb"] })).options.storeCapacityBytes, GIB);
});

test("values are taken up to their limits, and refused one past them", async () => {
  const cases: [name: string, good: string[], wrong: string[]][] = [
    ["port", ["1", "65535"], ["-1", "65536"]],
    ["databases", ["1", "1024"], ["0", "1025"]],
    ["tcp-keepalive", ["0", "2147483647"], ["-1", "2147483648"]],
    ["timeout", ["0", "2147483647"], ["-1", "2147483648"]],
    ["maxclients", ["1", "4294967295"], ["0", "4294967296"]],
    ["maxmemory-samples", ["1", "64"], ["0", "65"]],
    ["active-expire-effort", ["1", "10"], ["0", "11"]],
    ["lfu-log-factor", ["0", "2147483647"], ["-1", "2147483648"]],
    ["lfu-decay-time", ["0", "2147483647"], ["-1", "2147483648"]],
    ["hz", ["0", "2147483647"], ["-1", "2147483648", "9".repeat(400)]],
    ["unixsocketperm", ["0", "777"], ["-1", "1000"]],
    ["proto-max-bulk-len", ["1048576", "1mb", "9007199254740991"], ["1048575", "9007199254740992"]],
    ["client-query-buffer-limit", ["1048576", "9007199254740991"], ["1048575", "8388609gb"]],
    ["maxmemory-clients", ["0", "1", "9007199254740991", "0%", "100%"], [
      "101%",
      "-1",
      "-1%",
      "1.5%",
    ]],
    ["client-command-rate-limit", ["0", "2147483647"], ["-1", "2147483648"]],
    ["client-command-rate-burst", ["0", "2147483647"], ["-1", "2147483648"]],
    ["http-port", ["0", "65535"], ["-1", "65536"]],
    ["http-max-body", ["1kb", "512mb"], ["1023", "536870913"]],
    ["http-max-wait", ["0"], ["-1", "3601"]],
    ["http-body-timeout", ["1"], ["0"]],
    ["http-rate-limit", ["0"], ["-1"]],
    ["tls-port", ["0"], ["-1", "65536"]],
    ["tls-auth-clients", ["no", "YES", "optional"], ["maybe", ""]],
    ["maxmemory", ["0", "24gb", "25769803776"], ["25769803777"]],
    ["unixsocket", ["x".repeat(107)], ["x".repeat(108), "é".repeat(54), "a\0b"]],
    ["bind", [Array(16).fill("::1").join(" ")], [Array(17).fill("::1").join(" ")]],
    ["latency-tracking-info-percentiles", ["0 100"], ["-0.1", "100.1"]],
    ["notify-keyspace-events", ["", "AKE", "g$lshzxetdKEmn"], ["a", "K E"]],
    ["client-output-buffer-limit", ["normal 0 0 0"], ["normal 0 0 -1", "normal 8388609gb 0 0"]],
  ];
  for (const [name, good, wrong] of cases) {
    for (const value of good) await loadGood({ args: [`--${name}=${value}`] });
    for (const value of wrong) {
      assert.match(
        await loadWrong({ args: [`--${name}=${value}`] }),
        new RegExp(`\\n  ${name} `),
        value,
      );
    }
  }
});

test("hz is brought within 1 to 500, as Redis does", async () => {
  const hz = async (value: string) =>
    (await loadGood({ args: ["--hz", value] })).options.settings.hz;
  assert.deepEqual(await Promise.all(["0", "1", "500", "501"].map(hz)), [1, 1, 500, 500]);
});

test("a wrong option is named with its value, its source and what is allowed", async () => {
  assert.equal(
    await loadWrong({ args: ["--maxmemory-policy", "foo"] }),
    "CrabCache cannot start: an option is wrong\n" +
      "  maxmemory-policy foo (--maxmemory-policy): argument(s) must be one of the following: " +
      "volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, " +
      "allkeys-random, noeviction, allkeys-lrfu\n" +
      "    allowed: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, " +
      "allkeys-lfu, allkeys-random, noeviction, allkeys-lrfu",
  );
  assert.match(
    await loadWrong({ args: ["--maxmemory=25gb"] }),
    /maxmemory 25gb \(--maxmemory\): argument must be at most 24gb, the most that a store /,
  );
});

test("all that is wrong is listed, not only the first", async () => {
  const message = await loadWrong({
    files: { "a.conf": 'port 70000\nhz "2\nfoo "a b"' },
    env: { CRABCACHE_TIMEOUT: "soon", CRABCACHE_MAXMEMROY: "1gb" },
    args: ["a.conf", "--bind", "--databases", "1", "2"],
  });
  assert.deepEqual(message.split("\n").filter((line) => !line.startsWith("    ")), [
    "CrabCache cannot start: 7 options are wrong",
    "  a.conf:2: unbalanced quotes in configuration line",
    "  port 70000 (a.conf:1): argument must be between 0 and 65535 inclusive",
    '  foo "a b" (a.conf:3): unknown option',
    "  timeout soon (CRABCACHE_TIMEOUT): argument couldn't be parsed into an integer",
    "  maxmemroy 1gb (CRABCACHE_MAXMEMROY): unknown option; did you mean maxmemory?",
    "  bind (--bind): wrong number of arguments",
    "  databases 1 2 (--databases): wrong number of arguments",
  ]);
});

test("a password is not printed, even where its option's name is misspelt", async () => {
  const message = await loadWrong({
    args: ["--requirepass", "s3cret", "x", "--requirepas=s3cret"],
  });
  assert.match(message, /requirepass \*\*\* \(--requirepass\): wrong number of arguments/);
  assert.match(
    message,
    /requirepas \*\*\* \(--requirepas\): unknown option; did you mean requirepass\?/,
  );
  assert.ok(!message.includes("s3cret"));
});

test("a parameter with one true value takes that one only, and says so", async () => {
  const facts = ["--save", "", "--appendonly", "NO", "--cluster-enabled=no"];
  assert.equal((await loadGood({ args: facts })).options.port, 6379);
  const cases: [string[], RegExp][] = [
    [
      ["--save", "3600", "1"],
      /save 3600 1 \(--save\): argument\(s\) must be one of the following: ""/,
    ],
    [["--save", "x"], /save x \(--save\): Invalid save parameters\n {4}allowed: ""/],
    [["--appendonly", "yes"], /appendonly yes .*must be one of the following: no\n {4}allowed: no/],
    [["--appendonly", "x"], /argument must be 'yes' or 'no'/],
    [["--cluster-enabled", "yes"], /must be one of the following: no/],
  ];
  for (const [args, message] of cases) assert.match(await loadWrong({ args }), message);
});

test("addresses are checked", async () => {
  assert.match(
    await loadWrong({ args: ["--bind", "a/b"] }),
    /bind a\/b \(--bind\): 'a\/b' is not an address/,
  );
  const { options } = await loadGood({ args: ["--bind", "*", "-::*"] });
  assert.deepEqual(options.bind, ["*", "-::*"]);
});

test("a server that would listen nowhere does not start", async () => {
  for (const args of [["--port", "0"], ["--bind", ""], ["--bind="]]) {
    assert.match(await loadWrong({ args }), /nothing to listen at/);
  }
  await loadGood({ args: ["--bind", "", "--unixsocket", "/run/c"] });
});
