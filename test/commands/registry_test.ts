import { test } from "node:test";
import assert from "node:assert/strict";
import {
  createCommandTable,
  FLAG_CONTAINER,
  FLAG_FAST,
  FLAG_FINDS_KEYS,
  FLAG_READONLY,
  FLAG_WRITE,
  UNKNOWN_COMMAND,
} from "../../src/commands/registry.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";

const encoder = new TextEncoder();
const run = (): void => {};

function spec(name: string, more: Partial<CommandSpec> = {}): CommandSpec {
  return {
    name,
    arity: 1,
    flags: [],
    since: "1.0.0",
    group: "generic",
    complexity: "O(1)",
    summary: "Does something.",
    syntax: "",
    run,
    ...more,
  };
}

const GET = spec("get", { arity: 2, flags: ["readonly", "fast"], keys: [1, 1, 1] });
const MSET = spec("mset", { arity: -3, flags: ["write"], keys: [1, -1, 2] });
const MSETEX = spec("msetex", { arity: -4, flags: ["write", "movablekeys"], findKeys: () => {} });
const LIST = spec("list", { arity: -2 });
const CLIENT: CommandSpec = {
  name: "client",
  arity: -2,
  flags: [],
  since: "2.4.0",
  group: "connection",
  complexity: "Depends on subcommand.",
  summary: "A container.",
  syntax: "",
  subcommands: [LIST, spec("no-evict", { arity: 3 })],
};
const ACL = spec("acl", { subcommands: [spec("list", { arity: 2 })] });

const table = createCommandTable([[GET, MSET, MSETEX], [CLIENT], [ACL]]);

/** Looks the name up in the middle of other bytes. */
function findId(name: string): number {
  const bytes = encoder.encode(`xx${name}yy`);
  return table.findId(bytes, 2, bytes.length - 4);
}

function findSubcommandId(parent: string, name: string): number {
  const bytes = encoder.encode(`x${name}y`);
  return table.findSubcommandId(findId(parent), bytes, 1, bytes.length - 2);
}

test("ids are given in the order of the families, subcommands behind their command", () => {
  assert.deepEqual(table.fullNames, [
    "get",
    "mset",
    "msetex",
    "client",
    "client|list",
    "client|no-evict",
    "acl",
    "acl|list",
  ]);
  assert.deepEqual(table.entries.map((entry) => entry.id), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(
    table.commands.map((entry) => entry.fullName),
    ["get", "mset", "msetex", "client", "acl"],
  );
  const client = table.commands[3];
  assert.deepEqual(client.subcommands.map((entry) => entry.id), [4, 5]);
  assert.equal(client.subcommands[0].parent, client);
  assert.equal(client.parent, undefined);
});

test("the typed arrays say what the specs say", () => {
  assert.deepEqual([...table.arity], [2, -3, -4, -2, -2, 3, 1, 2]);
  assert.deepEqual([...table.firstKey], [1, 1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...table.lastKey], [1, -1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...table.keyStep], [1, 2, 0, 0, 0, 0, 0, 0]);
  assert.equal(table.flags[0], FLAG_READONLY | FLAG_FAST);
  assert.equal(table.flags[1], FLAG_WRITE);
  assert.notEqual(table.flags[2] & FLAG_FINDS_KEYS, 0);
  assert.equal(table.flags[3], FLAG_CONTAINER);
  assert.equal(table.runs[3], undefined);
  assert.equal(table.runs[0], run);
  assert.equal(table.keyFinders[2], MSETEX.findKeys);
  assert.equal(table.keyFinders[0], undefined);
});

test("findId() finds every name in any case, and nothing else", () => {
  for (const entry of table.commands) {
    assert.equal(findId(entry.spec.name), entry.id);
    assert.equal(findId(entry.spec.name.toUpperCase()), entry.id);
  }
  assert.equal(findId("GeT"), 0);
  for (
    const unknown of ["", "g", "ge", "gett", "list", "client|list", "no-evict", "x".repeat(99)]
  ) {
    assert.equal(findId(unknown), UNKNOWN_COMMAND, unknown);
  }
});

test("findId() folds the case of letters only", () => {
  const withDash = createCommandTable([[spec("a-b"), spec("a_b")]]);
  const find = (bytes: number[]): number =>
    withDash.findId(Uint8Array.from(bytes), 0, bytes.length);
  assert.equal(find([0x41, 0x2d, 0x42]), 0);
  assert.equal(find([0x41, 0x0d, 0x42]), UNKNOWN_COMMAND);
  assert.equal(find([0x61, 0x5f, 0x62]), 1);
  assert.equal(find([0x61, 0x7f, 0x62]), UNKNOWN_COMMAND);
  assert.equal(find([0x61, 0x2d, 0xc2]), UNKNOWN_COMMAND);
});

test("findSubcommandId() tells the subcommands of different commands apart", () => {
  assert.equal(findSubcommandId("client", "LIST"), 4);
  assert.equal(findSubcommandId("acl", "list"), 7);
  assert.equal(findSubcommandId("client", "No-Evict"), 5);
  assert.equal(findSubcommandId("acl", "no-evict"), UNKNOWN_COMMAND);
  assert.equal(findSubcommandId("client", "get"), UNKNOWN_COMMAND);
  assert.equal(findSubcommandId("client", ""), UNKNOWN_COMMAND);
});

test("findId() finds each of a thousand names", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `cmd${i.toString(36)}`);
  const large = createCommandTable([names.map((name) => spec(name))]);
  names.forEach((name, id) => {
    assert.equal(large.findId(encoder.encode(name.toUpperCase()), 0, name.length), id);
  });
  assert.equal(large.findId(encoder.encode("cmdzzz"), 0, 6), UNKNOWN_COMMAND);
});

test("an empty table knows no name", () => {
  assert.equal(createCommandTable([]).findId(encoder.encode("get"), 0, 3), UNKNOWN_COMMAND);
});

test("find() takes full names in any case", () => {
  assert.equal(table.find("GET")?.spec, GET);
  assert.equal(table.find("Client|List")?.spec, LIST);
  assert.equal(table.find("list"), undefined);
});

test("what is fast is short, and so is what says so", () => {
  const short = spec("short", { isShort: true });
  const { isShort } = createCommandTable([[GET, MSET, short]]);
  assert.deepEqual([...isShort], [1, 0, 1]);
});

test("a table refuses specs that contradict themselves", () => {
  const refuse = (specs: CommandSpec[], message: RegExp): void => {
    assert.throws(() => createCommandTable([specs]), { name: "TypeError", message });
  };
  refuse([GET, spec("get")], /'get' is defined twice/);
  refuse([spec("a", { subcommands: [LIST, LIST] })], /'a\|list' is defined twice/);
  const { run: _run, ...withoutRun } = GET;
  refuse([withoutRun], /'get': there is neither a handler nor a subcommand/);
  refuse([{ ...withoutRun, subcommands: [] }], /neither a handler nor a subcommand/);
  refuse([spec("Get")], /lower case/);
  refuse([spec("get", { arity: 0 })], /arity is 0/);
  refuse([spec("get", { keys: [0, 1, 1] })], /key positions/);
  refuse([spec("get", { flags: ["fast", "fast"] })], /named twice/);
});
