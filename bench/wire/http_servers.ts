/** The HTTP servers that are compared, each pinned to the servers' core. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, type Pinning, ROOT } from "../support/programs.ts";
import type { OwnPeer } from "./cases.ts";
import { cpuSecondsOf, findPeers, freePort, sleep, startPeer } from "./servers.ts";

const READY_MS = 20_000;
const POLL_MS = 20;

/** A server that answers HTTP, or RESP only. */
export interface HttpPeer {
  /** "bun", "floor of bun", "webdis", "redis-server". */
  readonly name: string;
  /** 0 = it speaks no HTTP. */
  readonly httpPort: number;
  /** 0 = it speaks no RESP. */
  readonly respPort: number;
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** The door on one runtime. */
export async function startDoor(runtime: OwnPeer, pinning: Pinning): Promise<HttpPeer | undefined> {
  const [peer] = findPeers([runtime]);
  if (peer === undefined) return undefined;
  const httpPort = await freePort();
  const running = await startPeer(peer, { pinning, flags: ["--http-port", String(httpPort)] });
  return {
    name: runtime,
    httpPort,
    respPort: running.port,
    cpuSeconds: () => running.cpuSeconds(),
    stop: () => running.stop(),
  };
}

/** What does nothing but HTTP and JSON, on the same runtime. */
export async function startFloor(
  runtime: OwnPeer,
  pinning: Pinning,
): Promise<HttpPeer | undefined> {
  const program = findProgram(runtime);
  if (program === "") return undefined;
  const port = await freePort();
  const run = runtime === "bun" ? [] : ["run", "--no-check", "--allow-net"];
  const command = [...pinning, program, ...run, "bench/wire/http_floor.ts", String(port)];
  return await startChild(`floor of ${runtime}`, port, command, () => {});
}

/** redis-server, which speaks RESP only. */
export async function startRedis(pinning: Pinning): Promise<HttpPeer | undefined> {
  const [peer] = findPeers(["redis-server"]);
  if (peer === undefined) return undefined;
  const running = await startPeer(peer, { pinning });
  return {
    name: "redis-server",
    httpPort: 0,
    respPort: running.port,
    cpuSeconds: () => running.cpuSeconds(),
    stop: () => running.stop(),
  };
}

/** webdis in front of a redis-server. */
export async function startWebdis(
  redis: HttpPeer,
  pinning: Pinning,
): Promise<HttpPeer | undefined> {
  const program = findProgram("webdis");
  if (program === "") return undefined;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "crabcache-webdis-"));
  const file = join(folder, "webdis.json");
  const settings = {
    redis_host: "127.0.0.1",
    redis_port: redis.respPort,
    http_host: "127.0.0.1",
    http_port: port,
    threads: 1,
    pool_size: 16,
    daemonize: false,
    verbosity: 0,
    logfile: join(folder, "webdis.log"),
    acl: [],
  };
  writeFileSync(file, JSON.stringify(settings));
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  return await startChild("webdis", port, [...pinning, program, file], clean);
}

async function startChild(
  name: string,
  port: number,
  command: readonly string[],
  clean: () => void,
): Promise<HttpPeer> {
  const child = spawn(command[0], command.slice(1), { cwd: ROOT, stdio: "ignore" });
  const stop = async (): Promise<void> => {
    await ended(child);
    clean();
  };
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/GET/none`).catch(() => undefined);
    if (answer !== undefined) {
      await answer.body?.cancel();
      const cpuSeconds = (): number => cpuSecondsOf(child.pid ?? 0);
      return { name, httpPort: port, respPort: 0, cpuSeconds, stop };
    }
    await sleep(POLL_MS);
  }
  await stop();
  throw new Error(`${name} did not start`);
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
