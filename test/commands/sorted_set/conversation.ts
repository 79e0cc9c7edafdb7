/** A fixture for sorted sets, and what its replies say. */
import assert from "node:assert/strict";
import { CONNECTION_COMMANDS } from "../../../src/commands/connection/mod.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { GEO_COMMANDS } from "../../../src/commands/geo/mod.ts";
import { SET_COMMANDS } from "../../../src/commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../../../src/commands/sorted_set/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture, type FixtureOptions } from "../../support/engine_fixture.ts";

const FAMILIES = [
  ...[STRING_COMMANDS, GENERIC_COMMANDS, CONNECTION_COMMANDS, SET_COMMANDS],
  ...[SORTED_SET_COMMANDS, GEO_COMMANDS],
];

export const WRONG = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

export interface Conversation extends Fixture {
  /** The payloads of a line's reply in RESP2: bulk strings and integers, nil as "nil". */
  words(line: string): string;
  /** Asserts what a line replies, in RESP3. */
  says(line: string, reply: string): void;
}

export function converse(options: Partial<FixtureOptions> = {}): Conversation {
  const fixture = createFixture({ families: FAMILIES, ...options });
  return {
    ...fixture,
    words: (line) => payloads(fixture.run2(...line.split(" "))),
    says: (line, reply) => assert.equal(fixture.line(line), reply, line),
  };
}

function payloads(reply: string): string {
  const parts = reply.split("\r\n");
  const found: string[] = [];
  for (let i = 0; i < parts.length - 1; i++) {
    const type = parts[i][0];
    if (type === "$" && parts[i] !== "$-1") found.push(parts[++i]);
    else if (type === "$" || parts[i] === "*-1") found.push("nil");
    else if (type !== "*") found.push(parts[i].slice(1));
  }
  return found.join(" ");
}

/** Arguments "score member" for so many members. */
export function pairs(count: number, prefix = "m"): string {
  return Array.from({ length: count }, (_, i) => `${i} ${prefix}${i}`).join(" ");
}
