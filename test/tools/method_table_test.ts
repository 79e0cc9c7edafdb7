import { test } from "node:test";
import assert from "node:assert/strict";
import { methodTable } from "../../tools/method_table.ts";
import { readText } from "../support/sources.ts";

test("the client's table of commands is the one that the specs give", () => {
  const message = "run: bun tools/method_table.ts";
  assert.equal(readText("src/methods/command_table.ts"), methodTable(), message);
});
