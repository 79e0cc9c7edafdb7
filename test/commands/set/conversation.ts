/** A fixture of sets whose replies are compared with what redis-cli would show. */
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { SET_COMMANDS } from "../../../src/commands/set/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture, type FixtureOptions } from "../../support/engine_fixture.ts";

export function createSetFixture(options: Partial<FixtureOptions> = {}): Fixture {
  return createFixture({
    families: [SET_COMMANDS, GENERIC_COMMANDS, STRING_COMMANDS],
    ...options,
  });
}

/** The bulk strings of a reply, sorted. */
export function sortedBulks(reply: string): string[] {
  return bulks(reply).sort();
}

/** The bulk strings of a reply, in order. Only for those without line breaks. */
export function bulks(reply: string): string[] {
  const lines = reply.split("\r\n");
  return lines.filter((_, i) => i > 0 && lines[i - 1].startsWith("$"));
}
