import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import { MemberList } from "../../src/engine/member_list.ts";
import { forSeeds } from "../support/model.ts";

const decoder = new TextDecoder();

function textAt(list: MemberList, at: number): string {
  const offset = list.offsetAt(at);
  return decoder.decode(list.regionAt(at).bytes.subarray(offset, offset + list.lengthAt(at)));
}

function texts(list: MemberList): string[] {
  const all = Array.from({ length: list.length }, (_, at) => at);
  return all.filter((at) => !list.isDropped(at)).map((at) => textAt(list, at));
}

test("what does not last is copied, what lasts stays where it is", () => {
  const list = new MemberList();
  const region = makeRegion(16), other = makeRegion(16);
  const write = (text: string): void => void new TextEncoder().encodeInto(text, region.bytes);
  new TextEncoder().encodeInto("stays", other.bytes);
  list.add(other, 0, 5, true);
  for (let i = 0; i < 30_000; i++) {
    write(`text${i}`);
    list.add(region, 0, `text${i}`.length, false);
  }
  assert.equal(list.count, 30_001);
  assert.equal(list.regionAt(0), other);
  assert.equal(textAt(list, 0), "stays");
  for (const i of [0, 1, 16_383, 16_384, 29_999]) assert.equal(textAt(list, i + 1), `text${i}`);
  list.clear();
  assert.equal(list.length, 0);
  list.add(other, 0, 2, true);
  assert.deepEqual(texts(list), ["st"]);
});

test("distinct members are there once, until they are dropped", () => {
  forSeeds(3, (random) => {
    const list = new MemberList();
    for (let round = 0; round < 3; round++) {
      const model = new Set<string>();
      const region = makeRegion(16);
      const drawn = 20_000 - round * 9000;
      for (let i = 0; i < drawn; i++) {
        const id = random.below(4000);
        const text = `m${id}`;
        new TextEncoder().encodeInto(text, region.bytes);
        // Few hashes, so that many members have the same.
        const hash = Math.imul(id % 1000, 0x9e3779b1);
        if (random.below(3) > 0) {
          assert.equal(list.addDistinct(region, 0, text.length, false, hash), !model.has(text));
          model.add(text);
        } else {
          assert.equal(list.drop(region, 0, text.length, hash), model.delete(text));
        }
        assert.equal(list.count, model.size);
      }
      assert.deepEqual(texts(list).sort(), [...model].sort());
      list.clear();
    }
  });
});
