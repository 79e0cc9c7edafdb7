/** A real redis-server beside the tests, and Redis's own programs. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { freePort, TestProcess } from "./test_server.ts";

/** @returns why the tests that need the program can't run, or undefined where they can */
export function missingProgram(name: string): string | undefined {
  const found = spawnSync(name, ["--version"]);
  if (found.status === 0) return undefined;
  const reason = `${name} is not installed: it is what the replies are compared with`;
  if (process.env.CI === "true") throw new Error(reason);
  return reason;
}

/** Starts a redis-server that keeps nothing on disk. */
export async function startRedis(
  ...flags: string[]
): Promise<{ process: TestProcess; address: ListenAddress }> {
  const port = await freePort();
  const child = new TestProcess("redis-server", [
    ...["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    ...["--enable-debug-command", "yes", ...flags],
  ]);
  await child.seen("Ready to accept connections");
  return { process: child, address: { kind: "tcp", host: "127.0.0.1", port } };
}
