import { test } from "node:test";
import assert from "node:assert/strict";
import { aclCategories } from "../../src/commands/acl_categories.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";

const BASE = {
  name: "it",
  arity: 1,
  flags: [],
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "Does something.",
  syntax: "",
} as const satisfies CommandSpec;

const run = (): void => {};

function categories(more: Partial<CommandSpec>, fullName = "it"): string {
  const entry = createCommandTable([[{ ...BASE, ...more }]]).find(fullName);
  assert.ok(entry);
  return aclCategories(entry).join(" ");
}

test("a command is either fast or slow", () => {
  assert.equal(categories({ run }), "slow");
  assert.equal(categories({ run, flags: ["fast"] }), "fast");
});

test("flags imply categories", () => {
  assert.equal(categories({ run, flags: ["write"] }), "write slow");
  assert.equal(categories({ run, flags: ["readonly", "fast"] }), "read fast");
  assert.equal(categories({ run, flags: ["admin", "noscript"] }), "admin slow dangerous");
  assert.equal(categories({ run, flags: ["blocking", "pubsub"] }), "pubsub slow blocking");
});

test("scripting commands are not reading ones", () => {
  assert.equal(
    categories({ run, flags: ["readonly"], categories: ["scripting"] }),
    "slow scripting",
  );
});

test("groups imply categories", () => {
  assert.equal(categories({ run, group: "string", flags: ["readonly"] }), "read string slow");
  assert.equal(categories({ run, group: "generic", flags: ["write"] }), "keyspace write slow");
  assert.equal(categories({ run, group: "connection" }), "slow connection");
  assert.equal(categories({ run, group: "cluster" }), "slow");
});

test("a generic command that neither reads nor writes is not about keys", () => {
  assert.equal(
    categories({ run, group: "generic", categories: ["connection"] }),
    "slow connection",
  );
});

test("a container leaves the group's category to its subcommands", () => {
  const subcommands = [{ ...BASE, group: "generic", name: "help", run } as const];
  assert.equal(categories({ group: "generic", subcommands }), "slow");
  assert.equal(categories({ group: "generic", subcommands }, "it|help"), "keyspace slow");
});

test("what a spec adds comes in the common order", () => {
  assert.equal(
    categories({ run, group: "generic", flags: ["write"], categories: ["dangerous", "hash"] }),
    "keyspace write hash slow dangerous",
  );
});
