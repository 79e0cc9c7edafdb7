import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { aim, aimed, nextOf, scoreOf } from "../../src/structs/skip_list_node.ts";
import {
  addMember,
  countMembers,
  createSortedSet,
  findMember,
  hashMember,
  removeMember,
  removeRanks,
  scanMembers,
  SORTED_SET,
} from "../../src/structs/sorted_set.ts";
import { chance, forSeeds, pick } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

const PAGE = 65_536;

function regionOf(member: string): ReturnType<typeof makeRegion> {
  const region = makeRegion(member.length);
  region.bytes.set(Buffer.from(member, "latin1"));
  return region;
}

class Model {
  readonly account = new MemoryAccount();
  readonly arena: Arena;
  readonly random: Xoshiro128;
  readonly set: number;
  readonly members = new Map<string, number>();
  failures = 0;

  constructor(random: Xoshiro128, pages: number) {
    this.random = random;
    this.arena = new Arena(pages * PAGE, this.account);
    this.set = createSortedSet(this.arena, random.int32(), random.int32());
  }

  #find(member: string): number {
    const { arena, set } = this;
    const hash = hashMember(arena, set, regionOf(member), 0, member.length);
    return findMember(arena, set, hash, regionOf(member), 0, member.length);
  }

  add(member: string, score: number): boolean {
    const { arena, set, random, account } = this;
    assert.equal(this.#find(member) === 0, !this.members.has(member));
    if (this.members.has(member)) return false;
    const source = regionOf(member);
    const hash = hashMember(arena, set, source, 0, member.length);
    const bytes = account.liveBytes;
    const node = addMember(arena, set, hash, score, source, 0, member.length, random.int32());
    if (node === 0) {
      this.failures++;
      assert.equal(account.liveBytes, bytes);
      return false;
    }
    this.members.set(member, score);
    return true;
  }

  remove(member: string): void {
    const node = this.#find(member);
    assert.equal(node !== 0, this.members.delete(member));
    if (node === 0) return;
    const hash = hashMember(this.arena, this.set, regionOf(member), 0, member.length);
    removeMember(this.arena, this.set, hash, node);
  }

  sorted(): [member: string, score: number][] {
    return [...this.members].sort((a, b) =>
      a[1] - b[1] || Buffer.compare(Buffer.from(a[0], "latin1"), Buffer.from(b[0], "latin1"))
    );
  }

  check(arena = this.arena, set = this.set): void {
    const owner = new OwnedBlocks(arena);
    SORTED_SET.check(arena, set, owner);
    if (arena !== this.arena || set === this.set) owner.assertComplete();
    assert.equal(owner.bytes, SORTED_SET.sizeBytes(arena, set));
    assert.equal(countMembers(arena, set), this.members.size);
    const found: [string, number][] = [];
    for (let node = nextOf(arena.words, set); node !== 0; node = nextOf(arena.words, node)) {
      aim(arena, node);
      const bytes = aimed.memory.bytes.slice(aimed.offset, aimed.offset + aimed.length);
      found.push([Buffer.from(bytes).toString("latin1"), scoreOf(arena, node)]);
    }
    assert.deepEqual(found, this.sorted());
  }
}

function nameOf(random: Xoshiro128): string {
  const name = `m${random.below(400)}`;
  return chance(random, 0.03) ? name.padEnd(pick(random, [5000, 70_000]), "x") : name;
}

test("a sorted set keeps its list and its table together", () => {
  forSeeds(8, (random) => {
    const model = new Model(random, pick(random, [8, 60]));
    for (let i = 0; i < 800; i++) {
      if (chance(random, 0.6)) {
        model.add(nameOf(random), random.below(9));
      } else if (chance(random, 0.9)) {
        model.remove(nameOf(random));
      } else {
        const rank = random.below(model.members.size + 1);
        const count = random.below(Math.min(10, model.members.size - rank) + 1);
        for (const [member] of model.sorted().slice(rank, rank + count)) {
          model.members.delete(member);
        }
        if (count > 0) removeRanks(model.arena, model.set, rank, count);
      }
      if (i % 100 === 0) model.check();
    }
    model.check();
    assert.equal(model.account.liveBytes, SORTED_SET.sizeBytes(model.arena, model.set));
  });
});

test("a copy is the same set, or nothing when there is no memory", () => {
  forSeeds(6, (random) => {
    const model = new Model(random, 80);
    for (let i = 0; i < 600; i++) model.add(nameOf(random), random.below(100) / 7);
    for (const pages of [100, 4, 8]) {
      const account = new MemoryAccount();
      const target = new Arena(pages * PAGE, account);
      const copy = SORTED_SET.copy(model.arena, model.set, target);
      if (copy === 0) assert.equal(account.liveBytes, 0);
      else model.check(target, copy);
      assert.ok(pages !== 100 || copy !== 0);
    }
    const copy = SORTED_SET.copy(model.arena, model.set, model.arena);
    if (copy !== 0) model.check(model.arena, copy);
  });
});

test("a large set is freed in slices", () => {
  forSeeds(2, (random) => {
    const model = new Model(random, 80);
    for (let i = 0; i < 5000; i++) model.add(`m${i}`, random.below(100));
    let slices = 1;
    for (; !SORTED_SET.free(model.arena, model.set, 100); slices++) {
      const owner = new OwnedBlocks(model.arena);
      SORTED_SET.check(model.arena, model.set, owner);
      owner.assertComplete();
      assert.equal(owner.bytes, SORTED_SET.sizeBytes(model.arena, model.set));
      assert.equal(owner.bytes, model.account.liveBytes);
    }
    assert.ok(slices > 40, `${slices} slices`);
    assert.equal(model.account.liveBytes, 0);
    model.arena.checkInvariants();
  });
});

test("a scan finds what is there all the time", () => {
  forSeeds(3, (random) => {
    const model = new Model(random, 80);
    for (let i = 0; i < 1000; i++) model.add(`stays${i}`, i);
    const found = new Set<string>();
    let cursor = 0;
    do {
      cursor = scanMembers(model.arena, model.set, cursor, (node) => {
        aim(model.arena, node);
        const bytes = aimed.memory.bytes.slice(aimed.offset, aimed.offset + aimed.length);
        found.add(Buffer.from(bytes).toString("latin1"));
      });
      for (let i = 0; i < 20; i++) {
        if (chance(random, 0.5)) model.add(`goes${random.below(500)}`, 1);
        else model.remove(`goes${random.below(500)}`);
      }
    } while (cursor !== 0);
    for (let i = 0; i < 1000; i++) assert.ok(found.has(`stays${i}`));
    model.check();
  });
});

test("a member of 12 bytes takes less than 50 bytes", () => {
  forSeeds(1, (random) => {
    const model = new Model(random, 200);
    for (let i = 0; i < 30_000; i++) {
      const member = `member${i + 100_000}`;
      const source = regionOf(member);
      const { arena, set } = model;
      const hash = hashMember(arena, set, source, 0, member.length);
      const score = random.below(1_000_000);
      const draw = random.int32();
      assert.notEqual(addMember(arena, set, hash, score, source, 0, member.length, draw), 0);
    }
    const bytes = SORTED_SET.sizeBytes(model.arena, model.set) / 30_000;
    assert.ok(bytes < 50, `${bytes} bytes`);
  });
});
