import assert from "node:assert/strict";
import { test } from "node:test";
import { Rebinding } from "../../../src/adapters/common/rebinding.ts";
import { until } from "../../support/wait.ts";

/** An address that refuses what is in `refused`. */
function address(refused: Set<string>) {
  const events: string[] = [];
  const rebinding = new Rebinding<string>({
    first: "a",
    release: () => void events.push("release"),
    bind(what) {
      if (refused.has(what)) throw new Error(`${what} is refused`);
      events.push(`bind ${what}`);
    },
    failed: (error) => void events.push((error as Error).message),
  });
  return { events, rebinding };
}

test("Rebinding: renews, and lets go for good", () => {
  const { events, rebinding } = address(new Set());
  rebinding.renew("b");
  rebinding.close();
  rebinding.close();
  rebinding.renew("c");
  assert.deepEqual(events, ["release", "bind b", "release"]);
});

test("Rebinding: goes back to what was good where the new is refused", () => {
  const { events, rebinding } = address(new Set(["b"]));
  rebinding.renew("b");
  assert.deepEqual(events, ["release", "b is refused", "bind a"]);
  rebinding.close();
});

test("Rebinding: tries on while the address is taken, and reports it once", async () => {
  const refused = new Set(["a", "b"]);
  const { events, rebinding } = address(refused);
  rebinding.renew("b");
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.deepEqual(events, ["release", "b is refused"]);
  rebinding.renew("c");
  await until("it is bound", () => events.length === 3);
  assert.equal(events[2], "bind c", "what was asked for last");
  rebinding.close();
  assert.equal(events[3], "release");
});

test("Rebinding: a closed one tries no longer", async () => {
  const refused = new Set(["a", "b"]);
  const { events, rebinding } = address(refused);
  rebinding.renew("b");
  rebinding.close();
  refused.clear();
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(events, ["release", "b is refused"]);
});

test("Rebinding: waits without a word while the address is not gone yet", async () => {
  const events: string[] = [];
  let early = 3;
  const rebinding = new Rebinding<string>({
    first: "a",
    release: () => void events.push("release"),
    bind(what) {
      if (early-- > 0) throw new Error("too early");
      events.push(`bind ${what}`);
    },
    failed: (error) => void events.push((error as Error).message),
    isTooEarly: (error) => (error as Error).message === "too early",
  });
  rebinding.renew("b");
  assert.deepEqual(events, ["release"]);
  rebinding.renew("c");
  await until("the address", () => events.length > 1);
  assert.deepEqual(events, ["release", "bind c"]);
  rebinding.close();
  assert.deepEqual(events, ["release", "bind c", "release"]);
});
