// The command line of the benches.

import { test } from "node:test";
import assert from "node:assert/strict";
import { main } from "../../bench/main.ts";
import { choiceOf, countOf, readOptions } from "../../bench/support/cli.ts";

const NAMES = [
  "wire",
  "types",
  "pubsub",
  "guards",
  "structures",
  "collections",
  "memory",
  "connections",
  "stalls",
  "latency",
  "tuning",
  "http",
  "micro",
  "traces",
];

test("an unknown bench is refused with the names that there are", async () => {
  await assert.rejects(main(["nonsense"]), {
    name: "TypeError",
    message:
      /^no bench is named "nonsense"; there are wire, types, pubsub, guards, structures, collections, memory, .*stalls, .*micro/,
  });
});

test("an unknown option is refused by every bench", async () => {
  for (const name of NAMES) {
    await assert.rejects(
      main([name, "--nonsense"]),
      /unknown option --nonsense; there are --quick/,
    );
  }
});

test("--help lists the benches", async (t) => {
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => lines.push(line));
  await main(["--help"]);
  for (const name of NAMES) {
    assert.match(lines.join("\n"), new RegExp(`^  ${name} `, "m"));
  }
});

test("options are read with and without an equals sign", () => {
  const options = readOptions(["a", "--n", "20k", "--peers=bun,deno", "--quick", "b"], [
    "n",
    "peers",
  ]);
  assert.deepEqual(options.words, ["a", "b"]);
  assert.equal(options.isQuick, true);
  assert.equal(countOf(options, "n", 1), 20_000);
  assert.equal(countOf(options, "absent", 7), 7);
  assert.deepEqual(choiceOf(options, "peers", ["deno", "bun", "redis-server"]), ["bun", "deno"]);
  assert.throws(() => choiceOf(options, "peers", ["deno"]), /no "bun"; there are deno/);
  assert.throws(() => readOptions(["--n"], ["n"]), /--n needs a value/);
  for (const text of ["0", "-1", "1.5", "x", ""]) {
    assert.throws(() => countOf(readOptions([`--n=${text}`], ["n"]), "n", 1), /whole number/);
  }
  assert.equal(countOf(readOptions(["--n=2M"], ["n"]), "n", 1), 2_000_000);
});
