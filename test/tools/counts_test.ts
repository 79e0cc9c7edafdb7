// What tools/test.mjs makes of the folders of test/, and of the closing lines of both test runners.

import { test } from "node:test";
import assert from "node:assert/strict";
import { countBun, countDeno, groupsOf } from "../../tools/test.mjs";

test("countDeno() reads the last closing line", () => {
  const output =
    "ok | 1 passed | 0 failed (3ms)\n\nFAILED | 12 passed (3 steps) | 2 failed | 4 ignored (13ms)\n";
  assert.deepEqual(countDeno(output), { passed: 12, failed: 2, skipped: 4 });
  assert.deepEqual(countDeno("ok | 7 passed | 0 failed (1s)\n"), {
    passed: 7,
    failed: 0,
    skipped: 0,
  });
});

test("countDeno() finds nothing where the run broke off", () => {
  assert.equal(countDeno('error: Module not found "nope.ts".\n'), undefined);
  assert.equal(countDeno("ok | 7 pas"), undefined);
});

test("countBun() adds errors to failures and todos to skips", () => {
  const output =
    " 9 pass\n\n 2 pass\n 1 skip\n 3 todo\n 4 fail\n 1 error\n 17 expect() calls\nRan 10 tests across 3 files. [16.56s]\n";
  assert.deepEqual(countBun(output), { passed: 2, failed: 5, skipped: 4 });
  const plain = "(pass) x\n\n 1 pass\n 0 fail\nRan 1 test across 1 file. [40.00ms]\n";
  assert.deepEqual(countBun(plain), { passed: 1, failed: 0, skipped: 0 });
});

test("countBun() finds nothing where the run broke off", () => {
  assert.equal(countBun("(pass) x [1ms]\n"), undefined);
});

test("groupsOf() covers every file once, a folder at a time, those that take long first", () => {
  const files = ["a_test.ts", "bytes/x_test.ts", "engine/z_test.ts", "adapters/http/y_test.ts"];
  assert.deepEqual(groupsOf([...files, "bytes/deep/w_test.ts", "0_test.ts"]), [
    ["./test/engine"],
    ["./test/adapters"],
    ["./test/bytes"],
    ["./test/0_test.ts", "./test/a_test.ts"],
  ]);
  assert.deepEqual(groupsOf(["bytes/x_test.ts"]), [["./test/bytes"]]);
});
