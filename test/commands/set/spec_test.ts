// What COMMAND tells of commands whose keys are not all used in the same way, or not all found by
// position.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { INTROSPECTION_COMMANDS } from "../../../src/commands/introspection/mod.ts";
import { SET_COMMANDS } from "../../../src/commands/set/mod.ts";
import { parseSyntax } from "../../../src/commands/syntax.ts";
import { createFixture } from "../../support/engine_fixture.ts";

function run(text: string): string {
  const { session, run2 } = createFixture({
    families: [SET_COMMANDS, GENERIC_COMMANDS, INTROSPECTION_COMMANDS],
  });
  assert.equal(session.dbIndex, 0);
  return run2(...text.split(" ")).replaceAll("\r\n", "~");
}

test("a destination is told apart from the sources", () => {
  assert.equal(
    run("COMMAND GETKEYSANDFLAGS SUNIONSTORE t a b"),
    "*3~*2~$1~t~*2~+OW~+update~*2~$1~a~*2~+RO~+access~*2~$1~b~*2~+RO~+access~",
  );
  assert.ok(
    run("COMMAND INFO sdiffstore").includes(
      "*2~*6~$5~flags~*2~+OW~+update~$12~begin_search~*4~$4~type~$5~index~$4~spec~*2~$5~index~:1~" +
        "$9~find_keys~*4~$4~type~$5~range~$4~spec~*6~$7~lastkey~:0~$7~keystep~:1~$5~limit~:0~" +
        "*6~$5~flags~*2~+RO~+access~$12~begin_search~*4~$4~type~$5~index~$4~spec~*2~$5~index~:2~" +
        "$9~find_keys~*4~$4~type~$5~range~$4~spec~*6~$7~lastkey~:-1~$7~keystep~:1~$5~limit~:0~",
    ),
  );
});

test("SINTERCARD's keys are as many as it says", () => {
  assert.equal(run("COMMAND GETKEYS SINTERCARD 2 a b LIMIT 3"), "*2~$1~a~$1~b~");
  const invalid = "-ERR Invalid arguments specified for command~";
  for (const count of ["0", "-1", "3", "x", "9223372036854775807"]) {
    assert.equal(run(`COMMAND GETKEYS SINTERCARD ${count} a b`), invalid);
  }
});

test("SORT's keys are its source and the last destination", () => {
  assert.equal(run("COMMAND GETKEYS SORT a"), "*1~$1~a~");
  assert.equal(run("COMMAND GETKEYS SORT a STORE b"), "*2~$1~a~$1~b~");
  assert.equal(
    run("COMMAND GETKEYS SORT a STORE b GET STORE LIMIT STORE c store d"),
    "*2~$1~a~$1~d~",
  );
  assert.equal(run("COMMAND GETKEYS SORT_RO a BY b*"), "*1~$1~a~");
  assert.match(
    run("COMMAND INFO sort"),
    /^\*1~\*10~\$4~sort~:-2~\*3~\+write~\+denyoom~\+movablekeys~:1~:1~:1~\*6~\+@write~\+@set~/,
  );
});

test("every command's syntax can be read, and the arity says how many arguments it asks for", () => {
  for (const { name, syntax, arity } of SET_COMMANDS) {
    const args = parseSyntax(syntax, { hasKeys: true });
    const needed = 1 + args.filter(({ optional }) => !optional).length;
    const isOpen = args.some(({ optional, multiple }) => optional || multiple);
    assert.equal(arity, isOpen ? -needed : needed, name);
  }
});

test("clients are told which argument says how many keys there are", () => {
  const keys = "$9~find_keys~*4~$4~type~$6~keynum~$4~spec~*6~$9~keynumidx~:0~$8~firstkey~:1~";
  assert.ok(
    run("COMMAND INFO sintercard").includes(
      "*1~*6~$5~flags~*2~+RO~+access~$12~begin_search~*4~$4~type~$5~index~$4~spec~*2~$5~index~:1~" +
        `${keys}$7~keystep~:1~`,
    ),
  );
});
