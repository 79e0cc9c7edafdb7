import { test } from "node:test";
import assert from "node:assert/strict";
import { aclCategories } from "../../../src/commands/acl_categories.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { parseSyntax } from "../../../src/commands/syntax.ts";

const table = createCommandTable([GENERIC_COMMANDS]);

test("every command's syntax can be read, and names as many keys as the command has", () => {
  for (const { fullName, spec } of table.entries) {
    const hasKeys = spec.keys !== undefined;
    const keys = parseSyntax(spec.syntax, { hasKeys }).filter(({ type, optional }) => {
      return type === "key" && !optional;
    });
    const expected = spec.keys === undefined ? 0 : spec.keys[1] === 2 && spec.keys[0] === 1 ? 2 : 1;
    assert.equal(keys.length, expected, fullName);
    assert.equal(spec.keyFlags !== undefined, hasKeys, fullName);
  }
});

test("the arity says how many arguments the syntax asks for", () => {
  for (const { fullName, spec, parent } of table.entries) {
    const words = parent === undefined ? 1 : 2;
    const args = parseSyntax(spec.syntax, { hasKeys: spec.keys !== undefined });
    // What follows is said by the subcommands, or is none of the documentation's arguments.
    if (spec.subcommands !== undefined || spec.name === "debug") continue;
    const needed = words + args.filter(({ optional }) => !optional).length;
    const isOpen = args.some(({ optional, multiple }) => optional || multiple);
    assert.equal(spec.arity, isOpen ? -needed : needed, fullName);
  }
});

test("categories beyond group and flags are there", () => {
  const categories = (name: string) => aclCategories(table.find(name)!).join(" ");
  assert.equal(categories("del"), "keyspace write slow");
  assert.equal(categories("keys"), "keyspace read slow dangerous");
  assert.equal(categories("object"), "slow");
  assert.equal(categories("object|freq"), "keyspace read slow");
  assert.equal(categories("object|help"), "keyspace slow");
  assert.equal(categories("dbsize"), "keyspace read fast");
  assert.equal(categories("flushall"), "keyspace write slow dangerous");
  assert.equal(categories("swapdb"), "keyspace write fast dangerous");
  assert.equal(categories("wait"), "slow connection");
  assert.equal(categories("debug"), "admin slow dangerous");
});
