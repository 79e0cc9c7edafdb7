/** What the set of ports of a runtime promises. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Runtime } from "../../src/ports/runtime.ts";

/** Declares the tests of one runtime. @param name "bun" or "deno" */
export function runtimeContract(name: string, createRuntime: () => Runtime): void {
  test(`${name}: createRuntime() knows the process and its machine`, () => {
    const { system } = createRuntime();
    assert.equal(system.runtimeName, name);
    assert.match(system.runtimeVersion, /^\d+\.\d+\.\d+/);
    assert.match(system.os, /^\S+ \S+ \S+$/);
    assert.ok(system.processId > 0);
    assert.ok(system.executable.includes(name));
    const resident = system.residentBytes();
    assert.ok(resident > 10 * 1024 * 1024 && resident < system.totalMemoryBytes);
    const before = system.cpuSeconds();
    const endMs = Date.now() + 60;
    while (Date.now() < endMs);
    const after = system.cpuSeconds();
    assert.ok(after.user + after.system > before.user + before.system);
    assert.ok(after.user < 10_000, "seconds");
  });

  test(`${name}: createRuntime() sees that garbage was collected`, async () => {
    const { system } = createRuntime();
    const hasCollected = system.hasCollected!;
    hasCollected();
    let kept: unknown[] = [], seen = false;
    for (let turn = 0; turn < 5_000 && !seen; turn++) {
      kept = Array.from({ length: 20_000 }, (_, i) => ({ i, of: [i] }));
      await new Promise((resolve) => setTimeout(resolve, 0));
      seen = hasCollected();
    }
    assert.ok(seen && kept.length > 0);
    assert.ok(Math.abs(system.monotonicOriginUs! / 1000 - Date.now() + performance.now()) < 1000);
  });

  test(`${name}: two runtimes draw different random numbers`, () => {
    const draw = ({ random }: Runtime): string =>
      Array.from({ length: 4 }, () => random.int32()).join();
    assert.notEqual(draw(createRuntime()), draw(createRuntime()));
    assert.ok(createRuntime().random.below(10) < 10);
  });
}
