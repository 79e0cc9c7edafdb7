import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { after, test } from "node:test";
import { PARAMETERS } from "../src/server/options_table.ts";
import { withCommandTable } from "../tools/command_table.ts";
import { IS_DENO, killProcesses, startTestServer, TestProcess } from "./support/test_server.ts";
import { within } from "./support/wait.ts";

after(killProcesses);

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

test("the command table of the README is the one that the specs give", () => {
  assert.equal(readme, withCommandTable(readme), "run: bun tools/command_table.ts");
});

test("every option that the README shows exists", () => {
  const known = new Set(PARAMETERS.map((parameter) => parameter.name));
  for (const name of ["config", "help", "version"]) known.add(name);
  const section = readme.slice(readme.indexOf("## Options"), readme.indexOf("## Commands"));
  const shown = [...section.matchAll(/`--([a-z-]+)/g)].map((match) => match[1]);
  assert.ok(shown.length > 5);
  for (const name of shown) assert.ok(known.has(name), `--${name}`);
});

/** A statement that begins with await and ends with what it gives: `await f(); // 1`. */
const STATEMENT = /^await ((?:(?!^await )[^])*?); \/\/ ([^\n]+)$/gm;

test("the client's example in the README gives what it says", async () => {
  const section = readme.slice(readme.indexOf("## As a client"), readme.indexOf("## Over HTTP"));
  const [, example] = /```js\n([^]*?)```/.exec(section) ?? [];
  const { address, close } = await startTestServer();
  assert.ok(address.kind === "tcp");
  const checked = example.replace("localhost:6379", `127.0.0.1:${address.port}`).replace(
    STATEMENT,
    "assert.deepEqual(await $1, $2);",
  );
  assert.equal(checked.match(/assert\.deepEqual/g)?.length, 12);
  const program = `import assert from "node:assert/strict";\n${checked}`;
  const args = IS_DENO ? ["eval", program] : ["-e", program];
  const child = new TestProcess(process.execPath, args);
  assert.equal(await within("the end of the example", child.exited), 0, child.output);
  assert.deepEqual(child.stdout.trim().split("\n").sort(), ["it works", "user:1"]);
  await close();
});
