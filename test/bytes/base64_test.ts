import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { base64Length, writeBase64 } from "../../src/bytes/base64.ts";

test("writeBase64() writes what the platform writes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(5), (value, offset) => {
    const source = new Uint8Array(offset + value.length);
    source.set(value, offset);
    const length = base64Length(value.length);
    const target = new Uint8Array(length + 3).fill(7);
    writeBase64(source, offset, value.length, new DataView(target.buffer), 2);
    const expected = Buffer.from(value).toString("base64");
    assert.equal(new TextDecoder().decode(target.subarray(2, 2 + length)), expected);
    assert.deepEqual([target[0], target[1], target[length + 2]], [7, 7, 7]);
  }));
});
