import assert from "node:assert/strict";
import { test } from "node:test";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { COMMAND_FAMILIES } from "../../../src/server/command_families.ts";

const { entries } = createCommandTable(COMMAND_FAMILIES);

test("every command with keys says what it does with them, else anybody could", () => {
  const silent = entries.filter(({ spec }) => {
    const hasKeys = spec.keys !== undefined || spec.findKeys !== undefined;
    return hasKeys && spec.keyFlags === undefined && spec.useOfKey === undefined;
  });
  assert.deepEqual(silent.map(({ fullName }) => fullName), []);
});

test("commands that write say so of a key, and those that only read do not", () => {
  const writes = ["insert", "update", "delete"];
  for (const { fullName, spec } of entries) {
    if (spec.keys === undefined && spec.findKeys === undefined) continue;
    const flags = [...spec.keyFlags ?? [], ...spec.firstKeyFlags ?? [], ...spec.lastKeyFlags ?? []];
    const isWriting = flags.some((flag) => writes.includes(flag));
    // What SORT and others do depends on their arguments; XREADGROUP counts as reading,
    // although it writes to the group, and PFDEBUG may turn a value into another form.
    if (spec.useOfKey !== undefined || /^(?:pfdebug|xreadgroup)$/.test(fullName)) continue;
    assert.equal(isWriting, (spec.flags as readonly string[]).includes("write"), fullName);
  }
});
