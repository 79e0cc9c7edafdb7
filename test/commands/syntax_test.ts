import { test } from "node:test";
import assert from "node:assert/strict";
import { parseSyntax } from "../../src/commands/syntax.ts";
import type { SyntaxArgument, SyntaxHints } from "../../src/commands/syntax.ts";

/**
 * The tree in short: TOKEN name:type, "?" optional, "+" multiple, "*" multiple with its token,
 * members in parentheses.
 */
function outline(syntax: string, hints?: SyntaxHints): string {
  return parseSyntax(syntax, hints).map(describe).join(", ");
}

function describe(argument: SyntaxArgument): string {
  const token = argument.token === undefined ? "" : `${argument.token} `;
  const marks = (argument.optional ? "?" : "") +
    (argument.multiple ? (argument.multipleToken ? "*" : "+") : "");
  const members = argument.arguments.length === 0
    ? ""
    : `(${argument.arguments.map(describe).join(", ")})`;
  return `${token}${argument.name}:${argument.type}${marks}${members}`;
}

test("no syntax is no arguments", () => {
  assert.deepEqual(parseSyntax(""), []);
});

test("a name tells the type of its value", () => {
  assert.equal(outline("key value"), "key:key, value:string");
  assert.equal(outline("key seconds value"), "key:key, seconds:integer, value:string");
  assert.equal(outline("key unix-time-milliseconds"), "key:key, unix-time-milliseconds:unix-time");
  assert.equal(outline("pattern"), "pattern:pattern");
  assert.equal(outline("source destination"), "source:key, destination:key");
});

test("hints settle what a name does not tell", () => {
  assert.equal(outline("key", { hasKeys: false }), "key:string");
  assert.equal(
    outline("key increment", { types: { increment: "double" } }),
    "key:key, increment:double",
  );
});

test("square brackets make optional, angle brackets only group", () => {
  assert.equal(outline("[message]"), "message:string?");
  assert.equal(outline("[username] password"), "username:string?, password:string");
  assert.equal(
    outline("<ON | OFF>"),
    "on-off:oneof(ON on:pure-token, OFF off:pure-token)",
  );
  assert.equal(outline("timeout [WRITE]"), "timeout:integer, WRITE write:pure-token?");
});

test("a token belongs to the value behind it", () => {
  assert.equal(
    outline("[MATCH pattern] [COUNT count]"),
    "MATCH pattern:pattern?, COUNT count:integer?",
  );
  assert.equal(
    outline("[TYPE <NORMAL | PUBSUB>]"),
    "TYPE type:oneof?(NORMAL normal:pure-token, PUBSUB pubsub:pure-token)",
  );
  assert.equal(
    outline("REPLACE [DB destination-db]"),
    "REPLACE replace:pure-token, DB destination-db:integer?",
  );
});

test("several values behind one token are a block", () => {
  assert.equal(
    outline("key [LIMIT offset count]"),
    "key:key, LIMIT limit:block?(offset:integer, count:integer)",
  );
  assert.equal(
    outline("[protover [AUTH username password] [SETNAME clientname]]"),
    "protover-auth-clientname:block?(protover:integer, " +
      "AUTH auth:block?(username:string, password:string), SETNAME clientname:string?)",
  );
});

test("one of several may be a token with a value", () => {
  assert.equal(
    outline("key [NX | XX] [EX seconds | PX milliseconds | KEEPTTL]"),
    "key:key, condition:oneof?(NX nx:pure-token, XX xx:pure-token), " +
      "expiration:oneof?(EX seconds:integer, PX milliseconds:integer, " +
      "KEEPTTL keepttl:pure-token)",
  );
});

test("what is written again with an ellipsis is multiple", () => {
  assert.equal(outline("key [key ...]"), "key:key+");
  assert.equal(outline("[section [section ...]]"), "section:string?+");
  assert.equal(
    outline("key value [key value ...]"),
    "key-value:block+(key:key, value:string)",
  );
  assert.equal(
    outline("numkeys key value [key value ...] [NX]"),
    "numkeys:integer, key-value:block+(key:key, value:string), NX nx:pure-token?",
  );
  assert.equal(outline("[ID client-id [client-id ...]]"), "ID client-id:integer?+");
  assert.equal(outline("[GET pattern [GET pattern ...]]"), "GET pattern:pattern?*");
  assert.equal(outline("[arg [arg ...]] [NX]"), "arg:string?+, NX nx:pure-token?");
});

test("an ellipsis behind an argument repeats it", () => {
  assert.equal(outline("key [other ...]"), "key:key, other:string?+");
  assert.equal(
    outline("<ip:port | <[ID client-id] | [SKIPME <YES | NO>]> ...>"),
    "ip:port-client-id-skipme:oneof(ip:port:string, client-id-skipme:oneof+(" +
      "ID client-id:integer?, SKIPME skipme:oneof?(YES yes:pure-token, NO no:pure-token)))",
  );
});

test("a malformed syntax is refused", () => {
  for (
    const syntax of ["[key", "key]", "<a | >", "[]", "a | b", "... key", "<a]"]
  ) {
    assert.throws(() => parseSyntax(syntax), { name: "TypeError" }, syntax);
  }
});

test("the ends of a move are told apart", () => {
  assert.equal(
    outline("source destination <LEFT | RIGHT> <LEFT | RIGHT>"),
    "source:key, destination:key, " +
      "wherefrom:oneof(LEFT left:pure-token, RIGHT right:pure-token), " +
      "whereto:oneof(LEFT left:pure-token, RIGHT right:pure-token)",
  );
});
