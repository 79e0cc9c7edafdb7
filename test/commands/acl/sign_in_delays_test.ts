import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import {
  FREE_FAILURES,
  MAX_ADDRESSES,
  MAX_DELAY_MS,
  MEMORY_MS,
  networkOf,
  SignInDelays,
} from "../../../src/commands/acl/sign_in_delays.ts";
import { testSettings } from "../../support/test_settings.ts";

function start(authFailDelayMs = 100) {
  const clock = createManualClock(1_000_000);
  const lines: string[] = [];
  const settings = testSettings({ authFailDelayMs });
  const delays = new SignInDelays({ clock, settings, log: (line) => void lines.push(line) });
  const fail = (remoteAddress: string, times = 1): void => {
    for (let i = 0; i < times; i++) delays.failed({ remoteAddress, id: 7 }, "root");
  };
  const delay = (remoteAddress: string): number => delays.delayMs({ remoteAddress });
  return { clock, lines, delays, fail, delay, settings };
}

test("the first failures cost nothing, each further one twice as much, up to a limit", () => {
  const { fail, delay } = start();
  fail("1.2.3.4:1000", FREE_FAILURES - 1);
  assert.equal(delay("1.2.3.4:1001"), 0);
  const seen: number[] = [];
  for (let i = 0; i < 9; i++) {
    fail("1.2.3.4:1000");
    seen.push(delay("1.2.3.4:1001"));
  }
  assert.deepEqual(seen, [100, 200, 400, 800, 1600, 3200, 6400, MAX_DELAY_MS, MAX_DELAY_MS]);
  fail("1.2.3.4:1000", 2000);
  assert.equal(delay("1.2.3.4:1001"), MAX_DELAY_MS);
});

test("nobody else is delayed, and nobody at all with 0", () => {
  const { fail, delay, settings } = start();
  fail("1.2.3.4:1000", 10);
  assert.equal(delay("1.2.3.5:1000"), 0);
  settings.authFailDelayMs = 0;
  assert.equal(delay("1.2.3.4:1000"), 0);
});

test("an address is forgotten some time after its last failure", () => {
  const { fail, delay, clock } = start();
  fail("1.2.3.4:1", 10);
  clock.advance(MEMORY_MS);
  assert.notEqual(delay("1.2.3.4:1"), 0);
  clock.advance(1);
  assert.equal(delay("1.2.3.4:1"), 0);
  fail("1.2.3.4:1");
  assert.equal(delay("1.2.3.4:1"), 0);
});

test("a flood of addresses takes no more memory, and the latest are remembered", () => {
  const { fail, delay, delays } = start();
  fail("9.9.9.9:1", 10);
  for (let i = 0; i < 3 * MAX_ADDRESSES; i++) {
    fail(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:5`);
    // Who goes on failing stays.
    if (i % 1000 === 0) fail("9.9.9.9:1");
  }
  assert.equal(delays.size, MAX_ADDRESSES);
  assert.equal(delay("9.9.9.9:1"), MAX_DELAY_MS);
});

test("old addresses make room by themselves", () => {
  const { fail, delays, clock } = start();
  for (let i = 0; i < 100; i++) fail(`10.0.0.${i}:5`);
  clock.advance(MEMORY_MS + 1);
  fail("10.0.1.1:5");
  assert.equal(delays.size, 1);
});

test("the log has a line whenever the failures of an address doubled", () => {
  const { fail, lines } = start();
  fail("1.2.3.4:5", 100);
  assert.equal(lines.length, 7);
  assert.equal(lines[0], 'Failed sign-in as "root" by 1.2.3.4:5 id=7');
  assert.equal(
    lines[6],
    'Failed sign-in as "root" by 1.2.3.4:5 id=7, 64 failures in a row from there',
  );
});

test("what counts as one guesser", () => {
  assert.equal(networkOf("1.2.3.4:5"), "1.2.3.4");
  assert.equal(networkOf("/run/x.sock:0"), "/run/x.sock");
  assert.equal(networkOf("[2001:db8:1:2:3:4:5:6]:7"), "2001:db8:1:2");
  assert.equal(networkOf("[2001:db8:1:2::6]:7"), "2001:db8:1:2");
  assert.equal(networkOf("[2001:db8::6]:7"), "2001:db8:0:0");
  assert.equal(networkOf("[2001::3:4:5:6:7:8]:7"), "2001:0:3:4");
  assert.equal(networkOf("[::1]:7"), "0:0:0:0");
});
