import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeRegion } from "../../../src/bytes/region.ts";
import { command, commands as commandsSchema } from "../../../src/adapters/http/schemas.ts";
import { JsonBatchDecoder } from "../../../src/protocol/json/decoder.ts";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The commands of a body, or why it was refused. */
function decode(
  body: string | Uint8Array,
  isSingle = false,
  maxArguments = 100,
): string[][] | string {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const region = makeRegion(bytes.length);
  region.bytes.set(bytes);
  const batch = new GrowableBatch();
  const reader = new JsonBatchDecoder({ maxArguments });
  if (!reader.decode(batch, region, bytes.length, isSingle)) return reader.error;
  return Array.from({ length: batch.commandCount }, (_, c) => {
    const words: string[] = [];
    for (let a = batch.firstArgs[c]; a < batch.firstArgs[c + 1]; a++) {
      const start = batch.argOffsets[a];
      words.push(decoder.decode(region.bytes.subarray(start, start + batch.argLengths[a])));
    }
    return words;
  });
}

const argument = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const commands = fc.array(fc.array(argument, { minLength: 1 }));

test("what JSON.stringify writes is read, numbers as they are written", () => {
  fc.assert(fc.property(commands, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
    const expected = value.map((words) =>
      words.map((word) => typeof word === "string" ? word : JSON.stringify(word))
    );
    assert.deepEqual(decode(JSON.stringify(value, undefined, space)), expected);
  }));
});

test("one command alone is read", () => {
  assert.deepEqual(decode(' [ "SET" , "k", -1.50e3 , true ] ', true), [[
    "SET",
    "k",
    "-1.50e3",
    "true",
  ]]);
});

/** Whether a text is an array of commands, as JSON.parse and plain checks see it. */
function isBatch(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) &&
      value.every((command) =>
        Array.isArray(command) && command.length > 0 &&
        command.every((word) => ["string", "number", "boolean"].includes(typeof word))
      );
  } catch {
    return false;
  }
}

/** Texts that are nearly JSON. */
const pieces = fc.constantFrom(
  ...[
    "[",
    "]",
    "[",
    "]",
    ",",
    '"a"',
    '"\\u00e9"',
    '"\\x"',
    '"\\',
    '"',
    "1",
    "-",
    "0",
    "01",
    "1.",
    ".5",
  ],
  ...[
    "1e5",
    "1e",
    "-0",
    "true",
    "false",
    "null",
    "tru",
    "{",
    "}",
    ":",
    " ",
    "\n",
    "\u00e9",
    "\u0001",
    "\ufeff",
    "1e999",
    "-1e-999",
    '"\\ud800"',
    '"__proto__"',
  ],
);
const mangled = fc.oneof(
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.array(pieces, { maxLength: 6 }).map((parts) => `[[${parts.join("")}]]`),
  fc.tuple(commands, fc.nat(), pieces).map(([value, at, piece]) => {
    const text = JSON.stringify(value);
    const cut = at % (text.length + 1);
    return text.slice(0, cut) + piece + text.slice(cut + (at & 1));
  }),
);

test("exactly what JSON.parse takes as an array of commands is taken", () => {
  fc.assert(
    fc.property(mangled, (text) => {
      assert.equal(typeof decode(text) !== "string", isBatch(text), text);
    }),
    { numRuns: 3000 },
  );
});

/** Bodies that are JSON, but perhaps no commands. */
const anything = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.array(fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 4 }), { maxLength: 4 })
    .map((value) => JSON.stringify(value)),
  fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 4 }).map((value) => JSON.stringify(value)),
  commands.map((value) => JSON.stringify(value)),
  commands.map((value) => JSON.stringify(value[0] ?? [])),
);

function isTaken(schema: typeof command | typeof commandsSchema, text: string): boolean {
  try {
    return schema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

test("exactly what the schemas of the HTTP door take is taken, mangled or not", () => {
  let taken = 0, refused = 0;
  fc.assert(
    fc.property(fc.oneof(mangled, anything), (text) => {
      const isBatch = isTaken(commandsSchema, text);
      assert.equal(typeof decode(text) !== "string", isBatch, text);
      const isCommand = isTaken(command, text);
      assert.equal(typeof decode(text, true) !== "string", isCommand, text);
      if (isBatch || isCommand) taken++;
      else refused++;
    }),
    { numRuns: 4000 },
  );
  assert.ok(taken > 400 && refused > 400, `${taken} taken, ${refused} refused`);
});

test("the schemas' limit of arguments is the decoder's", () => {
  const limit = 1024 * 1024;
  for (const count of [limit, limit + 1]) {
    const words = new Array<number>(count).fill(1);
    const isTaken = typeof decode(JSON.stringify(words), true, limit) !== "string";
    assert.equal(isTaken, count === limit);
    assert.equal(command.safeParse(words).success, isTaken);
  }
});

test("what is wrong is named with its place", () => {
  const refusals: readonly (readonly [string, string])[] = [
    ["", "invalid JSON: expected an array of commands at offset 0, found the end"],
    ['{"a":1}', "the body must be an array of commands, not an object"],
    ['["GET","k"]', "command 0 must be an array of arguments, not a string"],
    ["[[]]", "command 0 is empty: expected at least its name"],
    [
      '[["GET","k"],["SET",null]]',
      "command 1, element 1 must be a string, a number or a boolean, not null",
    ],
    [
      '[["SET","k",["v"]]]',
      "command 0, element 2 must be a string, a number or a boolean, not an array",
    ],
    [
      '[["SET","k",{}]]',
      "command 0, element 2 must be a string, a number or a boolean, not an object",
    ],
    ['[["GET","k"]', 'invalid JSON: expected "," or "]" at offset 12, found the end'],
    ['[["GET","k"]] x', "invalid JSON: expected the end at offset 14, found byte 120"],
    [
      '[["GET","k\n"]]',
      "invalid JSON: expected a character of a string at offset 10, found byte 10",
    ],
    ['[["\\x"]]', "invalid JSON: a string that cannot be read at offset 2"],
    ["[[1.]]", "invalid JSON: expected a digit at offset 4, found byte 93"],
    [
      "[[nul]]",
      "invalid JSON: expected a string, a number or a boolean at offset 2, found byte 110",
    ],
  ];
  for (const [body, message] of refusals) assert.equal(decode(body), message, body);
  assert.equal(decode("[]", true), "the body is empty: expected at least its name");
  assert.equal(
    decode('["a",null]', true),
    "element 1 must be a string, a number or a boolean, not null",
  );
});

test("bytes that are no UTF-8 are refused", () => {
  const bytes = encoder.encode('[["a"]]');
  bytes[3] = 0xff;
  assert.equal(decode(bytes), "the body is not valid UTF-8");
});

test("deep nesting costs nothing", () => {
  assert.equal(
    decode("[".repeat(1_000_000)),
    "command 0, element 0 must be a string, a number or a boolean, not an array",
  );
});

test("a command may have as many arguments as the limit says, and no more", () => {
  assert.equal(decode('[["a","b","c"]]', false, 3).length, 1);
  assert.equal(decode('[["a","b","c","d"]]', false, 3), "command 0 has more than 3 arguments");
});

test("many commands and arguments fit", () => {
  const value = Array.from(
    { length: 3000 },
    (_, i) => Array.from({ length: 5 }, (_, j) => `${i}.${j}`),
  );
  assert.deepEqual(decode(JSON.stringify(value)), value);
});
