/** Random commands over everything that is compared, each kind with its weight and its comparator. */
import { TYPE_KINDS } from "./families.ts";
import { fixed, kind, type RandomCommand, unchanged } from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";

export type { Kind, RandomCommand } from "./kinds.ts";

function pairs(c: Chooser): Text[] {
  return c.keys(4).flatMap((key) => [key, c.value()]);
}

const LCS_KEYS = ["{lcs}1", "{lcs}2", "{lcs}3"];

const STRINGS: readonly Kind[] = [
  kind(60, (c) => ["SET", c.key(), c.value()]),
  kind(60, (c) => [
    ...["SET", c.key(), c.value()],
    ...c.some(25, "NX", "XX", "GET", "KEEPTTL", () => c.expiry()),
  ]),
  kind(10, (c) => ["SET", c.key(), c.value(), ...c.expiry()]),
  kind(70, (c) => ["GET", c.key()]),
  kind(14, (c) => ["GETEX", c.key(), ...c.some(40, "PERSIST", () => c.expiry())]),
  kind(8, (c) => ["GETDEL", c.key()]),
  kind(10, (c) => ["GETSET", c.key(), c.value()]),
  kind(10, (c) => ["SETNX", c.key(), c.value()]),
  kind(8, (c) => ["SETEX", c.key(), c.timeToLive("s"), c.value()]),
  kind(8, (c) => ["PSETEX", c.key(), c.timeToLive("ms"), c.value()]),
  kind(20, (c) => ["MGET", ...c.keys(8)]),
  kind(14, (c) => ["MSET", ...pairs(c)]),
  kind(8, (c) => ["MSETNX", ...pairs(c)]),
  kind(24, (c) => ["APPEND", c.key(), c.chance(80) ? c.letters() : c.value()]),
  kind(20, (c) => ["STRLEN", c.key()]),
  kind(20, (c) => [c.pick(["GETRANGE", "SUBSTR"]), c.key(), c.offset(), c.offset()]),
  kind(14, (c) => ["SETRANGE", c.key(), String(c.between(-1, 200)), c.letters()]),
  kind(4, (c) => ["SETRANGE", c.key(), setRangeOffset(c), c.letters()]),
  kind(20, (c) => [c.pick(["INCR", "DECR"]), c.key()]),
  kind(24, (c) => [c.pick(["INCRBY", "DECRBY"]), c.key(), c.integer()]),
  kind(24, (c) => ["INCRBYFLOAT", c.key(), c.float()]),
  kind(6, (c) => ["SET", c.key(), c.letters()]),
  kind(6, (c) => ["MSET", c.key(), c.letters(), c.key(), c.letters()]),
  // The time that LCS takes grows with both lengths, so it has keys of its own.
  unchanged(kind(3, (c) => ["MSET", LCS_KEYS[0], c.letters(), LCS_KEYS[1], c.letters()])),
  kind(5, (c) => [
    ...["LCS", c.pick(LCS_KEYS), c.pick(LCS_KEYS)],
    ...c.some(30, "LEN", "IDX", "WITHMATCHLEN", () => [c.word("MINMATCHLEN"), c.offset()]),
  ]),
];

/** Far offsets are refused, or cost little. */
function setRangeOffset(c: Chooser): string {
  const edges = [
    "65535",
    "65536",
    "536870911",
    "536870912",
    "9223372036854775807",
    "-5",
    "x",
    "1.5",
  ];
  return c.pick(edges.filter((each) => each !== "536870911"));
}

const CONDITIONS = ["NX", "XX", "GT", "LT"];

const KEYS_AND_TIMES: readonly Kind[] = [
  kind(16, (c) => [c.pick(["DEL", "UNLINK"]), ...c.anyKeys(3)]),
  kind(16, (c) => [c.pick(["EXISTS", "TOUCH"]), ...c.anyKeys(5)]),
  kind(12, (c) => ["TYPE", c.anyKey()]),
  kind(14, (c) => ["EXPIRE", c.anyKey(), c.timeToLive("s"), ...c.some(20, ...CONDITIONS)]),
  kind(14, (c) => ["PEXPIRE", c.anyKey(), c.timeToLive("ms"), ...c.some(20, ...CONDITIONS)]),
  kind(24, (c) => ["EXPIREAT", c.anyKey(), c.moment("s"), ...c.some(20, ...CONDITIONS)]),
  kind(24, (c) => ["PEXPIREAT", c.anyKey(), c.moment("ms"), ...c.some(20, ...CONDITIONS)]),
  kind(16, (c) => ["TTL", c.anyKey()], same.isNearInSeconds),
  kind(16, (c) => ["PTTL", c.anyKey()], same.isNearInMs),
  kind(10, (c) => ["EXPIRETIME", c.anyKey()], same.isNearInSeconds),
  kind(10, (c) => ["PEXPIRETIME", c.anyKey()], same.isNearInMs),
  kind(10, (c) => ["PERSIST", c.anyKey()]),
  kind(12, (c) => [c.pick(["RENAME", "RENAMENX"]), c.anyKey(), c.anyKey()]),
  kind(12, (c) => [
    ...["COPY", c.anyKey(), c.anyKey()],
    ...c.some(30, "REPLACE", () => [c.word("DB"), c.database()]),
  ]),
  kind(8, (c) => ["MOVE", c.anyKey(), c.database()]),
  kind(4, () => ["RANDOMKEY"], same.isSameKind),
  kind(8, (c) => ["KEYS", c.pattern()], same.isSameSet),
  unchanged(kind(8, (c) => [
    ...["SCAN", "0", c.word("COUNT"), "100000"],
    ...c.some(30, () => [c.word("MATCH"), c.pattern()], () => [c.word("TYPE"), typeName(c)]),
  ], same.isSamePage)),
  fixed(3, [
    ...["SCAN x", "SCAN -1", "SCAN 0 COUNT 0", "SCAN 0 COUNT -1", "SCAN 0 COUNT x", "SCAN 0 COUNT"],
    ...[
      "SCAN 0 MATCH",
      "SCAN 0 LIMIT 1",
      "SCAN",
      "SCAN 99999999999999999999 COUNT 1",
      "SCAN 0 TYPE",
    ],
    ...["SCAN 1.5", "SCAN 0 COUNT 5 5", "scan 00 COUNT 100 MATCH"],
  ]),
  kind(20, (c) => ["OBJECT", c.word("ENCODING"), c.anyKey()]),
  kind(6, (c) => ["OBJECT", c.word("REFCOUNT"), c.anyKey()]),
  kind(4, (c) => ["OBJECT", c.word(c.pick(["IDLETIME", "FREQ"])), c.anyKey()], same.isSameKind),
  fixed(1, ["OBJECT HELP", "OBJECT", "OBJECT NOSUCH a", "OBJECT ENCODING", "OBJECT FREQ a b"]),
];

function typeName(c: Chooser): string {
  return c.pick(["string", "STRING", "list", "hash", "zset", "set", "stream", "nosuchtype", ""]);
}

const DATABASES: readonly Kind[] = [
  kind(10, (c) => ["SELECT", c.database()]),
  kind(3, (c) => ["SWAPDB", c.database(), c.database()]),
  kind(8, () => ["DBSIZE"]),
  kind(1, (c) => ["FLUSHDB", ...c.some(30, "ASYNC", "SYNC")]),
  fixed(1, [
    "FLUSHDB NOW",
    "FLUSHALL ASYNC SYNC",
    "FLUSHDB SYNC x",
    "FLUSHALL x",
    "flushall async",
  ]),
];

const CONNECTION: readonly Kind[] = [
  kind(10, (c) => ["PING", ...c.chance(50) ? [c.value()] : []]),
  kind(10, (c) => ["ECHO", c.value()]),
  kind(4, (c) => ["CLIENT", "SETNAME", c.pick(["me", "", "with space", "a\nb", "caf\u00e9", "x"])]),
  fixed(4, ["CLIENT GETNAME", "client getname", "CLIENT GETREDIR", "CLIENT", "CLIENT NOSUCH"]),
  fixed(2, [
    "CLIENT ID x",
    "CLIENT SETNAME",
    "CLIENT REPLY maybe",
    "CLIENT REPLY",
    "CLIENT REPLY ON",
  ]),
  fixed(2, ["CLIENT NO-EVICT ON", "CLIENT NO-EVICT off", "CLIENT NO-EVICT x", "CLIENT NO-EVICT"]),
  fixed(2, ["CLIENT LIST TYPE master", "CLIENT LIST TYPE x", "CLIENT LIST ID x", "CLIENT LIST ID"]),
  fixed(2, ["CLIENT LIST ID 999999999", "CLIENT LIST x", "CLIENT LIST TYPE replica ID 1"]),
  fixed(3, [
    ...["CLIENT KILL 1.2.3.4:5", "CLIENT KILL ID 999999999", "CLIENT KILL ADDR 1.2.3.4:5"],
    ...["CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE x", "CLIENT KILL ID x", "CLIENT KILL ID -1"],
    ...["CLIENT KILL LADDR 1.2.3.4:5 TYPE replica", "CLIENT KILL USER nobody", "CLIENT KILL"],
    ...["CLIENT KILL ID 999999999 SKIPME", "CLIENT KILL SKIPME maybe", "CLIENT KILL TYPE slave"],
    ...["CLIENT KILL ADDR 1.2.3.4:5 SKIPME no", "CLIENT KILL ID 0 TYPE master"],
  ]),
  fixed(1, ["CLIENT UNPAUSE", "CLIENT PAUSE x", "CLIENT PAUSE -1", "CLIENT PAUSE", "CLIENT ID x"]),
  fixed(1, ["CLIENT PAUSE 1 MAYBE", "CLIENT PAUSE 1 WRITE x", "CLIENT UNPAUSE x"]),
  fixed(1, ["CLIENT PAUSE 1.5", "CLIENT PAUSE 1 2", "CLIENT PAUSE 99999999999999999999"]),
  fixed(1, ["AUTH x", "AUTH default x", "AUTH nobody x", "AUTH", "AUTH a b c"]),
  fixed(2, ["HELLO", "HELLO 2", "HELLO 3", "HELLO 3 SETNAME me"], same.isSameGreeting),
  fixed(1, [
    "HELLO 4",
    "HELLO 1",
    "HELLO x",
    "HELLO 3 SETNAME",
    "HELLO 2 AUTH default",
    "HELLO 3 NO",
  ]),
  fixed(1, ["HELLO 3 AUTH nobody x", "HELLO 2 SETNAME a\x01b", "HELLO -3", "HELLO 3 AUTH a"]),
  fixed(1, ["RESET", "RESET x", "SELECT", "SELECT 0 0", "ECHO", "ECHO a b", "PING a b"]),
  fixed(1, ["READONLY x", "WAIT 0 0", "WAIT x 0", "WAIT 0 x", "WAIT 0 -1", "WAIT 0", "WAIT -1 0"]),
];

/** Parameters whose values both know, with values to set, good and bad. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  "maxmemory": ["0", "4gb", "4GB", "-1", "abc", "1.5mb", "4294967296", "4000m", "1kk"],
  "maxmemory-policy": ["noeviction", "allkeys-lru", "volatile-ttl", "allkeys-lfu", "lru", ""],
  "maxmemory-samples": ["5", "10", "0", "-1", "x", "64"],
  "lfu-log-factor": ["10", "0", "-1", "2147483647", "2147483648"],
  "lfu-decay-time": ["1", "0", "-1", "x"],
  "timeout": ["0", "100000", "-1", "2147483648", "x"],
  "proto-max-bulk-len": ["512mb", "536870912", "1mb", "1", "0", "-1", "x"],
  "client-query-buffer-limit": ["1gb", "1073741824", "1", "x"],
  "hz": ["10", "100", "x"],
  "active-expire-effort": ["1", "10", "0", "11", "x"],
  "latency-tracking": ["yes", "no", "YES", "true", "1"],
  "databases": ["16", "5"],
  "maxclients": ["10000", "0", "x", "-1"],
  "hash-max-listpack-entries": ["4", "16", "512", "x"],
  "hash-max-ziplist-value": ["8", "64", "64", "-1"],
  "set-max-intset-entries": ["4", "16", "512", "x"],
  "zset-max-listpack-entries": ["4", "16", "128", "0"],
  "zset-max-listpack-value": ["8", "64", "64", "x"],
  "list-max-listpack-size": ["-2", "4", "-1", "128", "0", "x"],
  "list-compress-depth": ["0", "1", "2", "-1"],
  "hll-sparse-max-bytes": ["3000", "100", "0", "16000", "x"],
  "stream-node-max-entries": ["100", "5", "0", "x"],
  "stream-node-max-bytes": ["4096", "1000", "0"],
};
const PARAMETER_NAMES = Object.keys(PARAMETERS);

function setting(c: Chooser): string[] {
  const name = c.pick(PARAMETER_NAMES);
  return [c.word(name), c.pick(PARAMETERS[name])];
}

const SERVER: readonly Kind[] = [
  kind(4, (c) => ["CONFIG", c.word("GET"), c.word(c.pick(PARAMETER_NAMES))], same.isSameMap),
  kind(2, (c) => [
    ...["CONFIG", "GET", c.pick(PARAMETER_NAMES), c.pick(PARAMETER_NAMES)],
    ...c.some(30, "lfu-*", "maxmemory-s*", "nosuch*", "latency-tracking"),
  ], same.isSameMap),
  unchanged(kind(6, (c) => ["CONFIG", c.word("SET"), ...setting(c)])),
  unchanged(kind(2, (c) => ["CONFIG", "SET", ...setting(c), ...setting(c)])),
  fixed(1, [
    ...[
      "CONFIG",
      "CONFIG GET",
      "CONFIG SET a",
      "CONFIG SET nosuch 1",
      "CONFIG NOSUCH",
      "CONFIG HELP",
    ],
    ...[
      "CONFIG SET hz",
      "CONFIG SET",
      "CONFIG RESETSTAT",
      "CONFIG RESETSTAT x",
      "CONFIG SET hz 10 nosuch 1",
      "CONFIG SET hz 10 hz",
    ],
    ...["CONFIG SET appendonly maybe", "CONFIG GET appendonly", "CONFIG REWRITE"],
  ]),
  fixed(2, ["CONFIG SET maxmemory 0", "CONFIG SET maxmemory-policy noeviction"]),
  fixed(1, ["ROLE", "ROLE x", "TIME x", "DEBUG SLEEP 0", "LOLWUT VERSION x", "MEMORY USAGE"]),
  fixed(1, ["MEMORY USAGE nosuchkey", "MEMORY NOSUCH", "MEMORY", "DEBUG", "INFO nosuchsection"]),
  kind(10, (c) => ["COMMAND", c.word("GETKEYS"), ...keyedCommand(c)]),
  fixed(2, [
    ...[
      "COMMAND GETKEYS",
      "COMMAND GETKEYS NOSUCH a",
      "COMMAND GETKEYS PING",
      "COMMAND GETKEYS GET",
    ],
    ...["COMMAND GETKEYS SET a", "COMMAND GETKEYS CONFIG GET x", "COMMAND GETKEYS CLIENT NOSUCH"],
    ...["COMMAND GETKEYSANDFLAGS GET a", "COMMAND GETKEYSANDFLAGS MSET a b c d"],
    ...["COMMAND NOSUCH", "COMMAND COUNT x", "COMMAND LIST x", "COMMAND INFO nosuch"],
    ...["COMMAND GETKEYS OBJECT ENCODING a", "COMMAND GETKEYS EXPIRE a", "COMMAND GETKEYS MSET a"],
  ]),
  kind(
    6,
    (
      c,
    ) => [
      c.pick(["NOSUCH", "", "GETT", "se t", "no\r\nsuch", "x".repeat(200), "caf\u00e9"]),
      ...c.keys(4),
      ...c.some(50, "more", "x".repeat(60), "y".repeat(100)),
    ],
  ),
];

function keyedCommand(c: Chooser): Text[] {
  const made = c.pick([...STRINGS, ...KEYS_AND_TIMES.filter((each) => !each.isFixed)]).make(c);
  return c.chance(10) ? made.slice(0, -1) : made;
}

export const KINDS: readonly Kind[] = [
  ...STRINGS,
  ...KEYS_AND_TIMES,
  ...DATABASES,
  ...CONNECTION,
  ...SERVER,
  ...TYPE_KINDS,
];

const TOTAL_WEIGHT = KINDS.reduce((sum, { weight }) => sum + weight, 0);

/** Draws a command, and what must follow it for both to go on from the same state. */
export function randomCommands(c: Chooser): RandomCommand[] {
  const [command, { follow }] = randomCommand(c);
  if (follow !== undefined) return [command, ...follow(command.args)];
  const isSet = String(command.args[0]).toLowerCase() === "set";
  const isOver = isSet &&
    command.args.some((each, i) =>
      /^(?:ex|px)at$/i.test(String(each)) && Number(command.args[i + 1]) < LAST_PAST_MOMENT
    );
  // A key that is set to be over is counted until somebody looks at it.
  return isOver ? [command, { args: ["GET", command.args[1]], compare: same.isSame }] : [command];
}

/** Draws a command; some are changed until nothing about them is right. */
function randomCommand(c: Chooser): [RandomCommand, Kind] {
  let at = c.below(TOTAL_WEIGHT);
  const drawn = KINDS.find(({ weight }) => (at -= weight) < 0)!;
  const { make, compare, isFixed } = drawn;
  const args = make(c);
  args[0] = typeof args[0] === "string" ? c.word(args[0]) : args[0];
  const isLong = args.some((each) => each.length > LONGEST_KEY);
  if (isFixed || isLong || !c.chance(5)) return [{ args, compare }, drawn];
  const changed = [...args];
  const place = 1 + c.below(args.length);
  switch (c.below(4)) {
    case 0:
      changed.splice(place, 1);
      break;
    case 1:
      changed.splice(place, 0, c.chance(50) ? c.letters() : c.float());
      break;
    case 2:
      changed.splice(place, 0, changed[changed.length - 1]);
      break;
    default:
      if (place < changed.length) changed[place] = c.integer();
  }
  return [{ args: hasSafeTimes(changed) ? changed : args, compare }, drawn];
}

/** What a change might turn into a key; the limit of their lengths is lower here. */
const LONGEST_KEY = 30_000;
/** How long the shortest time to live must be, so that it never ends while the commands run. */
const SAFE_SECONDS = 10_000;
/** Longer ones may be behind the last moment that is stored as it is. */
const SAFE_SECONDS_MAX = 1e12;
const LAST_MOMENT = 1e15;
/** In seconds as in milliseconds. */
const LAST_PAST_MOMENT = 1_600_000_000_000;

/** Whether nothing that the command sets ends soon. */
function hasSafeTimes(args: readonly Text[]): boolean {
  const isSafe = (time: Text | undefined, perSecond: number): boolean => {
    const seconds = Number(time) / perSecond;
    return !(seconds > 0 && seconds < SAFE_SECONDS || seconds > SAFE_SECONDS_MAX);
  };
  const name = String(args[0]).toLowerCase();
  if (name === "wait" || name === "debug") return false;
  if (name === "expire" || name === "setex") return isSafe(args[2], 1);
  if (name === "pexpire" || name === "psetex") return isSafe(args[2], 1000);
  if (name === "expireat" || name === "pexpireat") return !(Number(args[2]) > LAST_MOMENT);
  return args.every((each, i) => {
    const option = String(each).toLowerCase();
    if (option === "ex") return isSafe(args[i + 1], 1);
    if (option === "px") return isSafe(args[i + 1], 1000);
    return option === "exat" || option === "pxat" ? !(Number(args[i + 1]) > LAST_MOMENT) : true;
  });
}
