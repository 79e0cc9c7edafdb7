import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryReport } from "../../../src/commands/server/memory_doctor.ts";

const MB = 1024 * 1024;
const HEALTHY = {
  usedBytes: 500 * MB,
  peakBytes: 510 * MB,
  maxmemory: 1024 * MB,
  residentBytes: 560 * MB,
  totalMemoryBytes: 4096 * MB,
  evictionPolicy: "noeviction",
  clientCount: 10,
  clientBufferBytes: 100 * 1024,
};

test("memoryReport() finds nothing wrong with a healthy instance", () => {
  assert.match(memoryReport(HEALTHY), /^No memory problem found\..*\n$/);
});

test("memoryReport() tells nothing of an instance that is nearly empty", () => {
  assert.match(memoryReport({ ...HEALTHY, usedBytes: 5 * MB - 1 }), /^The tide is out.*\n$/);
});

test("memoryReport() names what it finds, and only that", () => {
  const cases: [Partial<typeof HEALTHY>, RegExp][] = [
    [{ peakBytes: 751 * MB }, /^ \* Peak: the data once took 751\.00M and takes 500\.00M now\./m],
    [{ residentBytes: 701 * MB }, /^ \* Resident size: the process holds 701\.00M for 500\.00M/m],
    [{ maxmemory: 4097 * MB }, /^ \* Limit: maxmemory is 4\.00G/m],
    [
      { usedBytes: 1000 * MB, residentBytes: 1000 * MB, peakBytes: 1000 * MB },
      /^ \* Full: 1000\.00M of 1\.00G/m,
    ],
    [{ clientBufferBytes: 10 * 200 * 1024 + 1 }, /^ \* Clients: the buffers of 10 clients take/m],
  ];
  for (const [change, expected] of cases) {
    const report = memoryReport({ ...HEALTHY, ...change });
    assert.match(report, expected);
    assert.equal(report.match(/^ \* /gm)?.length, 1, report);
    assert.ok(report.endsWith("\n"));
  }
});

test("memoryReport() does not call an instance full that may evict, or has no limit", () => {
  const full = { ...HEALTHY, usedBytes: 1000 * MB, residentBytes: 1000 * MB, peakBytes: 1000 * MB };
  assert.match(memoryReport({ ...full, evictionPolicy: "allkeys-lru" }), /^No memory problem/);
  assert.match(memoryReport({ ...full, maxmemory: 0 }), /^No memory problem/);
});

test("memoryReport() overlooks a resident size that is larger by little", () => {
  const small = { ...HEALTHY, usedBytes: 20 * MB, peakBytes: 20 * MB, residentBytes: 80 * MB };
  assert.match(memoryReport(small), /^No memory problem/);
});

test("memoryReport() lists several findings", () => {
  const report = memoryReport({ ...HEALTHY, peakBytes: 800 * MB, maxmemory: 8192 * MB });
  assert.equal(report.match(/^ \* /gm)?.length, 2, report);
});
