/** Commands and the replies that are expected of them, in a form that reads well in tests. */
import assert from "node:assert/strict";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import type { CommandArgument } from "../../../src/protocol/command_encoder.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import { makeRegion } from "../../../src/bytes/region.ts";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

/** What the fixture's clock shows at first, in ms. */
export const START_MS = 1_700_000_000_000;

/** A command, as a line of words or as its arguments, and its reply as `render` gives it. */
export type Turn = readonly [command: string | readonly CommandArgument[], reply: string];

export function createStringFixture(settings: Partial<Settings> = {}): Fixture {
  return createFixture({ families: [STRING_COMMANDS, GENERIC_COMMANDS], settings });
}

/** Runs the commands one after the other and compares each reply. */
export function converse(fixture: Fixture, turns: readonly Turn[]): void {
  for (const [command, reply] of turns) {
    const args = typeof command === "string" ? command.split(" ") : command;
    assert.equal(render(fixture.run(...args)), reply, `reply to ${JSON.stringify(args)}`);
  }
}

/** Makes the key's record one of another type than string. */
export function makeList(fixture: Fixture, key: string): void {
  const keyspace = fixture.engine.keyspace;
  const batch = new GrowableBatch();
  const input = makeRegion(key.length);
  for (let i = 0; i < key.length; i++) input.bytes[i] = key.charCodeAt(i);
  batch.reserveArgs(1);
  batch.input = input;
  batch.argOffsets[0] = 0;
  batch.argLengths[0] = key.length;
  batch.argHashes[0] = keyspace.hash(input.view, 0, key.length);
  const kind = 1;
  keyspace.place(keyspace.databases[0], batch, 0, kind, 8, 0);
}

/**
 * A RESP3 reply as one line: +OK, -ERR …, :1, "bulk", nil, [item, …], {item, …}.
 * @throws Error unless the text is exactly one reply
 */
export function render(resp: string): string {
  const [text, end] = renderAt(resp, 0);
  if (end !== resp.length) throw new Error(`not one whole reply: ${JSON.stringify(resp)}`);
  return text;
}

function renderAt(resp: string, at: number): [text: string, end: number] {
  const lineEnd = resp.indexOf("\r\n", at);
  const line = resp.slice(at + 1, lineEnd);
  const body = lineEnd + 2;
  switch (resp[at]) {
    case "$": {
      const end = body + Number(line);
      if (resp.slice(end, end + 2) !== "\r\n") throw new Error("a bulk of another length");
      return [JSON.stringify(resp.slice(body, end)), end + 2];
    }
    case "_":
      return ["nil", body];
    case "*":
      return renderItems(resp, body, Number(line), "[", "]");
    case "%":
      return renderItems(resp, body, 2 * Number(line), "{", "}");
    default:
      return [resp.slice(at, lineEnd), body];
  }
}

function renderItems(
  resp: string,
  at: number,
  count: number,
  open: string,
  close: string,
): [text: string, end: number] {
  const items: string[] = [];
  for (let i = 0; i < count; i++) {
    const [text, end] = renderAt(resp, at);
    items.push(text);
    at = end;
  }
  return [open + items.join(", ") + close, at];
}
