// The client on Node.js, from a bundle of it: older ones do not run TypeScript.

import { after, test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../support/sources.ts";
import { killProcesses, TestProcess } from "../support/test_server.ts";
import { within } from "../support/wait.ts";
import { startClientServer } from "./servers.ts";

const OLDEST = 20;

const folder = mkdtempSync(join(tmpdir(), "crabcache-"));

after(async () => {
  await killProcesses();
  rmSync(folder, { recursive: true });
});

/** @returns why the test can't run, or false */
function missing(): string | false {
  const { stdout, error } = spawnSync("node", ["--version"], { encoding: "utf8" });
  if (error !== undefined) return "node is not installed";
  return Number(stdout.slice(1).split(".")[0]) >= OLDEST ? false : `${stdout.trim()} is too old`;
}

/** Runs as a module beside the bundle. */
const PROGRAM = `
import { ClientError, connect } from "./client.mjs";
const [url, httpUrl, protocol] = process.argv.slice(2);
const client = await connect({ url, protocol });
const replies = await Promise.all([client.set("k", "é"), client.get("k"), client.bytes.get("k")]);
const messages = [];
const subscription = await client.subscribe("news", (message) => messages.push(message));
const pushed = client.blpop("queue", 0);
await client.publish("news", "hello");
await client.rpush("queue", "job");
replies.push(await pushed, await client.multi().incr("n").del("n").exec());
while (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
const late = await client.with({ timeoutMs: 5 }).blpop("none", 0).catch((error) => error);
const web = await connect({ url: httpUrl, protocol });
replies.push(await web.get("k"), late instanceof ClientError && late.code);
await subscription.unsubscribe();
await client.close();
console.log(JSON.stringify([...replies, ...messages]));
`;

test("Node.js runs the client", { skip: missing() }, async () => {
  const bundle = spawnSync(
    join(ROOT, "node_modules/.bin/bun"),
    ["build", "src/client.ts", "--target=node", `--outfile=${join(folder, "client.mjs")}`],
    { cwd: ROOT, encoding: "utf8" },
  );
  assert.equal(bundle.status, 0, bundle.stderr);
  const server = await startClientServer();
  for (const protocol of ["resp", "binary"]) {
    const url = `redis://127.0.0.1:${server.port}`;
    const args = ["--input-type=module", "-", url, server.httpUrl, protocol];
    const child = new TestProcess("node", args, {}, folder);
    child.child.stdin!.end(PROGRAM);
    assert.equal(await within("the end of the program", child.exited), 0, child.output);
    const bytes = { 0: 0xc3, 1: 0xa9 };
    assert.deepEqual(JSON.parse(child.stdout), [
      ...["OK", "é", bytes, ["queue", "job"], [1, 1], "é", "TIMEOUT", "hello"],
    ]);
  }
  await server.close();
});
