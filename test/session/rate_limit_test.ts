import assert from "node:assert/strict";
import { test } from "node:test";
import { PING } from "../../src/commands/connection/ping.ts";
import { GUARD_RATE } from "../../src/commands/guards.ts";
import type { SessionPort } from "../../src/ports/session_port.ts";
import { LocalSession } from "../../src/session/local_session.ts";
import { RateLimit } from "../../src/session/rate_limit.ts";
import { createFixture } from "../support/engine_fixture.ts";

const REFUSAL = "RATELIMIT too many commands, a connection may send 10 per second";

/** A limit of 10 commands a second, and a session. */
function start(burst = 0) {
  const settings = { clientCommandRateLimit: 10, clientCommandRateBurst: burst };
  const fixture = createFixture({ families: [[PING]], settings });
  const limit = new RateLimit(fixture.engine);
  /** Sends commands at one time. @returns how many of them may run */
  const allowed = (count: number, session: SessionPort = fixture.session): number => {
    fixture.engine.beginBatch();
    let passed = 0;
    for (let i = 0; i < count; i++) {
      const refusal = limit.refuse(session);
      if (refusal === "") passed++;
      else assert.equal(refusal, REFUSAL);
    }
    return passed;
  };
  return { ...fixture, limit, allowed };
}

test("RateLimit: a second's worth at once, and not one more", () => {
  const { allowed, clock, engine } = start();
  assert.equal(allowed(10), 10);
  assert.equal(allowed(1), 0);
  assert.equal(engine.stats.rateLimitedCommands, 1);
  clock.advance(99);
  assert.equal(allowed(1), 0);
  clock.advance(1);
  assert.equal(allowed(2), 1, "a tenth of a second later there is one");
  clock.advance(1000);
  assert.equal(allowed(20), 10);
  clock.advance(3_600_000);
  assert.equal(allowed(20), 10, "a rest is worth no more than a burst");
});

test("RateLimit: client-command-rate-burst is what may come at once", () => {
  const large = start(25);
  assert.equal(large.allowed(30), 25);
  large.clock.advance(1000);
  assert.equal(large.allowed(30), 10, "the rate stays");
  const small = start(1);
  assert.equal(small.allowed(3), 1);
  small.clock.advance(500);
  assert.equal(small.allowed(3), 1);
});

test("RateLimit: every connection has its own", () => {
  const { allowed } = start();
  assert.equal(allowed(11), 10);
  assert.equal(allowed(11, new LocalSession(2, 0)), 10);
});

test("RateLimit: a rate that is changed holds from then on, 0 is none", () => {
  const { allowed, settings, clock } = start();
  assert.equal(allowed(11), 10);
  settings.clientCommandRateLimit = 0;
  assert.equal(allowed(1000), 1000);
  settings.clientCommandRateLimit = 10;
  clock.advance(200);
  assert.equal(allowed(3), 2);
});

test("RateLimit: unknown commands and wrong arguments count, too", () => {
  const { session, run, settings } = start();
  settings.clientCommandRateLimit = 3;
  session.guards |= GUARD_RATE;
  assert.equal(run("PING"), "+PONG\r\n");
  assert.match(run("NOSUCH"), /^-ERR unknown command/);
  assert.match(run("PING", "a", "b"), /^-ERR wrong number/);
  for (const command of [["PING"], ["NOSUCH"], ["PING", "a", "b"]]) {
    assert.match(run(...command), /^-RATELIMIT too many commands, .* 3 per second\r\n$/);
  }
  session.guards &= ~GUARD_RATE;
  assert.equal(run("PING"), "+PONG\r\n");
});
