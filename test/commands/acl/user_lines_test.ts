import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { createMemoryFileStore } from "../../../src/adapters/memory/file_store.ts";
import { mergeSelectors, readUserFile } from "../../../src/commands/acl/user_lines.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { COMMAND_FAMILIES } from "../../../src/server/command_families.ts";
import { createTestUsers } from "../../support/test_users.ts";

const registry = createCommandTable(COMMAND_FAMILIES);
const clock = createManualClock();
const NOTHING_CHANGED =
  "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

function read(text: string): string[] | string {
  const { context } = createTestUsers({ registry, clock });
  const users = readUserFile(text, "u.acl", context);
  if (typeof users === "string") return users;
  return [...users.values()].map(({ rawName, description }) => `${rawName} ${description}`);
}

test("words of selectors are put together", () => {
  const merge = (text: string): unknown => mergeSelectors(text.split(" "));
  assert.deepEqual(merge("a (b) c"), { rules: ["a", "(b)", "c"] });
  assert.deepEqual(merge("(a b c) d (e f)"), { rules: ["(a b c)", "d", "(e f)"] });
  assert.deepEqual(merge("( a ) )"), { rules: ["( a )", ")"] });
  assert.deepEqual(merge("(a (b c)"), { rules: ["(a (b c)"] });
  assert.deepEqual(merge("a (b (c"), { unmatched: "(b" });
  assert.deepEqual(merge("("), { unmatched: "(" });
});

test("a file of users is read line by line", () => {
  assert.deepEqual(read("\n  user a on +get \r\n\n\tuser b nopass  ~x (+set ~y)\n"), [
    "a on sanitize-payload resetchannels -@all +get",
    "b off nopass sanitize-payload ~x resetchannels -@all (~y resetchannels -@all +set)",
  ]);
  assert.deepEqual(read(""), []);
});

test("all that is wrong with a file is said in one line", () => {
  assert.equal(
    read("# no comments\nuser\nuser a on foo bar +nope\nuser b\nuser b\nuser c\td\nuser e (+get\n"),
    "u.acl:1 should start with user keyword followed by the username. " +
      "u.acl:2 should start with user keyword followed by the username. " +
      "u.acl:3: Syntax error. u.acl:3: Error in applying operation '+nope': Unknown command or " +
      "category name in ACL. WARNING: Duplicate user 'b' found on line 5. " +
      "'u.acl:6: username 'c\td' contains invalid characters. " +
      `u.acl:7: Unmatched parenthesis in selector definition.${NOTHING_CHANGED}`,
  );
});

test("load() puts the users of the file in the place of all others, or changes nothing", async () => {
  const files = createMemoryFileStore([["u.acl", "user a on nopass +get\nuser default on >p\n"]]);
  const users = createTestUsers({ registry, clock, files, aclfile: "u.acl" });
  users.change("old", ["on"]);
  const before = users.lines();
  await files.replaceText("u.acl", "user a oops\n");
  assert.match(await users.file.load(), /^u\.acl:1: Syntax error\. WARNING: ACL errors detected/);
  assert.deepEqual(users.lines(), before);
  await files.replaceText("u.acl", "user a on nopass +get\nuser default on >p\n");
  const { default: same } = users;
  assert.equal(await users.file.load(), "");
  assert.deepEqual(users.all().map(({ name }) => name), ["a", "default"]);
  assert.equal(users.default, same);
  assert.equal(users.default.needsNoPassword, false);
  await files.replaceText("u.acl", "");
  assert.equal(await users.file.load(), "");
  assert.deepEqual(users.lines(), ["user default on nopass sanitize-payload ~* &* +@all"]);
});

test("save() writes what load() reads", async () => {
  const files = createMemoryFileStore([]);
  const lines: string[] = [];
  const users = createTestUsers({ registry, clock, files, aclfile: "u.acl", lines });
  assert.equal(
    await users.file.load(),
    "Error loading ACLs, opening file 'u.acl': No such file or directory",
  );
  users.change("\xc3\xbc", [
    "on",
    ">p",
    "~\xc3\xa9*",
    "&c",
    "+@all",
    "-@admin",
    "+config|get",
    "(+get)",
  ]);
  const before = users.lines();
  assert.equal(await users.file.save(), true);
  assert.ok((await files.readText("u.acl"))?.includes("user \u00fc on sanitize-payload #148de9c5"));
  users.remove("\xc3\xbc");
  assert.equal(await users.file.load(), "");
  assert.deepEqual(users.lines(), before);
  users.change("\xff", ["on"]);
  assert.equal(await users.file.save(), false);
  assert.match(lines.join(), /ACL SAVE: a name or pattern is not valid UTF-8/);
});
