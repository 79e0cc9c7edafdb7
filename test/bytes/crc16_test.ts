import { test } from "node:test";
import assert from "node:assert/strict";
import { crc16, keySlot, SLOT_COUNT } from "../../src/bytes/crc16.ts";

const encoder = new TextEncoder();

function slotOf(key: string): number {
  const bytes = encoder.encode(`}{x}${key}{y}`);
  return keySlot(bytes, 4, bytes.length - 7);
}

test("crc16 gives the check value of the XMODEM variant", () => {
  assert.equal(crc16(encoder.encode("123456789"), 0, 9), 0x31c3);
  assert.equal(crc16(new Uint8Array(0), 0, 0), 0);
});

test("keySlot gives the slots of the cluster specification", () => {
  assert.equal(slotOf("123456789"), 0x31c3 % SLOT_COUNT);
  assert.equal(slotOf("foo"), 12182);
  assert.equal(slotOf("bar"), 5061);
  assert.equal(slotOf(""), 0);
});

test("keySlot hashes only a hash tag that is not empty", () => {
  assert.equal(slotOf("{user1000}.following"), slotOf("user1000"));
  assert.equal(slotOf("{user1000}.followers"), slotOf("user1000"));
  assert.equal(slotOf("foo{{bar}}zap"), slotOf("{bar"));
  assert.equal(slotOf("foo{bar}{zap}"), slotOf("bar"));
  assert.equal(slotOf("}foo{bar}"), slotOf("bar"));
  assert.notEqual(slotOf("foo{}{bar}"), slotOf("bar"));
  assert.equal(slotOf("foo{}{bar}"), 8363);
  assert.notEqual(slotOf("foo{bar"), slotOf("bar"));
});
