/** Starts the servers that are compared, each pinned to its core, and reads what they use. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import process from "node:process";
import { freePort } from "../support/free_port.ts";
import { readIfThere, versionOf } from "../support/machine.ts";
import { findProgram, type Pinning, ROOT } from "../support/programs.ts";
import { PipelineClient } from "./client.ts";

export type PeerName = "redis-server" | "bun" | "deno";

export const PEER_NAMES: readonly PeerName[] = ["redis-server", "bun", "deno"];

export interface Peer<Name extends string = PeerName> {
  readonly name: Name;
  readonly program: string;
  readonly args: readonly string[];
  readonly version: string;
  /** What the port stands behind, `--port` if it is not said. */
  readonly portFlag?: string;
  /** Tells whether it answers at a port yet; a PING if it is not said. */
  readonly answers?: (port: number) => Promise<boolean>;
}

export interface StartOptions {
  readonly pinning: Pinning;
  /** File descriptors that the server should be allowed, 0 = as many as this process. */
  readonly fileLimit?: number;
  /** Further options of the server, e.g. `["--maxclients", "12000"]`. */
  readonly flags?: readonly string[];
}

/** Not a time: what goes by while the machine stands still does not count. */
const READY_POLLS = 1000;
const POLL_MS = 20;
const STOP_MS = 5000;
const BYTES_PER_KIB = 1024;
const FALLBACK_TICKS_PER_SECOND = 100;
/** Places in /proc/PID/stat, counted from the field behind the program's name. */
const USER_TICKS_FIELD = 11;
const SYSTEM_TICKS_FIELD = 12;

const DENO_ARGS = [
  "run",
  "--no-check",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "src/main.ts",
];

/** What can be started here. @param wanted names, in the order of the result */
export function findPeers(wanted: readonly PeerName[] = PEER_NAMES): readonly Peer[] {
  return wanted.flatMap((name): Peer[] => {
    const program = findProgram(name);
    const version = program === "" ? "" : versionOf(program, "--version");
    if (version === "") return [];
    if (name === "redis-server") {
      return [{ name, program, args: ["--save", "", "--appendonly", "no"], version }];
    }
    return [{ name, program, args: name === "bun" ? ["src/main.ts"] : DENO_ARGS, version }];
  });
}

/** CPU time that a process used until now, in seconds; NaN where /proc does not say. */
export function cpuSecondsOf(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TICKS_FIELD]) + Number(fields[SYSTEM_TICKS_FIELD])) /
    ticksPerSecond();
}

/** A running server. */
export class RunningPeer<Name extends string = PeerName> {
  readonly peer: Peer<Name>;
  readonly port: number;
  readonly #child: ChildProcess;
  #errors = "";
  #hasEnded = false;
  readonly #ended: Promise<void>;
  readonly #killAtExit = (): void => void this.#child.kill("SIGKILL");

  constructor(peer: Peer<Name>, port: number, child: ChildProcess) {
    this.peer = peer;
    this.port = port;
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.#errors += error.message;
        this.#hasEnded = true;
        resolve();
      });
      child.on("exit", () => {
        this.#hasEnded = true;
        resolve();
      });
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    process.on("exit", this.#killAtExit);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** CPU time used until now, in seconds; NaN where /proc does not say. */
  cpuSeconds(): number {
    return cpuSecondsOf(this.pid);
  }

  /** Resident set size in bytes; NaN where /proc does not say. */
  residentBytes(): number {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${this.pid}/status`));
    return found === null ? NaN : Number(found[1]) * BYTES_PER_KIB;
  }

  /** Settles when it answers PING. @throws Error with what it said, when it ends or stays silent */
  async ready(): Promise<void> {
    const { answers = answersPing } = this.peer;
    for (let polls = 0; polls < READY_POLLS && !this.#hasEnded; polls++) {
      if (await answers(this.port)) return;
      await sleep(POLL_MS);
    }
    await this.stop();
    throw new Error(`${this.peer.name} did not start: ${this.#errors.trim()}`);
  }

  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      this.#child.kill("SIGTERM");
      const late = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
      await this.#ended;
      clearTimeout(late);
    }
    process.off("exit", this.#killAtExit);
  }
}

async function answersPing(port: number): Promise<boolean> {
  const client = await PipelineClient.connect(port).catch(() => undefined);
  if (client === undefined) return false;
  await client.request("PING");
  client.close();
  return true;
}

/** Starts a server and waits until it answers. */
export async function startPeer<Name extends string = PeerName>(
  peer: Peer<Name>,
  options: StartOptions,
): Promise<RunningPeer<Name>> {
  const port = await freePort();
  const { pinning, fileLimit = 0, flags = [] } = options;
  const listen = [peer.portFlag ?? "--port", String(port)];
  const command = [...pinning, peer.program, ...peer.args, ...listen, ...flags];
  // Both exec, so that the child's id is the server's.
  const raised = fileLimit === 0 ? command : [
    "bash",
    "-c",
    `ulimit -n ${fileLimit} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"`,
    "bash",
    ...command,
  ];
  const child = spawn(raised[0], raised.slice(1), {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const running = new RunningPeer(peer, port, child);
  await running.ready();
  return running;
}

/** Starts all of them, or none. */
export async function startPeers<Name extends string = PeerName>(
  peers: readonly Peer<Name>[],
  options: StartOptions,
): Promise<readonly RunningPeer<Name>[]> {
  const running: RunningPeer<Name>[] = [];
  try {
    for (const peer of peers) running.push(await startPeer(peer, options));
  } catch (error) {
    await stopPeers(running);
    throw error;
  }
  return running;
}

export async function stopPeers(running: readonly RunningPeer<string>[]): Promise<void> {
  await Promise.all(running.map((each) => each.stop()));
}

export { freePort };

let knownTicks = 0;

function ticksPerSecond(): number {
  if (knownTicks === 0) {
    const getconf = findProgram("getconf");
    knownTicks = getconf === ""
      ? FALLBACK_TICKS_PER_SECOND
      : Number(execFileSync(getconf, ["CLK_TCK"], { encoding: "utf8" }));
  }
  return knownTicks;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
