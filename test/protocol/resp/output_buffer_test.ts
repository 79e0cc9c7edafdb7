import { test } from "node:test";
import assert from "node:assert/strict";
import { OutputBuffer } from "../../../src/protocol/resp/output_buffer.ts";

test("ensure() grows by doubling and keeps what is written", () => {
  const output = new OutputBuffer(16);
  output.bytes.set([1, 2, 3]);
  output.length = 3;
  const { bytes } = output;
  output.ensure(13);
  assert.ok(output.bytes === bytes);
  output.ensure(14);
  assert.equal(output.bytes.length, 32);
  assert.deepEqual([...output.bytes.subarray(0, 4)], [1, 2, 3, 0]);
  assert.ok(output.view.buffer === output.bytes.buffer);
  assert.equal(output.view.byteLength, 32);
  output.ensure(1000);
  assert.equal(output.bytes.length, 1024);
});

test("reset() keeps a buffer of up to 1 MiB and gives back a larger one", () => {
  const output = new OutputBuffer();
  output.ensure(1024 * 1024);
  output.length = 5;
  output.reset();
  assert.deepEqual([output.length, output.bytes.length], [0, 1024 * 1024]);
  output.ensure(1024 * 1024 + 1);
  output.reset();
  assert.equal(output.bytes.length, 16 * 1024);
  assert.equal(output.view.byteLength, 16 * 1024);
});
