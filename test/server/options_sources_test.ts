import { test } from "node:test";
import assert from "node:assert/strict";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import type { FileStore } from "../../src/ports/file_store.ts";
import {
  environmentName,
  MAX_INCLUDED_FILES,
  readArguments,
  readConfigFile,
  readEnvironment,
} from "../../src/server/options_sources.ts";

function read(path: string, files: Record<string, string>) {
  return readConfigFile(createMemoryFileStore(Object.entries(files)), path);
}

test("a file of redis.conf syntax gives its directives with their lines", async () => {
  const { assignments, problems } = await read("a.conf", {
    "a.conf": "# comment\r\n\r\n  Port 7000\r\nbind 1.2.3.4 -::1\n",
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(assignments, [
    { name: "port", words: ["7000"], source: "a.conf:3", file: "a.conf", line: 3 },
    { name: "bind", words: ["1.2.3.4", "-::1"], source: "a.conf:4", file: "a.conf", line: 4 },
  ]);
});

test("an included file counts where its include stands", async () => {
  const { assignments, problems } = await read("a.conf", {
    "a.conf": "hz 1\ninclude sub/b.conf\nhz 3",
    "sub/b.conf": "hz 2",
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(assignments.map((each) => [each.source, ...each.words]), [
    ["a.conf:1", "1"],
    ["sub/b.conf:1", "2"],
    ["a.conf:3", "3"],
  ]);
});

test("a file that includes itself, directly or not, is a problem", async () => {
  const { problems } = await read("a.conf", {
    "a.conf": "include b.conf",
    "b.conf": "include b.conf\ninclude a.conf\ninclude\ninclude none.conf",
  });
  assert.deepEqual(problems, [
    'b.conf:1: include "b.conf": the file includes itself',
    'b.conf:2: include "a.conf": the file includes itself',
    "b.conf:3: include: wrong number of arguments",
    'b.conf:4: include "none.conf": there is no such file',
  ]);
});

test(`${MAX_INCLUDED_FILES} files may be included, one more may not`, async () => {
  const include = (count: number) => ({
    "a.conf": "include b.conf\n".repeat(count),
    "b.conf": "hz 9",
  });
  const good = await read("a.conf", include(MAX_INCLUDED_FILES));
  assert.deepEqual(good.problems, []);
  assert.equal(good.assignments.length, MAX_INCLUDED_FILES);
  const wrong = await read("a.conf", include(MAX_INCLUDED_FILES + 1));
  assert.deepEqual(wrong.problems, [
    `a.conf:${MAX_INCLUDED_FILES + 1}: include "b.conf": more than ${MAX_INCLUDED_FILES} files`,
  ]);
});

test("files that are missing, unreadable or unbalanced are problems", async () => {
  assert.deepEqual((await read("none.conf", {})).problems, [
    'configuration file "none.conf": there is no such file',
  ]);
  const denied: FileStore = {
    ...createMemoryFileStore(),
    readText: () => Promise.reject(new Error("permission denied")),
    replaceText: () => Promise.reject(new Error("permission denied")),
  };
  assert.deepEqual((await readConfigFile(denied, "x.conf")).problems, [
    'configuration file "x.conf": permission denied',
  ]);
  assert.deepEqual((await read("a.conf", { "a.conf": 'hz 1\nrequirepass "x' })).problems, [
    "a.conf:2: unbalanced quotes in configuration line",
  ]);
});

test("a JSON file gives texts, numbers, booleans and arrays", async () => {
  const { assignments, problems } = await read("a.JSON", {
    "a.JSON":
      '{"Port": 7000, "protected-mode": false, "bind": ["1.2.3.4", "::1"], "maxmemory": "1gb"}',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(assignments.map((each) => [each.name, ...each.words]), [
    ["port", "7000"],
    ["protected-mode", "no"],
    ["bind", "1.2.3.4", "::1"],
    ["maxmemory", "1gb"],
  ]);
});

test('an empty array in a JSON file is an empty list, as "" is elsewhere', async () => {
  const { assignments } = await read("a.json", { "a.json": '{"bind": []}' });
  assert.deepEqual(assignments, [{ name: "bind", words: [""], source: "a.json" }]);
  assert.equal((await read("a.json", { "a.json": '{"bind": [[]]}' })).problems.length, 1);
});

test("a JSON file that is no object, or holds others, is a problem", async () => {
  assert.equal((await read("a.json", { "a.json": "{" })).problems.length, 1);
  for (const text of ["[]", "null", "1"]) {
    assert.deepEqual((await read("a.json", { "a.json": text })).problems, [
      'a.json: it must hold one object, e.g. {"port": 6379}',
    ]);
  }
  const nested = await read("a.json", {
    "a.json": '{"hz": {"a": 1}, "bind": [["x"]], "port": null}',
  });
  assert.deepEqual(nested.assignments, []);
  assert.equal(nested.problems.length, 3);
  assert.match(nested.problems[0], /^hz \{"a":1\} \(a\.json\): the value must be /);
});

test("the environment gives the variables with the prefix, each as one word", () => {
  const given = readEnvironment({
    PATH: "/bin",
    CRABCACHE_PORT: "7000",
    CRABCACHE_REQUIREPASS: "a b",
    CRABCACHE_MAXMEMORY_POLICY: "noeviction",
    CRABCACHE_HZ: undefined,
  });
  assert.deepEqual(given, [
    { name: "port", words: ["7000"], source: "CRABCACHE_PORT" },
    { name: "requirepass", words: ["a b"], source: "CRABCACHE_REQUIREPASS" },
    { name: "maxmemory-policy", words: ["noeviction"], source: "CRABCACHE_MAXMEMORY_POLICY" },
  ]);
  assert.equal(environmentName("maxmemory-policy"), "CRABCACHE_MAXMEMORY_POLICY");
});

test("the environment's service links of Kubernetes are no options", () => {
  assert.deepEqual(
    readEnvironment({
      CRABCACHE_SERVICE_HOST: "10.0.0.7",
      CRABCACHE_SERVICE_PORT: "6379",
      CRABCACHE_SERVICE_PORT_RESP: "6379",
      CRABCACHE_PORT: "tcp://10.0.0.7:6379",
      CRABCACHE_PORT_6379_TCP: "tcp://10.0.0.7:6379",
      CRABCACHE_PORT_6379_TCP_ADDR: "10.0.0.7",
    }),
    [],
  );
  assert.equal(readEnvironment({ CRABCACHE_SERVICE: "x" }).length, 1);
  assert.equal(readEnvironment({ CRABCACHE_PORTS: "x" }).length, 1);
});

test("flags take the words up to the next flag, or what stands behind =", () => {
  const args = ["--bind", "127.0.0.1", "-::1", "--Port=7000", "--requirepass=--x=y", "--save", ""];
  const { assignments, problems } = readArguments(args);
  assert.deepEqual(problems, []);
  assert.deepEqual(assignments, [
    { name: "bind", words: ["127.0.0.1", "-::1"], source: "--bind" },
    { name: "port", words: ["7000"], source: "--Port" },
    { name: "requirepass", words: ["--x=y"], source: "--requirepass" },
    { name: "save", words: [""], source: "--save" },
  ]);
});

test("a first argument without -- is the configuration file, others are problems", () => {
  const { assignments, problems } = readArguments(["a.conf", "--hz=1", "b", "--", "constructor"]);
  assert.deepEqual(assignments.map((each) => [each.name, ...each.words]), [
    ["config", "a.conf"],
    ["hz", "1"],
  ]);
  assert.deepEqual(problems, [
    'unexpected argument "b"',
    'unexpected argument "--"',
    'unexpected argument "constructor"',
  ]);
  assert.deepEqual(readArguments(["-x"]).problems, ['unexpected argument "-x"']);
});
