import assert from "node:assert/strict";
import { test } from "node:test";
import {
  COLLECT_BYTES,
  COLLECT_QUIET_BYTES,
  DroppedBuffers,
  QUIET_CHECKS,
} from "../../src/server/dropped_buffers.ts";
import { createFixture } from "../support/engine_fixture.ts";

test("garbage is collected once connections left enough of it behind", () => {
  const { engine } = createFixture({ families: [] });
  let collections = 0;
  const dropped = new DroppedBuffers(engine, () => collections++);
  engine.droppedBufferBytes += COLLECT_BYTES - 1;
  dropped.check();
  assert.equal(collections, 0);
  engine.droppedBufferBytes += 1;
  dropped.check();
  assert.equal(collections, 1);
  for (let i = 0; i < 2 * QUIET_CHECKS; i++) dropped.check();
  assert.equal(collections, 1, "once");
});

test("less garbage is collected when no more of it comes", () => {
  const { engine } = createFixture({ families: [] });
  let collections = 0;
  const dropped = new DroppedBuffers(engine, () => collections++);
  for (let i = 0; i < 2 * QUIET_CHECKS; i++) {
    engine.droppedBufferBytes += COLLECT_QUIET_BYTES;
    dropped.check();
  }
  assert.equal(collections, 0);
  for (let i = 0; i < QUIET_CHECKS; i++) dropped.check();
  assert.equal(collections, 1);
});

test("connections that end with little in them change nothing", () => {
  const { engine } = createFixture({ families: [] });
  const dropped = new DroppedBuffers(engine, () => assert.fail("it collected"));
  engine.droppedBufferBytes += COLLECT_QUIET_BYTES - 1;
  for (let i = 0; i < 2 * QUIET_CHECKS; i++) dropped.check();
});
