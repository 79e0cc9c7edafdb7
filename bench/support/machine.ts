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

/** CPU time of all cores together since the machine was started, in ticks. */
export interface CpuTicks {
  readonly total: number;
  /** What the hypervisor gave to others though it was wanted here. */
  readonly stolen: number;
}

/** Number of the fields of CPU time in the first line of /proc/stat; the rest is in these, too. */
const CPU_FIELDS = 8;
const STOLEN_FIELD = 7;

/** @param stat /proc/stat; NaN where it does not say */
export function readCpuTicks(stat: string = readIfThere("/proc/stat")): CpuTicks {
  const fields = /^cpu +(.+)$/m.exec(stat)?.[1].split(" ").slice(0, CPU_FIELDS).map(Number) ?? [];
  return {
    total: fields.length === 0 ? NaN : fields.reduce((sum, ticks) => sum + ticks),
    stolen: fields[STOLEN_FIELD] ?? NaN,
  };
}

/** Share of the machine's CPU time that was stolen in between; NaN where nobody says. */
export function stolenShare(before: CpuTicks, after: CpuTicks): number {
  return (after.stolen - before.stolen) / (after.total - before.total);
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
