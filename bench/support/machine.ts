/** What the machine is, for the heads of reports. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";

export interface MachineDescription {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
}

const BYTES_PER_GIB = 1024 ** 3;

export function describeMachine(): MachineDescription {
  return {
    cpu: /^model name\s*: (.+)$/m.exec(readIfThere("/proc/cpuinfo"))?.[1] ?? os.cpus()[0]?.model ??
      "?",
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / BYTES_PER_GIB),
    system: `${os.type()} ${os.release()} ${os.machine()}`,
  };
}

/** One line, e.g. "2 cores of Intel Xeon, 16 GiB, Linux 6.1 x86_64". */
export function machineLine(machine: MachineDescription): string {
  return `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}`;
}

/** "" where there is no such file. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** First version number that a program prints, "" when it can't be run. */
export function versionOf(program: string, ...args: string[]): string {
  try {
    const output = execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return /\d+\.\d+\.\d+/.exec(output)?.[0] ?? "";
  } catch {
    return "";
  }
}
