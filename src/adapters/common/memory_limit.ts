/**
 * Memory that a process may use: that of the machine, or of its control group where that is less.
 *
 * A limit of any group above the process's own counts as well. Inside a container the path that
 * /proc/self/cgroup shows may be one of the host, so the mounted root is asked too.
 * Source: the Linux kernel's documentation, admin-guide/cgroup-v2 and cgroup-v1/memory.
 */

/** Reads a file; undefined where there is none or it must not be read. */
export type ReadFile = (path: string) => string | undefined;

const ROOT = "/sys/fs/cgroup";

/** @param machineBytes memory of the machine @returns the least of all limits, in bytes */
export function memoryLimitBytes(machineBytes: number, readFile: ReadFile): number {
  let least = machineBytes;
  for (const line of (readFile("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const isV2 = controllers === "";
    if (!isV2 && !controllers.split(",").includes("memory")) continue;
    const folder = isV2 ? ROOT : `${ROOT}/memory`;
    const file = isV2 ? "memory.max" : "memory.limit_in_bytes";
    for (const group of pathAndParents(path)) {
      const limit = parseLimit(readFile(`${folder}${group}/${file}`));
      if (limit < least) least = limit;
    }
  }
  return least;
}

/** "/a/b" gives "/a/b", "/a", "". */
function pathAndParents(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  const paths = [""];
  for (const part of parts) paths.unshift(`${paths[0]}/${part}`);
  return paths;
}

/** "max", or no such file, is no limit. */
function parseLimit(text: string | undefined): number {
  const limit = Number.parseInt(text ?? "", 10);
  return limit > 0 ? limit : Infinity;
}
