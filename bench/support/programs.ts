/** Finds the programs that the benches start. */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** Path of a program in node_modules/.bin or in PATH, or "". */
export function findProgram(name: string): string {
  const folders = [
    join(ROOT, "node_modules", ".bin"),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there.
    }
  }
  return "";
}

/** What goes in front of a command so that it stays on one core; empty where that can't be done. */
export type Pinning = readonly string[];

export interface Pinnings {
  readonly server: Pinning;
  readonly load: Pinning;
  /** Says how it is done, or why it isn't. */
  readonly note: string;
}

/** Servers go on the first core, load on the second. @param cores how many there are */
export function findPinnings(cores: number): Pinnings {
  const taskset = findProgram("taskset");
  if (taskset === "") return { server: [], load: [], note: "not pinned: there is no taskset" };
  if (cores < 2) return { server: [], load: [], note: "not pinned: there is only one core" };
  return {
    server: [taskset, "-c", "0"],
    load: [taskset, "-c", "1"],
    note: "servers pinned to core 0, load to core 1",
  };
}

/** Moves this process to where load belongs. */
export function pinThisProcess({ load }: Pinnings): void {
  const [taskset, flag, core] = load;
  if (taskset === undefined) return;
  execFileSync(taskset, ["-a", "-p", flag, core, String(process.pid)], { stdio: "ignore" });
}
