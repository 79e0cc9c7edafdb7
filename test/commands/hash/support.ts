/** A fixture with the commands that tests of hashes need. */
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { HASH_COMMANDS } from "../../../src/commands/hash/mod.ts";
import { SERVER_COMMANDS } from "../../../src/commands/server/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

export const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

export function hashFixture(
  settings: Partial<Settings> = {},
  capacityBytes = 64 * 1024 * 1024,
): Fixture {
  return createFixture({
    families: [HASH_COMMANDS, STRING_COMMANDS, GENERIC_COMMANDS, SERVER_COMMANDS],
    settings,
    capacityBytes,
  });
}

/** A reply in short: bulk strings and numbers by themselves, nil as "nil", errors with their dash. */
export function short(reply: string): string {
  return reply.replace(/\$\d+\r\n([^\r]*)\r\n/g, "$1 ").replace(/_\r\n/g, "nil ")
    .replace(/:(-?\d+)\r\n/g, "$1 ").replace(/[*~%](\d+)\r\n/g, "#$1 ").replace(/\r\n/g, " ")
    .trimEnd();
}

/** Runs a line and gives its reply in short. */
export function ask(fixture: Fixture, line: string): string {
  return short(fixture.line(line));
}
