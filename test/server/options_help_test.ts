import { test } from "node:test";
import assert from "node:assert/strict";
import { PARAMETERS } from "../../src/server/options_table.ts";
import { load } from "./options_harness.ts";

async function help(args: string[]): Promise<string> {
  const loaded = await load({ args });
  return loaded.kind === "help" ? loaded.text : assert.fail(`it would do ${loaded.kind}`);
}

test("--help names every parameter once, in at most 100 columns", async () => {
  const lines = (await help(["--help"])).split("\n");
  for (const { name } of PARAMETERS) {
    assert.equal(lines.filter((line) => line.startsWith(`  --${name} `)).length, 1, name);
  }
  for (const line of lines) {
    assert.ok(line.length <= 100, line);
    assert.equal(line, line.trimEnd());
  }
});

test("--help shows defaults as they are given", async () => {
  const text = (await help(["-h"])).replace(/\s+/g, " ");
  assert.match(text, /--port NUMBER TCP port; 0 = none \(default: 6379\)/);
  assert.match(text, /--proto-max-bulk-len SIZE [^(]*\(default: 512mb\)/);
  assert.match(text, /\(default: half of the machine's memory\)/);
  assert.match(text, /\(default: 127\.0\.0\.1 -::1\)/);
});

test("--help and --version win over everything else that is given", async () => {
  assert.match(await help(["none.conf", "--foo", "--help"]), /^CrabCache/);
  assert.deepEqual(await load({ args: ["-v"] }), { kind: "version" });
  assert.deepEqual(await load({ args: ["--hz=x", "--version"] }), { kind: "version" });
});
