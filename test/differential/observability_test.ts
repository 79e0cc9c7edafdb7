/** What shows the work of the server, compared with a real redis-server: formats, names, error texts. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { latencyReport } from "../../src/commands/observability/latency_doctor.ts";
import { LatencySeries } from "../../src/engine/latency_monitor.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { sleep } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";
import { INFO_ABSENCES } from "./info_absences.ts";

const missing = missingProgram("redis-server");
const servers: TestServer[] = [];

after(async () => {
  closeClients();
  await killProcesses();
  for (const server of servers) await server.close();
});

type Connect = () => Promise<WireClient>;

/** Clients of a redis-server and of this one. */
async function startBoth(): Promise<[real: Connect, ours: Connect]> {
  const redis = await startRedis();
  const server = await startTestServer("--enable-debug-command", "yes");
  servers.push(server);
  return [() => connect(redis.address), () => connect(server.address)];
}

/** Fields of an INFO reply, by section. */
function fieldsOf(reply: string): Map<string, string> {
  const fields = new Map<string, string>();
  let section = "";
  for (const line of reply.split("\r\n")) {
    if (line.startsWith("# ")) section = line.slice(2);
    const name = /^(\w+):/.exec(line)?.[1];
    if (name !== undefined) fields.set(name, section);
  }
  return fields;
}

test("INFO has every field of redis-server, in its section, or there is a reason", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  const real = fieldsOf(await (await connectReal()).call("INFO"));
  const ours = fieldsOf(await (await connectOurs()).call("INFO"));
  assert.ok(real.size > 100, "the fields were read");
  for (const [name, section] of real) {
    if (INFO_ABSENCES.has(name)) assert.ok(!ours.has(name), `${name} is there, strike it off`);
    else assert.equal(ours.get(name), section, name);
  }
  for (const name of INFO_ABSENCES.keys()) assert.ok(real.has(name), `no such field: ${name}`);
});

const SHOWN: readonly (readonly string[])[] = [
  ["SET", "k", 'a"b\\c\n\r\t\x07\b\0\xff ~'],
  ["select", "3"],
  ["GET"],
  ["GET", ""],
  ["nosuch", "a"],
  ["MULTI"],
  ["INCR", "n"],
  ["CONFIG", "GET", "port"],
  ["EXEC"],
  ["MULTI"],
  ["DISCARD"],
  ["HELLO", "2", "AUTH", "default", "pw", "SETNAME", "me"],
  ["AUTH", "pw"],
  ["AUTH", "default", "pw"],
  ["ACL", "SETUSER", "x", ">pw"],
  ["ACL", "WHOAMI"],
  ["CLIENT", "SETNAME", "me"],
  ["CLIENT", "LIST"],
  ["SLOWLOG", "LEN"],
  ["LATENCY", "RESET"],
  ["DEBUG", "SLEEP", "0"],
  ["INFO", "server"],
  ["OBJECT", "HELP"],
  ["BLPOP", "nosuch", "0.001"],
  ["LPUSH", "l", "x".repeat(300)],
  ["SET", "n", "12345"],
  ["RESET"],
  ["SUBSCRIBE", "a"],
  ["PING"],
  ["UNSUBSCRIBE"],
  ["PUBLISH", "a", "b"],
  ["PING", "the end"],
];

/** Lines of a monitor while one client runs all of `SHOWN`. */
async function monitored(connectTo: Connect): Promise<string[]> {
  const seeing = await connectTo();
  assert.equal(await seeing.call("MONITOR"), "+OK\r\n");
  const client = await connectTo();
  for (const command of SHOWN) await client.call(...command);
  const lines: string[] = [];
  do {
    const line = await seeing.readText();
    lines.push(line.replace(/^\+\d{10}\.\d{6} /, "T ").replace(/127\.0\.0\.1:\d+/, "ADDRESS"));
  } while (!lines.at(-1)!.includes("the end"));
  return lines;
}

test("MONITOR shows the same lines as redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  const real = await monitored(connectReal);
  assert.ok(real.length > 15);
  assert.deepEqual(await monitored(connectOurs), real);
});

/** What redis-server shows although it is a secret, or the name of a user, and this server does not. */
const HIDDEN_HERE: readonly (readonly [string, string])[] = [
  ["~$5~HELLO~$1~4~$4~AUTH~$7~default~$2~pw~", "~$5~HELLO~$1~4~$4~AUTH~R~R~"],
  ["~$4~AUTH~$1~a~$1~b~$1~c~", "~$4~AUTH~R~R~R~"],
];

/** Entries of the slow log, without times, after some commands that all count as slow. */
async function slowlog(connectTo: Connect): Promise<string> {
  const client = await connectTo();
  await client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
  const commands = [
    ["SET", "k", "v"],
    ["LPUSH", "l", ...Array.from({ length: 60 }, (_, i) => String(i))],
    ["SET", "long", "x".repeat(200)],
    ["SET", "exact", "x".repeat(128)],
    ["RPUSH", "m", ...Array.from({ length: 30 }, (_, i) => String(i))],
    ["CLIENT", "SETNAME", "me"],
    ["MULTI"],
    ["GET", "k"],
    ["EXEC"],
    ["GET"],
    ["nosuch"],
    ["AUTH", "pw"],
    ["AUTH", "a", "b", "c"],
    ["HELLO", "2", "AUTH", "default", "pw"],
    ["HELLO", "4", "AUTH", "default", "pw"],
    ["ACL", "SETUSER", "x", ">pw"],
    ["CONFIG", "SET", "requirepass", "pw"],
    ["CONFIG", "SET", "hz", "11", "requirepass", ""],
    ["CONFIG", "SET", "slowlog-log-slower-than", "-1"],
  ];
  for (const command of commands) await client.call(...command);
  const reply = await client.call("SLOWLOG", "GET", "-1");
  return reply.replace(/\r\n/g, "~").replace(/~:\d+~:\d{10}~:\d+~/g, "~ID~TIME~US~")
    .replace(/\$10~\(redacted\)/g, "R").replace(/\$\d+~127\.0\.0\.1:\d+/g, "ADDRESS");
}

test("SLOWLOG GET answers the same entries as redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  let real = await slowlog(connectReal);
  for (const [shown, hidden] of HIDDEN_HERE) {
    assert.ok(real.includes(shown), shown);
    real = real.replace(shown, hidden);
  }
  assert.equal(await slowlog(connectOurs), real);
});

const ASKED: readonly (readonly string[])[] = [
  ["SLOWLOG"],
  ["SLOWLOG", "GET", "-2"],
  ["SLOWLOG", "GET", "x"],
  ["SLOWLOG", "GET", "1", "2"],
  ["SLOWLOG", "LEN", "1"],
  ["SLOWLOG", "FOO"],
  ["SLOWLOG", "HELP"],
  ["LATENCY"],
  ["LATENCY", "FOO"],
  ["LATENCY", "HISTORY"],
  ["LATENCY", "HISTORY", "command"],
  ["LATENCY", "GRAPH", "command"],
  ["LATENCY", "RESET", "command"],
  ["LATENCY", "LATEST"],
  ["LATENCY", "DOCTOR"],
  ["LATENCY", "HELP"],
  ["LATENCY", "HISTOGRAM", "nosuch"],
  ["CONFIG", "SET", "latency-monitor-threshold", "20"],
  ["LATENCY", "DOCTOR"],
  ["MONITOR", "x"],
  ["CONFIG", "SET", "slowlog-log-slower-than", "x"],
  ["CONFIG", "SET", "logfile", "x"],
  ["CONFIG", "GET", "slowlog-log-slower-than"],
  ["CONFIG", "GET", "slowlog-max-len"],
  ["CONFIG", "GET", "latency-monitor-threshold"],
  ["CONFIG", "GET", "loglevel"],
];

test("the commands answer in the words of redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  for (const version of ["2", "3"]) {
    const [real, ours] = [await connectReal(), await connectOurs()];
    for (const client of [real, ours]) await client.call("HELLO", version);
    for (const command of ASKED) {
      assert.equal(await ours.call(...command), await real.call(...command), command.join(" "));
    }
  }
});

/** The text of a bulk string. */
function text(reply: string): string {
  return reply.slice(reply.indexOf("\r\n") + 2, -2);
}

test("graph and report of real spikes are those of redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  const [real, ours] = [await connectReal(), await connectOurs()];
  for (const client of [real, ours]) {
    await client.call("CONFIG", "SET", "latency-monitor-threshold", "100");
  }
  for (const seconds of ["0.12", "0.2", "0.15"]) {
    for (const client of [real, ours]) await client.call("DEBUG", "SLEEP", seconds);
    await sleep(1010);
  }
  const history = await real.call("LATENCY", "HISTORY", "command");
  const samples = [...history.matchAll(/\*2\r\n:(\d+)\r\n:(\d+)\r\n/g)];
  assert.ok(samples.length >= 3, history);

  // Drawn and reported here from the samples of there.
  const server = servers.at(-1)!.server.engine;
  server.latency.reset();
  const series = new LatencySeries();
  for (const [, seconds, ms] of samples) series.add(Number(seconds), Number(ms));
  (server.latency.series as Map<string, LatencySeries>).set("command", series);
  const withoutAges = (graph: string): string => graph.replace(/\n {1,3}\n[^]*$/, "");
  assert.equal(
    withoutAges(text(await ours.call("LATENCY", "GRAPH", "command"))),
    withoutAges(text(await real.call("LATENCY", "GRAPH", "command"))),
  );
  const report = text(await real.call("LATENCY", "DOCTOR"));
  const [oldest] = samples[0].slice(1).map(Number);
  const period = Number(/period ([\d.]+) sec/.exec(report)![1]) * samples.length;
  assert.equal(
    latencyReport({
      ...{ series: new Map([["command", series]]), thresholdMs: 100, slowLogUs: 10_000, hz: 10 },
      nowSeconds: oldest + Math.round(period),
    }),
    report.replace(/^- I detected a non zero amount of anonymous huge pages[^\n]*\n/m, ""),
  );
});

/** Fields of MEMORY STATS that only the allocator of redis-server can tell. */
const OF_THE_ALLOCATOR = [
  ...["allocator.resident", "allocator-rss.ratio", "allocator-rss.bytes"],
  ...["rss-overhead.ratio", "rss-overhead.bytes"],
];

/** Names of the fields of MEMORY STATS, those of databases included. */
async function memoryFields(connectTo: Connect): Promise<string[]> {
  const client = await connectTo();
  await client.call("SET", "a", "1");
  const reply = await client.call("MEMORY", "STATS");
  return [...reply.matchAll(/\r\n([a-z][\w.-]+)\r\n/g)].map(([, name]) => name);
}

test("MEMORY STATS has the fields of redis-server in their order", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  const real = await memoryFields(connectReal);
  assert.ok(real.includes("db.0") && real.includes("overhead.hashtable.main"));
  const expected = real.filter((name) => !OF_THE_ALLOCATOR.includes(name));
  assert.deepEqual(await memoryFields(connectOurs), expected);
});

test("CLIENT LIST has the fields of redis-server in their order, and those of 7.2", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const [connectReal, connectOurs] = await startBoth();
  const fields = async (connectTo: Connect): Promise<string[]> => {
    const reply = await (await connectTo()).call("CLIENT", "LIST");
    return [...text(reply).split("\n")[0].matchAll(/([a-z-]+)=/g)].map(([, name]) => name);
  };
  assert.deepEqual(await fields(connectOurs), [
    ...await fields(connectReal),
    "lib-name",
    "lib-ver",
  ]);
});
