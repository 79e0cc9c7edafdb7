import { test } from "node:test";
import assert from "node:assert/strict";
import {
  type CacheOptions,
  readCacheOptions,
  readServerOptions,
  type ServerOptions,
} from "../../src/server/library_options.ts";
import { isFact, isLocal, PARAMETERS } from "../../src/server/options_table.ts";
import { parseEventClasses } from "../../src/engine/pubsub_key_events.ts";
import { FREE_PORT } from "../../src/server/options_types.ts";
import { GIB, machine } from "./options_harness.ts";

const MIB = 1024 ** 2;
const system = machine(8 * GIB);

/** Every option of a cache, each with another value than its default. */
const CACHE: Required<CacheOptions> = {
  databases: 3,
  maxmemory: "64mb",
  maxmemoryPolicy: "volatile-ttl",
  maxmemorySamples: 7,
  lfuLogFactor: 8,
  lfuDecayTime: 9,
  keyIndex: "radix",
  protoMaxBulkLen: 2 * MIB,
  hashMaxListpackEntries: 11,
  hashMaxListpackValue: 12,
  setMaxIntsetEntries: 13,
  setMaxListpackEntries: 14,
  setMaxListpackValue: 15,
  zsetMaxListpackEntries: 16,
  zsetMaxListpackValue: 17,
  listMaxListpackSize: -5,
  listCompressDepth: 2,
  hllSparseMaxBytes: 1000,
  streamNodeMaxBytes: 2000,
  streamNodeMaxEntries: 18,
  activeExpireEffort: 4,
  hz: 50,
  latencyTracking: false,
  latencyTrackingInfoPercentiles: [25, 75],
  notifyKeyspaceEvents: "K$e",
  slowlogLogSlowerThan: 19,
  slowlogMaxLen: 20,
  latencyMonitorThreshold: 21,
  enableDebugCommand: "local",
};

/** And of a server. */
const SERVER: Required<ServerOptions> = {
  ...CACHE,
  port: 7000,
  bind: ["127.0.0.1", "-::1"],
  unixsocket: "/tmp/x.sock",
  unixsocketperm: "770",
  tcpKeepalive: 60,
  tlsPort: 7001,
  tlsCertFile: "a.crt",
  tlsKeyFile: "a.key",
  tlsKeyFilePass: "opensesame",
  tlsCaCertFile: "ca.crt",
  tlsAuthClients: "optional",
  httpPort: 8079,
  httpTlsPort: 8443,
  http3: true,
  httpBind: ["127.0.0.1"],
  httpToken: "token",
  httpReadonlyToken: "reader",
  httpMaxBody: "1mb",
  httpMaxWait: 3,
  httpBodyTimeout: 4,
  httpRateLimit: 50,
  httpAccessLog: true,
  httpCors: "https://app.example",
  maxmemoryClients: "5%",
  clientCommandRateLimit: 100,
  clientCommandRateBurst: 10,
  protectedMode: false,
  requirepass: "secret",
  aclfile: "users.acl",
  aclPubsubDefault: "allchannels",
  acllogMaxLen: 9,
  authFailDelayMs: 20,
  maxclients: 5,
  timeout: 6,
  trackingTableMaxKeys: 7,
  clientQueryBufferLimit: "2mb",
  clientOutputBufferLimit: "normal 3mb 2mb 1",
  loglevel: "warning",
  logfile: "/tmp/x.log",
  logFormat: "json",
  sliceTrace: "/tmp/x.trace",
  sliceTraceSlowerThan: 22,
  log: () => {},
};

const kebab = (name: string): string => name.replace(/[A-Z]/g, (it) => `-${it.toLowerCase()}`);

test("there is an option for every parameter that may be chosen", () => {
  const local = PARAMETERS.filter(isLocal).map(({ name }) => name);
  assert.deepEqual(Object.keys(CACHE).map(kebab).sort(), local.sort());
  const all = PARAMETERS.filter((each) => !isFact(each)).map(({ name }) => name);
  const { log: _log, ...named } = SERVER;
  assert.deepEqual(Object.keys(named).map(kebab).sort(), all.sort());
});

test("each option of a cache takes its place", () => {
  const { settings, port, bind, storeCapacityBytes } = readCacheOptions(CACHE, system);
  assert.deepEqual({ port, bind, storeCapacityBytes }, {
    port: 0,
    bind: [],
    storeCapacityBytes: 64 * MIB,
  });
  const notifyKeyspaceEvents = parseEventClasses(CACHE.notifyKeyspaceEvents!);
  const expected = { ...CACHE, maxmemory: 64 * MIB, notifyKeyspaceEvents };
  const named = Object.keys(expected).map((name) => [name, settings[name as keyof CacheOptions]]);
  assert.deepEqual(Object.fromEntries(named), expected);
});

test("each option of a server takes its place", () => {
  const options = readServerOptions(SERVER, system);
  const { settings } = options;
  assert.deepEqual([options.port, options.bind], [7000, ["127.0.0.1", "-::1"]]);
  assert.deepEqual([options.unixsocket, options.unixsocketperm], ["/tmp/x.sock", 0o770]);
  assert.deepEqual([settings.tcpKeepaliveSeconds, settings.protectedMode], [60, false]);
  assert.deepEqual([settings.requirepass, settings.maxclients], ["secret", 5]);
  assert.deepEqual([settings.timeoutSeconds, settings.clientQueryBufferLimit], [6, 2 * MIB]);
  assert.equal(settings.trackingTableMaxKeys, 7);
  assert.deepEqual([settings.loglevel, settings.logFormat], ["warning", "json"]);
  assert.equal(options.logfile, "/tmp/x.log");
  assert.deepEqual([options.sliceTrace, options.sliceTraceSlowerThan], ["/tmp/x.trace", 22]);
  assert.deepEqual(settings.clientOutputBufferLimitNormal, [3 * MIB, 2 * MIB, 1]);
  assert.deepEqual([options.tlsPort, options.tlsAuthClients], [7001, "optional"]);
  assert.deepEqual([options.tlsCertFile, options.tlsKeyFile], ["a.crt", "a.key"]);
  assert.deepEqual([options.tlsKeyFilePass, options.tlsCaCertFile], ["opensesame", "ca.crt"]);
  assert.deepEqual([options.httpPort, options.httpTlsPort], [8079, 8443]);
  assert.equal(options.http3, true);
  assert.deepEqual([options.httpBind, options.httpCors], [["127.0.0.1"], "https://app.example"]);
  assert.deepEqual([options.httpToken, options.httpReadonlyToken], ["token", "reader"]);
  assert.deepEqual([options.httpMaxBody, options.httpMaxWait], [MIB, 3]);
  assert.deepEqual([options.httpBodyTimeout, options.httpRateLimit], [4, 50]);
  assert.equal(options.httpAccessLog, true);
  assert.equal(settings.maxmemoryClients, -5);
  assert.deepEqual([settings.clientCommandRateLimit, settings.clientCommandRateBurst], [100, 10]);
});

test("a cache has 256 MiB by default, a server half of the machine", () => {
  assert.equal(readCacheOptions({}, system).settings.maxmemory, 256 * MIB);
  assert.equal(readServerOptions({}, system).settings.maxmemory, 4 * GIB);
  const { settings, storeCapacityBytes } = readCacheOptions({ maxmemory: 0 }, system);
  assert.deepEqual([settings.maxmemory, storeCapacityBytes], [0, 6 * GIB]);
});

test("undefined is as if it were not given, and a free port is a port", () => {
  assert.equal(readCacheOptions({ hz: undefined }, system).settings.hz, 10);
  assert.equal(readServerOptions({ port: undefined }, system).port, 6379);
  assert.equal(readServerOptions({ port: "free" }, system).port, FREE_PORT);
  const files = { tlsCertFile: "a.crt", tlsKeyFile: "a.key", tlsAuthClients: "no" } as const;
  assert.equal(readServerOptions({ ...files, tlsPort: "free" }, system).tlsPort, FREE_PORT);
});

/** Reads options that TypeScript would not let pass. @returns the error */
function refused(read: (given: never) => unknown, given: unknown): Error {
  try {
    read(given as never);
  } catch (error) {
    return error as Error;
  }
  return assert.fail("it was accepted");
}

const cache = (given: CacheOptions): unknown => readCacheOptions(given, system);
const server = (given: ServerOptions): unknown => readServerOptions(given, system);

test("a wrong value is a RangeError that names option, value and what is allowed", () => {
  const error = refused(cache, { maxmemoryPolicy: "lru", hz: "often" });
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /^maxmemory-policy lru \(createCache maxmemoryPolicy\): /m);
  assert.match(error.message, /^ +allowed: volatile-lru, .*allkeys-random/m);
  assert.match(error.message, /^hz often \(createCache hz\): .*integer/m);
  for (const wrong of [{ databases: 0 }, { databases: 1.5 }, { maxmemory: -1 }, { hz: NaN }]) {
    assert.ok(refused(cache, wrong) instanceof RangeError, JSON.stringify(wrong));
  }
  const nowhere = refused(server, { port: 0 });
  assert.ok(nowhere instanceof RangeError);
  assert.match(nowhere.message, /nothing to listen at\n +allowed: a port/);
});

test("a value of a wrong type, and an unknown option, are TypeErrors", () => {
  const wrongType = refused(cache, { maxmemory: { mb: 64 } });
  assert.ok(wrongType instanceof TypeError);
  assert.match(wrongType.message, /createCache: maxmemory \{"mb":64\} .*; allowed: bytes, or/);
  for (const wrong of [{ hz: null }, { hz: () => 1 }, { hz: 10n }, null, [], "64mb"]) {
    assert.ok(refused(cache, wrong) instanceof TypeError, String(wrong));
  }
  const misspelt = refused(cache, { maxmemoryPolcy: "noeviction" });
  assert.ok(misspelt instanceof TypeError);
  assert.match(misspelt.message, /maxmemoryPolcy "noeviction" .*did you mean maxmemoryPolicy\?/);
  assert.match(refused(cache, { colour: "red" }).message, /allowed: databases, .*, maxmemory, /);
  assert.match(refused(cache, { port: 1 }).message, /port 1 is for servers/);
  assert.ok(refused(server, { appendonly: false }) instanceof TypeError);
});

test("a password is never printed", () => {
  const given = [{ requirepass: ["hunter2", {}] }, { requirepas: "hunter2" }, {
    requirepass: "hunter2\0",
  }];
  for (const each of given) {
    const { message } = refused(server, each);
    assert.match(message, /requirepas/);
    assert.doesNotMatch(message, /hunter2/);
  }
  assert.doesNotMatch(refused(cache, { requirepass: "hunter2" }).message, /hunter2/);
});
