/** Commands of transactions, and others that change what is watched, over few keys. */
import type { Buffer } from "node:buffer";
import { type InterleavedKind, turn } from "./interleaved.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";

const KEYS = ["a", "b", "c", "d", "list"];
const DATABASES = ["0", "0", "0", "1"];

function key(c: Chooser): string {
  return c.pick(KEYS);
}

function keys(c: Chooser): string[] {
  return Array.from({ length: c.between(1, 3) }, () => key(c));
}

/** What changes keys, or looks at them. */
const DATA: readonly InterleavedKind[] = [
  turn(30, (c) => ["SET", key(c), String(c.below(100))]),
  turn(30, (c) => ["GET", key(c)]),
  turn(20, (c) => ["INCR", key(c)]),
  turn(20, (c) => [c.pick(["DEL", "UNLINK"]), ...keys(c)]),
  turn(20, (c) => ["EXISTS", ...keys(c)]),
  // Over before it is there: it stays until somebody looks at it.
  turn(20, (c) => ["SET", key(c), "over", "PXAT", "1"]),
  turn(
    10,
    (c) => [c.pick(["EXPIRE", "PEXPIREAT"]), key(c), c.pick(["-1", "0", "1000000000000000"])],
  ),
  turn(10, (c) => [c.pick(["PERSIST", "GETDEL"]), key(c)]),
  turn(10, (c) => ["GETEX", key(c), "EX", "100000"]),
  turn(10, (c) => ["MSET", key(c), "1", key(c), "2"]),
  turn(10, (c) => ["APPEND", key(c), c.pick(["", "x"])]),
  turn(15, (c) => [c.pick(["LPUSH", "RPUSH", "RPUSHX"]), "list", String(c.below(100))]),
  turn(10, (c) => [c.pick(["LPOP", "RPOP", "LLEN"]), "list"]),
  turn(2, (c) => ["BLPOP", key(c), "0.001"]),
  turn(10, (c) => [c.pick(["RENAME", "RENAMENX", "COPY"]), key(c), key(c)]),
  turn(5, (c) => ["COPY", key(c), key(c), "DB", c.pick(DATABASES), "REPLACE"]),
  turn(5, (c) => ["MOVE", key(c), c.pick(DATABASES)]),
  turn(5, (c) => ["DBSIZE", ...c.some(10, "x")]),
  turn(10, (c) => ["SELECT", c.pick([...DATABASES, "x"])]),
  turn(6, (c) => [c.pick(["FLUSHDB", "FLUSHALL"]), ...c.some(30, "ASYNC")]),
  turn(8, (c) => ["SWAPDB", c.pick(["0", "1", "2"]), c.pick(["0", "1", "2", "16"])]),
];

/** The same replies of a transaction, whatever server and connection a HELLO among them names. */
export function areSameButGreetings(real: Buffer, ours: Buffer): boolean {
  const known = (reply: Buffer): string =>
    reply.toString("latin1").replace(
      /(\$7\r\nversion\r\n)\$\d\r\n\S+|(\$2\r\nid\r\n):\d+/g,
      "$1$2",
    );
  return known(real) === known(ours);
}

/** A command whose name is written in some way, and which sometimes has too many arguments. */
function control(weight: number, name: string): InterleavedKind {
  return turn(weight, (c): Text[] => [c.word(name), ...c.some(1, "x")]);
}

const CONTROL: readonly InterleavedKind[] = [
  control(70, "MULTI"),
  { ...control(70, "EXEC"), compare: areSameButGreetings },
  control(10, "DISCARD"),
  control(10, "UNWATCH"),
  turn(60, (c) => [c.word("WATCH"), ...keys(c)]),
  turn(2, () => ["WATCH"]),
  control(3, "RESET"),
  turn(4, (c) => ["HELLO", c.pick(["2", "3"])], same.isSameGreeting),
  turn(2, (c) => ["CLIENT", c.pick(["GETNAME", "NOSUCH", "SETNAME"]), ...c.some(30, "x")]),
  turn(3, (c) => [c.pick(["NOSUCH", "GET", "PING", "ECHO"]), ...c.some(30, "x")]),
];

export const TRANSACTION_KINDS: readonly InterleavedKind[] = [...DATA, ...CONTROL];
