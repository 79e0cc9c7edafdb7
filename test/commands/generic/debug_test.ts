import { test } from "node:test";
import assert from "node:assert/strict";
import { createRunner, START_MS } from "./runner.ts";

const NOT_ALLOWED =
  "-ERR DEBUG command not allowed. If the enable-debug-command option is set to " +
  '"local", you can run it from a local connection, otherwise you need to set this option in the ' +
  "configuration file, and then restart the server.";

function unknown(word: string): string {
  return `-ERR unknown subcommand or wrong number of arguments for '${word}'. Try DEBUG HELP.`;
}

test("DEBUG runs only where it is allowed", () => {
  const cases: ["no" | "yes" | "local", string, boolean][] = [
    ["no", "127.0.0.1:5", false],
    ["yes", "10.0.0.1:5", true],
    ["local", "127.0.0.1:5", true],
    ["local", "[::1]:5", true],
    ["local", "10.0.0.1:5", false],
    ["local", "[2001:db8::1]:5", false],
  ];
  for (const [enableDebugCommand, address, isAllowed] of cases) {
    const runner = createRunner({ enableDebugCommand });
    runner.remoteAddress = address;
    const expected = isAllowed ? "+OK" : NOT_ALLOWED;
    assert.equal(runner.run("DEBUG SLEEP 0"), expected, `${enableDebugCommand} ${address}`);
    assert.equal(runner.run("DEBUG nonsense"), isAllowed ? unknown("nonsense") : NOT_ALLOWED);
  }
});

test("DEBUG SLEEP holds everything for so many seconds", () => {
  const runner = createRunner({ enableDebugCommand: "yes" });
  const slept: [text: string, ms: number][] = [
    ["0.25", 250],
    ["2", 2000],
    ["0.01abc", 10],
    ["x", 0],
    ["-1", 0],
    ["Infinity", 0],
    ["nan", 0],
  ];
  for (const [text, ms] of slept) {
    const before = runner.nowMs;
    assert.equal(runner.run(`DEBUG SLEEP ${text}`), "+OK");
    assert.equal(runner.nowMs - before, ms, text);
  }
});

test("DEBUG SET-ACTIVE-EXPIRE switches active expiry, and lazy expiry goes on without", () => {
  const runner = createRunner({ enableDebugCommand: "yes" });
  assert.equal(runner.run("DEBUG SET-ACTIVE-EXPIRE 0"), "+OK");
  assert.equal(runner.settings.activeExpireEnabled, false);
  runner.run("SET a 1 PX 10");
  runner.nowMs += 10;
  assert.equal(runner.engine.runSlice(), false);
  assert.equal(runner.run("DBSIZE"), 1);
  assert.equal(runner.run("GET a"), null);
  assert.equal(runner.run("debug set-active-expire 1"), "+OK");
  assert.equal(runner.settings.activeExpireEnabled, true);
  runner.run("DEBUG SET-ACTIVE-EXPIRE x");
  assert.equal(runner.settings.activeExpireEnabled, false);
});

test("DEBUG OBJECT describes a value", () => {
  const runner = createRunner({ enableDebugCommand: "yes" });
  const { run } = runner;
  assert.equal(run("DEBUG OBJECT nokey"), "-ERR no such key");
  const lru = Math.floor(START_MS / 1000) % 2 ** 24;
  const described: [value: string, encoding: string, length: number][] = [
    ["v", "embstr", 2],
    ["", "embstr", 1],
    ["127", "int", 2],
    ["-128", "int", 2],
    ["128", "int", 3],
    ["-32768", "int", 3],
    ["40000", "int", 5],
    ["-2147483648", "int", 5],
    ["2147483648", "int", 11],
    ["12345678901234", "int", 15],
    // From 21 bytes on, what can be is compressed.
    ["r".repeat(20), "embstr", 21],
    ["r".repeat(21), "embstr", 9],
    ["r".repeat(63), "raw", 12],
    ["r".repeat(64), "raw", 13],
    ["r".repeat(20_000), "raw", 242],
  ];
  for (const [value, encoding, length] of described) {
    runner.nowMs = START_MS;
    run("SET", "a", value);
    runner.nowMs += 4000;
    const tail = ` refcount:1 encoding:${encoding} serializedlength:${length} lru:${lru} ` +
      "lru_seconds_idle:4";
    const line = run("DEBUG OBJECT a") as string;
    assert.match(line, /^\+Value at:0x[0-9a-f]+ /);
    assert.equal(line.replace(/^\+Value at:0x[0-9a-f]+/, ""), tail);
  }
});

test("DEBUG OBJECT finds keys of any size, and none whose time has come", () => {
  const runner = createRunner({ enableDebugCommand: "yes" });
  const key = "k".repeat(300);
  runner.run("SET", key, "v", "PX", "10");
  assert.match(runner.run("DEBUG", "object", key) as string, /^\+Value at:/);
  runner.nowMs += 10;
  assert.equal(runner.run("DEBUG", "OBJECT", key), "-ERR no such key");
});

test("everything else is an unknown subcommand", () => {
  const { run } = createRunner({ enableDebugCommand: "yes" });
  assert.equal(run("DEBUG"), "-ERR wrong number of arguments for 'debug' command");
  assert.equal(run("DEBUG SLEEP"), unknown("SLEEP"));
  assert.equal(run("DEBUG SLEEP 1 2"), unknown("SLEEP"));
  assert.equal(run("DEBUG OBJECT a fast"), unknown("OBJECT"));
  assert.equal(run("DEBUG HELP x"), unknown("HELP"));
  assert.equal(run("DEBUG", "a\nb"), unknown("a b"));
  assert.equal(run("DEBUG", "y".repeat(200)), unknown("y".repeat(128)));
});

test("DEBUG HELP lists what there is", () => {
  const { run } = createRunner({ enableDebugCommand: "yes" });
  const lines = run("DEBUG HELP") as string[];
  assert.deepEqual(
    lines.filter((line) => !line.startsWith("+    ")),
    [
      "+DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
      "+OBJECT <key>",
      "+SET-ACTIVE-EXPIRE <0|1>",
      "+SLEEP <seconds>",
      "+HELP",
    ],
  );
});
