import { test } from "node:test";
import assert from "node:assert/strict";
import {
  bytesOf,
  fieldsOf,
  firstError,
  itemsOf,
  numberOf,
  readReplies,
  textOf,
} from "../../../../src/adapters/http/console/reply.ts";
import { replyText } from "../../../../src/adapters/http/console/prompt.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

test("replies of each kind are told apart", () => {
  const wire =
    "+OK\r\n-ERR no\r\n:-5\r\n,1.5\r\n(12345678901234567890\r\n#t\r\n#f\r\n_\r\n$-1\r\n*-1\r\n" +
    "$3\r\na\r\n\r\n=8\r\ntxt:a\nb\n\r\n*2\r\n:1\r\n*0\r\n~1\r\n+x\r\n>1\r\n+y\r\n%1\r\n$1\r\nk\r\n:2\r\n";
  const replies = readReplies(bytes(wire));
  assert.deepEqual(replies.map(({ kind }) => kind), [
    ...[
      "status",
      "error",
      "integer",
      "double",
      "integer",
      "boolean",
      "boolean",
      "nil",
      "nil",
      "nil",
    ],
    ...["bytes", "bytes", "array", "set", "push", "map"],
  ]);
  assert.deepEqual(replies.map((reply) => replyText(reply)), [
    "OK",
    "(error) ERR no",
    "(integer) -5",
    "(double) 1.5",
    "(integer) 12345678901234567890",
    "(true)",
    "(false)",
    "(nil)",
    "(nil)",
    "(nil)",
    '"a\\r\\n"',
    "a\nb",
    "1) (integer) 1\n2) (empty array)",
    "1~ x",
    "1) y",
    '1# "k" => (integer) 2',
  ]);
  assert.equal(firstError(replies), "ERR no");
  assert.equal(numberOf(replies[2]), -5);
  assert.equal(numberOf(replies[0]), undefined);
  assert.equal(textOf(replies[12]), "");
  assert.deepEqual(bytesOf(replies[2]), new TextEncoder().encode("-5"));
  assert.equal(numberOf(fieldsOf(replies[15]).k), 2);
  assert.equal(itemsOf(replies[15]).length, 2);
});

test("lines of nested replies stand below each other", () => {
  const ten = `*10\r\n${":1\r\n".repeat(9)}*2\r\n$1\r\na\r\n%1\r\n+k\r\n*2\r\n:1\r\n:2\r\n`;
  const [reply] = readReplies(bytes(ten));
  assert.deepEqual(replyText(reply).split("\n").slice(8), [
    " 9) (integer) 1",
    '10) 1) "a"',
    "    2) 1# k => 1) (integer) 1",
    "          2) (integer) 2",
  ]);
});
