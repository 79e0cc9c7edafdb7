import { test } from "node:test";
import assert from "node:assert/strict";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { Deadlines } from "../../src/engine/deadlines.ts";

interface Item {
  readonly name: string;
  readonly deadlineMs: number;
}

function start() {
  const clock = createManualClock(1000);
  const due: string[] = [];
  const deadlines = new Deadlines<Item>(clock, ({ name }) => void due.push(name));
  const add = (name: string, afterMs: number): Item => {
    const item = { name, deadlineMs: clock.nowMs() + afterMs };
    deadlines.add(item);
    return item;
  };
  return { clock, due, deadlines, add };
}

test("what is due is called in order of its time, then of its arrival", () => {
  const { clock, due, add } = start();
  add("c", 30);
  add("a", 10);
  add("b", 20);
  add("a2", 10);
  clock.advance(9);
  assert.deepEqual(due, []);
  clock.advance(1);
  assert.deepEqual(due, ["a", "a2"]);
  clock.advance(100);
  assert.deepEqual(due, ["a", "a2", "b", "c"]);
});

test("there is one timer for any number of entries, and none without one", () => {
  const { clock, deadlines, add } = start();
  const items = Array.from({ length: 100 }, (_, i) => add(String(i), 100 - i));
  assert.equal(clock.timerCount, 1);
  for (const item of items.slice(1)) deadlines.remove(item);
  assert.deepEqual([clock.timerCount, deadlines.size], [1, 1]);
  deadlines.remove(items[0]);
  assert.deepEqual([clock.timerCount, deadlines.size], [0, 0]);
  add("again", 5);
  clock.advance(5);
  assert.equal(clock.timerCount, 0);
});

test("a timer that fires early sets itself anew", () => {
  const { clock, due, deadlines, add } = start();
  const early = add("early", 10);
  add("late", 50);
  deadlines.remove(early);
  clock.advance(49);
  assert.deepEqual([due, clock.timerCount], [[], 1]);
  clock.advance(1);
  assert.deepEqual([due, clock.timerCount], [["late"], 0]);
});

test("an entry may be added or removed while others are called", () => {
  const clock = createManualClock();
  const due: string[] = [];
  const deadlines = new Deadlines<Item>(clock, ({ name }) => {
    due.push(name);
    if (name === "first") {
      deadlines.remove(second);
      deadlines.add({ name: "third", deadlineMs: 10 });
    }
  });
  deadlines.add({ name: "first", deadlineMs: 10 });
  const second = { name: "second", deadlineMs: 10 };
  deadlines.add(second);
  clock.advance(10);
  assert.deepEqual(due, ["first", "third"]);
});

test("removing what is not there does nothing", () => {
  const { clock, deadlines, add } = start();
  deadlines.remove({ name: "x", deadlineMs: 5 });
  const item = add("a", 5);
  deadlines.remove(item);
  deadlines.remove(item);
  assert.deepEqual([deadlines.size, clock.timerCount], [0, 0]);
});

test("random additions and removals come out as from a sorted array", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = createRandom([seed, 2, 3, 4]);
    const { clock, due, deadlines, add } = start();
    const expected: Item[] = [];
    const left: Item[] = [];
    for (let step = 0; step < 500; step++) {
      if (random.below(3) > 0) {
        left.push(add(`${seed}:${step}`, 1 + random.below(40)));
      } else if (left.length > 0 && random.below(2) === 0) {
        deadlines.remove(left.splice(random.below(left.length), 1)[0]);
      } else {
        clock.advance(random.below(6));
        const nowMs = clock.nowMs();
        const isDue = (item: Item): boolean => item.deadlineMs <= nowMs;
        const now = left.filter(isDue).sort((a, b) => a.deadlineMs - b.deadlineMs);
        expected.push(...now);
        for (const item of now) left.splice(left.indexOf(item), 1);
        assert.deepEqual(due, expected.map(({ name }) => name), `seed ${seed}`);
        assert.equal(deadlines.size, left.length);
        assert.equal(clock.timerCount, left.length > 0 ? 1 : 0);
      }
    }
  }
});
