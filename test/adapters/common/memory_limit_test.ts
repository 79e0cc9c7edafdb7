import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryLimitBytes } from "../../../src/adapters/common/memory_limit.ts";

const MACHINE = 8_000_000;

function limitWith(files: Record<string, string>): number {
  return memoryLimitBytes(MACHINE, (path) => files[path]);
}

test("memoryLimitBytes() is the machine's memory without control groups", () => {
  assert.equal(limitWith({}), MACHINE);
  assert.equal(limitWith({ "/proc/self/cgroup": "0::/\n" }), MACHINE);
});

test("memoryLimitBytes() takes the least limit of a version 2 group and those above it", () => {
  const files = {
    "/proc/self/cgroup": "0::/outer/inner\n",
    "/sys/fs/cgroup/outer/inner/memory.max": "max\n",
    "/sys/fs/cgroup/outer/memory.max": "3000000\n",
  };
  assert.equal(limitWith(files), 3_000_000);
  const tighter = { ...files, "/sys/fs/cgroup/outer/inner/memory.max": "2000000\n" };
  assert.equal(limitWith(tighter), 2_000_000);
  const looser = { ...files, "/sys/fs/cgroup/outer/memory.max": "9000000\n" };
  assert.equal(limitWith(looser), MACHINE);
});

test("memoryLimitBytes() finds the limit at the mounted root of a container", () => {
  const files = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "1000000\n" };
  assert.equal(limitWith(files), 1_000_000);
  const hostPath = { ...files, "/proc/self/cgroup": "0::/docker/abc\n" };
  assert.equal(limitWith(hostPath), 1_000_000);
});

test("memoryLimitBytes() reads version 1 groups", () => {
  const files = {
    "/proc/self/cgroup": "7:cpu,cpuacct:/x\n4:memory:/job\n0::/\n",
    "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": "500000\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
  };
  assert.equal(limitWith(files), 500_000);
});
