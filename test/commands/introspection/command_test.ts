import { test } from "node:test";
import assert from "node:assert/strict";
import { CONNECTION_COMMANDS } from "../../../src/commands/connection/mod.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { INTROSPECTION_COMMANDS } from "../../../src/commands/introspection/mod.ts";
import { createHandlerRunner } from "../handler_runner.ts";
import type { CommandSpec } from "../../../src/commands/spec.ts";
import type { HandlerRunner } from "../handler_runner.ts";

const BASE = {
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Does it.",
  syntax: "",
  run() {},
} as const;

/** Specs with keys of every kind. */
const KEYED: readonly CommandSpec[] = [
  {
    ...BASE,
    name: "get",
    arity: 2,
    flags: ["fast", "readonly"],
    keys: [1, 1, 1],
    keyFlags: ["RO", "access"],
    syntax: "key",
  },
  {
    ...BASE,
    name: "mset",
    arity: -3,
    flags: ["write"],
    keys: [1, -1, 2],
    keyFlags: ["OW", "update"],
  },
  {
    ...BASE,
    name: "lcs",
    arity: -3,
    flags: ["readonly"],
    keys: [1, 2, 1],
    keyFlags: ["RO", "access", "variable_flags"],
    deprecated: { since: "8.0.0", replacedBy: "`GET`" },
    history: [["7.0.0", "Grew."]],
  },
  {
    ...BASE,
    name: "rename",
    arity: 3,
    flags: ["write"],
    keys: [1, 2, 1],
    keyFlags: ["RW", "access", "delete"],
    lastKeyFlags: ["OW", "update"],
  },
  {
    ...BASE,
    name: "msetex",
    arity: -3,
    flags: ["write", "movablekeys"],
    keyFlags: ["OW", "update"],
    syntax: "numkeys key value [key value ...]",
    /** As many keys as argument 1 has characters. */
    findKeys(batch, first, argc, found) {
      const count = batch.argLengths[first + 1];
      for (let i = 0; i < count && 2 + 2 * i < argc; i += 1) found(2 + 2 * i);
    },
  },
  {
    ...BASE,
    name: "object",
    arity: -2,
    flags: [],
    run: () => assert.fail("not to be run"),
    subcommands: [{ ...BASE, name: "encoding", arity: 3, flags: ["readonly"], keys: [2, 2, 1] }],
  },
];

function createRunner(): HandlerRunner {
  return createHandlerRunner(KEYED, CONNECTION_COMMANDS, INTROSPECTION_COMMANDS);
}

const GET_INFO = "*10~$3~get~:2~~2~+readonly~+fast~:1~:1~:1~~3~+@read~+@string~+@fast~~0~~1~%3~" +
  "$5~flags~~2~+RO~+access~$12~begin_search~%2~$4~type~$5~index~$4~spec~%1~$5~index~:1~" +
  "$9~find_keys~%2~$4~type~$5~range~$4~spec~%3~$7~lastkey~:0~$7~keystep~:1~$5~limit~:0~~0~";

test("COMMAND COUNT counts commands, not subcommands", () => {
  const { run, table } = createRunner();
  assert.equal(run("COMMAND COUNT"), `:${table.commands.length}~`);
  assert.equal(table.commands.length, KEYED.length + CONNECTION_COMMANDS.length + 1);
});

test("COMMAND INFO describes a command as Redis does", () => {
  const runner = createRunner();
  runner.session.protocolVersion = 3;
  assert.equal(runner.run("COMMAND INFO GET"), `*1~${GET_INFO}`);
  assert.equal(
    runner.run("COMMAND INFO client|id quit"),
    "*2~*10~$9~client|id~:2~~3~+noscript~+loading~+stale~:0~:0~:0~~2~+@slow~+@connection~" +
      "~0~~0~~0~" +
      "*10~$4~quit~:-1~~6~+noscript~+loading~+stale~+fast~+no_auth~+allow_busy~:0~:0~:0~" +
      "~2~+@fast~+@connection~~0~~0~~0~",
  );
});

test("COMMAND INFO is null where there is no such command", () => {
  const runner = createRunner();
  assert.equal(runner.run("COMMAND INFO nosuch get|x client|id|x"), "*3~$-1~$-1~$-1~");
  runner.session.protocolVersion = 3;
  assert.equal(runner.run("COMMAND INFO nosuch"), "*1~_~");
});

test("COMMAND INFO tells ranges of keys, and that some keys only the arguments tell", () => {
  const { run } = createRunner();
  const mset = run("COMMAND INFO mset");
  assert.ok(mset.startsWith("*1~*10~$4~mset~:-3~*1~+write~:1~:-1~:2~"), mset);
  assert.ok(mset.includes("$7~lastkey~:-1~$7~keystep~:2~$5~limit~:0~"), mset);
  assert.ok(run("COMMAND INFO lcs").includes("$7~lastkey~:1~$7~keystep~:1~"));
  const msetex = run("COMMAND INFO msetex");
  assert.ok(msetex.includes("*2~+write~+movablekeys~:0~:0~:0~"), msetex);
  assert.ok(
    msetex.endsWith(
      "*1~*6~$5~flags~*2~+OW~+update~$12~begin_search~*4~$4~type~$7~unknown~$4~spec~*0~" +
        "$9~find_keys~*4~$4~type~$7~unknown~$4~spec~*0~*0~",
    ),
    msetex,
  );
});

test("COMMAND INFO tells when two keys are used differently", () => {
  const { run } = createRunner();
  const rename = run("COMMAND INFO rename");
  const range =
    "$9~find_keys~*4~$4~type~$5~range~$4~spec~*6~$7~lastkey~:0~$7~keystep~:1~$5~limit~:0~";
  const search = "$12~begin_search~*4~$4~type~$5~index~$4~spec~*2~$5~index~";
  assert.ok(
    rename.endsWith(
      `*2~*6~$5~flags~*3~+RW~+access~+delete~${search}:1~${range}` +
        `*6~$5~flags~*2~+OW~+update~${search}:2~${range}*0~`,
    ),
    rename,
  );
});

test("COMMAND INFO of a container describes its subcommands", () => {
  const { run, table } = createRunner();
  const count = table.find("client")?.subcommands.length;
  const reply = run("COMMAND INFO client");
  assert.ok(
    reply.startsWith(`*1~*10~$6~client~:-2~*0~:0~:0~:0~*1~+@slow~*0~*0~*${count}~*10~$14~client|`),
    reply,
  );
});

test("COMMAND and COMMAND INFO without names describe everything", () => {
  const runner = createRunner();
  runner.session.protocolVersion = 3;
  const all = runner.run("COMMAND");
  assert.ok(all.startsWith(`*${runner.table.commands.length}~${GET_INFO}`), all);
  assert.equal(runner.run("COMMAND INFO"), all);
});

test("COMMAND LIST lists commands and subcommands, filtered or not", () => {
  const { run, table } = createRunner();
  const all = run("COMMAND LIST");
  assert.ok(all.startsWith(`*${table.entries.length}~$3~get~$4~mset~`), all);
  assert.equal(run("COMMAND LIST FILTERBY MODULE x"), "*0~");
  assert.equal(
    run("COMMAND LIST FILTERBY PATTERN *SET*"),
    run("command list filterby pattern *set*"),
  );
  assert.equal(run("COMMAND LIST FILTERBY PATTERN M*"), "*2~$4~mset~$6~msetex~");
  assert.equal(run("COMMAND LIST FILTERBY PATTERN object|*"), "*1~$15~object|encoding~");
  assert.equal(run("COMMAND LIST FILTERBY ACLCAT Write"), "*3~$4~mset~$6~rename~$6~msetex~");
  assert.equal(run("COMMAND LIST FILTERBY ACLCAT nosuch"), "*0~");
  for (
    const wrong of ["FILTERBY", "FILTERBY PATTERN", "FILTERBY FOO x", "FOO PATTERN x", "a b c d"]
  ) {
    assert.equal(run(`COMMAND LIST ${wrong}`), "-ERR syntax error~", wrong);
  }
});

test("COMMAND DOCS documents a command", () => {
  const runner = createRunner();
  runner.session.protocolVersion = 3;
  assert.equal(
    runner.run("COMMAND DOCS get nosuch"),
    "%1~$3~get~%5~$7~summary~$8~Does it.~$5~since~$5~1.0.0~$5~group~$6~string~" +
      "$10~complexity~$4~O(1)~$9~arguments~*1~%4~$4~name~$3~key~$4~type~$3~key~" +
      "$12~display_text~$3~key~$14~key_spec_index~:0~",
  );
  assert.equal(
    runner.run("COMMAND DOCS lcs"),
    "%1~$3~lcs~%8~$7~summary~$8~Does it.~$5~since~$5~1.0.0~$5~group~$6~string~" +
      "$10~complexity~$4~O(1)~$9~doc_flags~~1~+deprecated~$16~deprecated_since~$5~8.0.0~" +
      "$11~replaced_by~$5~`GET`~$7~history~~1~*2~$5~7.0.0~$5~Grew.~",
  );
});

test("COMMAND DOCS shows optional, repeated and nested arguments", () => {
  const runner = createRunner();
  runner.session.protocolVersion = 3;
  const pause = runner.run("COMMAND DOCS client|pause");
  assert.ok(
    pause.endsWith(
      "$9~arguments~*2~%3~$4~name~$7~timeout~$4~type~$7~integer~$12~display_text~$7~timeout~" +
        "%4~$4~name~$9~write-all~$4~type~$5~oneof~$5~flags~~1~+optional~$9~arguments~*2~" +
        "%4~$4~name~$5~write~$4~type~$10~pure-token~$12~display_text~$5~write~$5~token~$5~WRITE~" +
        "%4~$4~name~$3~all~$4~type~$10~pure-token~$12~display_text~$3~all~$5~token~$3~ALL~",
    ),
    pause,
  );
  const msetex = runner.run("COMMAND DOCS msetex");
  assert.ok(
    msetex.includes("%4~$4~name~$9~key-value~$4~type~$5~block~$5~flags~~1~+multiple~"),
    msetex,
  );
});

test("COMMAND DOCS nests the subcommands of a container", () => {
  const runner = createRunner();
  runner.session.protocolVersion = 3;
  const reply = runner.run("COMMAND DOCS object");
  assert.ok(reply.includes("$11~subcommands~%1~$15~object|encoding~%4~$7~summary~"), reply);
  const all = runner.run("COMMAND DOCS");
  assert.ok(all.startsWith(`%${runner.table.commands.length}~$3~get~`), all);
  assert.equal(runner.run("COMMAND DOCS nosuch"), "%0~");
});

test("COMMAND GETKEYS finds the keys of a whole command", () => {
  const { run } = createRunner();
  assert.equal(run("COMMAND GETKEYS get a"), "*1~$1~a~");
  assert.equal(run("COMMAND GETKEYS MSET a 1 b 2"), "*2~$1~a~$1~b~");
  assert.equal(run("COMMAND GETKEYS mset a 1 b"), "*2~$1~a~$1~b~");
  assert.equal(run("COMMAND GETKEYS lcs a b LEN"), "*2~$1~a~$1~b~");
  assert.equal(run("COMMAND GETKEYS object encoding a"), "*1~$1~a~");
  assert.equal(run("COMMAND GETKEYS msetex xx a 1 b 2 c 3"), "*2~$1~a~$1~b~");
});

test("COMMAND GETKEYSANDFLAGS adds how the keys are used", () => {
  const runner = createRunner();
  runner.session.protocolVersion = 3;
  assert.equal(
    runner.run("COMMAND GETKEYSANDFLAGS mset a 1 b 2"),
    "*2~*2~$1~a~~2~+OW~+update~*2~$1~b~~2~+OW~+update~",
  );
  assert.equal(
    runner.run("COMMAND GETKEYSANDFLAGS lcs a b"),
    "*2~*2~$1~a~~2~+RO~+access~*2~$1~b~~2~+RO~+access~",
  );
  assert.equal(
    runner.run("COMMAND GETKEYSANDFLAGS rename a b"),
    "*2~*2~$1~a~~3~+RW~+access~+delete~*2~$1~b~~2~+OW~+update~",
  );
});

test("COMMAND GETKEYS says what is wrong with the command", () => {
  const { run } = createRunner();
  for (const name of ["GETKEYS", "GETKEYSANDFLAGS"]) {
    assert.equal(run(`COMMAND ${name} nosuch a`), "-ERR Invalid command specified~");
    assert.equal(run(`COMMAND ${name} client foo`), "-ERR Invalid command specified~");
    assert.equal(run(`COMMAND ${name} client|id foo`), "-ERR Invalid command specified~");
    assert.equal(run(`COMMAND ${name} ping a`), "-ERR The command has no key arguments~");
    assert.equal(run(`COMMAND ${name} client id`), "-ERR The command has no key arguments~");
    const wrongCount = "-ERR Invalid number of arguments specified for command~";
    assert.equal(run(`COMMAND ${name} get a b`), wrongCount);
    assert.equal(run(`COMMAND ${name} mset a`), wrongCount);
    assert.equal(
      run("COMMAND", name, "msetex", "", "a"),
      "-ERR Invalid arguments specified for command~",
    );
    assert.equal(
      run(`COMMAND ${name} get`),
      `-ERR wrong number of arguments for 'command|${name.toLowerCase()}' command~`,
    );
  }
});

test("COMMAND HELP names every subcommand", () => {
  const { run, table } = createRunner();
  const named = [...run("COMMAND HELP").matchAll(/~\+([A-Z]+)(?= <| \[|~)/g)]
    .map((match) => match[1]);
  const expected = table.find("command")?.subcommands.map((entry) => entry.spec.name.toUpperCase());
  assert.deepEqual(named.slice(1).sort(), expected?.sort());
  assert.equal(named[0], "COMMAND");
});

test("COMMAND DOCS tells which key spec an argument belongs to", () => {
  const runner = createHandlerRunner(GENERIC_COMMANDS, INTROSPECTION_COMMANDS);
  const specsOf = (name: string): string[] => {
    const reply = runner.run(`COMMAND DOCS ${name}`);
    return [...reply.matchAll(/\$14~key_spec_index~:(\d)~/g)].map(([, index]) => index);
  };
  assert.deepEqual(specsOf("rename"), ["0", "1"]);
  assert.deepEqual(specsOf("del"), ["0"]);
  assert.deepEqual(specsOf("scan"), []);
  // The key, BY pattern, GET pattern, and the destination.
  assert.deepEqual(specsOf("sort"), ["0", "1", "1", "2"]);
});
