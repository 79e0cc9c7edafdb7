/** Servers for tests: in this process, or in one of their own. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { freePort } from "../../bench/support/free_port.ts";
import { createRuntime as createBunRuntime } from "../../src/adapters/bun/mod.ts";
import { createRuntime as createDenoRuntime } from "../../src/adapters/deno/mod.ts";
import type { Runtime } from "../../src/ports/runtime.ts";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { loadOptions } from "../../src/server/options.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { ROOT } from "./sources.ts";
import { until, within } from "./wait.ts";

export const IS_DENO: boolean = "Deno" in globalThis;

/** The ports to the runtime that the test runs on; log lines go to `lines`. */
export function runtimeUnderTest(lines: string[] = []): Runtime {
  const runtime = IS_DENO ? createDenoRuntime() : createBunRuntime();
  return { ...runtime, process: { ...runtime.process, log: (line) => void lines.push(line) } };
}

export { freePort };

/** A server in this process. */
export interface TestServer {
  readonly server: RunningServer;
  /** Where it listens first: TCP, if it does. */
  readonly address: ListenAddress;
  /** What it logged. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a server in this process on a free port of 127.0.0.1, with a small store.
 * @param flags as on the command line; a `--port` or `--bind` of their own wins
 */
export async function startTestServer(...flags: string[]): Promise<TestServer> {
  const lines: string[] = [];
  const runtime = runtimeUnderTest(lines);
  const has = (name: string): boolean => flags.includes(name);
  const args = [
    ...has("--port") ? [] : ["--port", String(await freePort())],
    ...has("--bind") ? [] : ["--bind", "127.0.0.1"],
    ...has("--maxmemory") ? [] : ["--maxmemory", "256mb"],
    ...flags,
  ];
  const { files, system } = runtime;
  const loaded = await loadOptions({ args, env: {}, files, system });
  assert.ok(loaded.kind === "run");
  const server = await startServer(runtime, loaded.options, loaded.configFile);
  return { server, address: server.addresses[0], lines, close: () => server.close() };
}

/** A program that runs beside the test. */
export class TestProcess {
  readonly child: ChildProcess;
  /** What it wrote to both outputs, as it came. */
  output = "";
  stdout = "";
  stderr = "";
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  isOver = false;

  constructor(
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
    cwd: string = ROOT,
  ) {
    this.child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stdout!.on("data", (chunk: Uint8Array) => {
      this.stdout += chunk;
      this.output += chunk;
    });
    this.child.stderr!.on("data", (chunk: Uint8Array) => {
      this.stderr += chunk;
      this.output += chunk;
    });
    this.exited = new Promise((resolve) => {
      this.child.once("error", (error) => {
        this.isOver = true;
        resolve(String(error));
      });
      this.child.once("close", (code, signal) => {
        this.isOver = true;
        resolve(code ?? signal ?? "unknown");
      });
    });
    running.add(this);
    void this.exited.then(() => running.delete(this));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for some text in its output. */
  async seen(text: string): Promise<void> {
    await until(`"${text}" from a process`, () => {
      assert.ok(!this.isOver || this.output.includes(text), `it ended early: ${this.output}`);
      return this.output.includes(text);
    });
  }

  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGHUP"): void {
    // Not child.kill(): Deno then reports the signal in place of the exit code.
    process.kill(this.pid, name);
  }

  /** Ends it and waits for that. */
  async kill(): Promise<void> {
    if (!this.isOver) this.signal("SIGKILL");
    await within("the end of a process", this.exited);
  }
}

const running = new Set<TestProcess>();

/** Ends every process that is left; for the end of a test file. */
export async function killProcesses(): Promise<void> {
  for (const each of [...running]) await each.kill();
}

/** Starts `src/main.ts` on the runtime that the test runs on. */
export function spawnMain(args: readonly string[], env: Record<string, string> = {}): TestProcess {
  const before = IS_DENO ? ["run", "-A", "--no-check"] : [];
  return new TestProcess(process.execPath, [...before, "src/main.ts", ...args], env);
}

/** A server in a process of its own, and where it listens. */
export interface SpawnedServer {
  readonly process: TestProcess;
  readonly address: ListenAddress & { kind: "tcp" };
}

/** Starts a server in a process of its own and waits until it is ready. */
export async function spawnServer(...flags: string[]): Promise<SpawnedServer> {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", ...flags];
  const child = spawnMain(args);
  await child.seen("ready on");
  return { process: child, address: { kind: "tcp", host: "127.0.0.1", port } };
}

/** Resident memory of a process now, in bytes. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** The most resident memory that a process ever had, in bytes. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

function statusBytes(pid: number, name: string): number {
  const match = new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(
    readFileSync(`/proc/${pid}/status`, "utf8"),
  );
  assert.ok(match, `${name} of process ${pid}`);
  return Number(match[1]) * 1024;
}
