/** Streams in process, and their replies as nested lists that are easy to compare. */
import { Buffer } from "node:buffer";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { STREAM_COMMANDS } from "../../../src/commands/stream/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture, type FixtureOptions } from "../../support/engine_fixture.ts";
import { elementsOf, valueOf } from "../../support/frames.ts";

export type Reply = string | null | Reply[];

export interface StreamFixture extends Fixture {
  /** Runs a line of words; numbers come as digits, errors with their dash. */
  ask(line: string): Reply;
  /** Runs many lines, none of which may fail. */
  all(...lines: string[]): void;
}

export function createStreamFixture(options: Partial<FixtureOptions> = {}): StreamFixture {
  const fixture = createFixture({
    families: [STREAM_COMMANDS, GENERIC_COMMANDS, STRING_COMMANDS],
    ...options,
  });
  const ask = (line: string): Reply => parse(Buffer.from(fixture.line(line), "latin1"));
  return {
    ...fixture,
    ask,
    all(...lines) {
      for (const line of lines) {
        const reply = fixture.line(line);
        if (reply.startsWith("-")) throw new Error(`${line}: ${reply}`);
      }
    },
  };
}

function parse(frame: Buffer): Reply {
  const kind = String.fromCharCode(frame[0]);
  const value = valueOf(frame);
  if (value === undefined) return null;
  if ("*%~".includes(kind)) return elementsOf(frame).map(parse);
  return (kind === "-" ? "-" : "") + value.toString("latin1");
}

/** What a flat map has under a name. */
export function at(map: Reply, name: string): Reply {
  const flat = map as Reply[];
  const i = flat.indexOf(name);
  if (i < 0) throw new Error(`no ${name} in ${JSON.stringify(map)}`);
  return flat[i + 1];
}
