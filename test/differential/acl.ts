/** What access control is compared with: random rules, and commands that ask after them. */
import type { Chooser } from "./pools.ts";

const KEYS = ["app:1", "app:2", "app:secret", "b", "bb", "", "x y", "caf\u00e9", "[a]"];
/** Not "*" alone: as a pattern among others it is described so that it is read as all keys. */
const KEY_PATTERNS = ["app:*", "app:?", "b*", "[a-b]", "app:[^s]*", "caf\u00e9", "\\[a]", "**", ""];
const CHANNELS = ["news", "news.1", "chat", "", "n*"];
const CHANNEL_PATTERNS = ["news*", "news", "n*", "ch?t", "*", "[cn]*"];
const PASSWORDS = ["p", "secret", "p\u00e4ss", ""];
/** Of "p", and of nothing that is known. */
const HASHES = ["148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940", "f".repeat(64)];
const KEYWORDS = [
  ...["on", "off", "ON", "nopass", "resetpass", "reset", "clearselectors", "sanitize-payload"],
  ...["skip-sanitize-payload", "allkeys", "resetkeys", "allchannels", "resetchannels", "~*", "&*"],
  ...["allcommands", "nocommands", "+@all", "-@all", "AllKeys", ""],
];
const WRONG = [
  ...["foo", "+", "-", "+nosuch", "-nosuch", "+@nosuch", "-@nosuch", "+config|nosuch", "+select|"],
  ...[
    "+config|get|x",
    "-select|0",
    "+@",
    "%q~x",
    "%RR~x",
    "~a b",
    "&a b",
    "#abc",
    "!abc",
    "<nosuch",
  ],
  ...["(+nosuch)", "(~a b c)", "(on)", "()", ")", "on ", "#" + "F".repeat(64), "@read"],
];

export interface Names {
  /** Full names of the commands that both servers have. */
  readonly commands: readonly string[];
  readonly categories: readonly string[];
}

/** A rule about keys, channels or commands. */
function permission(c: Chooser, { commands, categories }: Names): string {
  const sign = c.chance(60) ? "+" : "-";
  switch (c.below(9)) {
    case 0:
      if (c.chance(10)) return "%R~*";
      return `${c.pick(["~", "%R~", "%W~", "%RW~", "%wr~", "~"])}${c.pick(KEY_PATTERNS)}`;
    case 1:
      return `&${c.pick(CHANNEL_PATTERNS)}`;
    case 2:
    case 3:
    case 4:
      return `${sign}@${c.pick(categories)}`;
    case 5:
      return `+${c.pick(["select|0", "select|1", "SELECT|0", "get|b", "config|get", "client|ID"])}`;
    default: {
      const name = c.pick(commands);
      return `${sign}${c.chance(10) ? name.toUpperCase() : name}`;
    }
  }
}

function password(c: Chooser): string {
  return c.chance(70)
    ? `${c.pick([">", ">", "<"])}${c.pick(PASSWORDS)}`
    : `${c.pick(["#", "#", "!"])}${c.pick(HASHES)}`;
}

/** Some rules in a row, mostly good ones. */
export function randomRules(c: Chooser, names: Names): string[] {
  const rules: string[] = [];
  for (let left = c.between(1, 9); left > 0; left--) {
    const kind = c.below(100);
    if (kind < 60) rules.push(permission(c, names));
    else if (kind < 75) rules.push(c.pick(KEYWORDS));
    else if (kind < 85) rules.push(password(c));
    else if (kind < 88) rules.push(c.pick(WRONG));
    else rules.push(...selector(c, names));
  }
  return rules;
}

/** A selector, as one word or as several. */
function selector(c: Chooser, names: Names): string[] {
  const inner = Array.from({ length: c.between(1, 4) }, () => permission(c, names));
  const text = `(${inner.join(" ")})`;
  return c.chance(50) ? [text] : text.split(" ");
}

/** Commands whose keys are not simply where the table says, or not all used alike. */
const SHAPES: readonly ((c: Chooser, key: () => string) => string[])[] = [
  (_c, key) => ["SET", key(), "v"],
  (_c, key) => ["SET", key(), "v", "EX", "10", "get"],
  (_c, key) => ["GET", key()],
  (_c, key) => ["MGET", key(), key(), key()],
  (_c, key) => ["MSET", key(), "1", key(), "2"],
  (_c, key) => ["RENAME", key(), key()],
  (_c, key) => ["COPY", key(), key(), "REPLACE"],
  (_c, key) => ["SMOVE", key(), key(), "m"],
  (_c, key) => ["LMOVE", key(), key(), "LEFT", "RIGHT"],
  (_c, key) => ["BITOP", "AND", key(), key(), key()],
  (_c, key) => ["BITFIELD", key(), "GET", "u8", "0"],
  (_c, key) => ["BITFIELD", key(), "OVERFLOW", "SAT", "GET", "u8", "0", "SET", "u8", "0", "1"],
  (_c, key) => ["BITFIELD", key(), "nonsense"],
  (_c, key) => ["SORT", key()],
  (_c, key) => ["SORT", key(), "LIMIT", "0", "1", "GET", "#", "STORE", key()],
  (_c, key) => ["GEORADIUS", key(), "1", "2", "3", "km"],
  (_c, key) => ["GEORADIUS", key(), "1", "2", "3", "km", "STORE", key(), "STOREDIST", key()],
  (_c, key) => ["GEOSEARCHSTORE", key(), key(), "FROMMEMBER", "m", "BYRADIUS", "1", "m"],
  (_c, key) => ["ZUNIONSTORE", key(), "2", key(), key()],
  (_c, key) => ["ZRANGESTORE", key(), key(), "0", "1"],
  (_c, key) => ["ZUNION", "2", key(), key(), "WEIGHTS", "1", "2"],
  (_c, key) => ["SINTERCARD", "2", key(), key()],
  (_c, key) => ["SDIFFSTORE", key(), key(), key()],
  (_c, key) => ["LMPOP", "2", key(), key(), "LEFT"],
  (_c, key) => ["BLMPOP", "0", "1", key(), "LEFT"],
  (_c, key) => ["BLPOP", key(), key(), "0"],
  (_c, key) => ["ZMPOP", "x", key(), "MIN"],
  (_c, key) => ["XREAD", "COUNT", "1", "STREAMS", key(), key(), "0", "0"],
  (_c, key) => ["XREADGROUP", "GROUP", "g", "c", "STREAMS", key(), ">"],
  (_c, key) => ["XGROUP", "CREATE", key(), "g", "$"],
  (_c, key) => ["XINFO", "STREAM", key()],
  (_c, key) => ["OBJECT", "ENCODING", key()],
  (_c, key) => ["MEMORY", "USAGE", key()],
  (_c, key) => ["EXISTS", key(), key()],
  (_c, key) => ["PFMERGE", key(), key(), key()],
  (_c, key) => ["PFCOUNT", key(), key()],
  (_c, key) => ["GETEX", key(), "PERSIST"],
  (c) => ["SELECT", c.pick(["0", "1", "2"])],
  (c) => ["PUBLISH", c.pick(CHANNELS), "x"],
  (c) => ["SPUBLISH", c.pick(CHANNELS), "x"],
  (c) => ["SUBSCRIBE", c.pick(CHANNELS), c.pick(CHANNELS)],
  (c) => ["SSUBSCRIBE", c.pick(CHANNELS)],
  (c) => ["PSUBSCRIBE", c.pick(CHANNEL_PATTERNS), c.pick(CHANNEL_PATTERNS)],
  () => ["UNSUBSCRIBE", "nowhere"],
];

/** A command that some users may run and others not. */
export function randomShape(c: Chooser): string[] {
  return c.pick(SHAPES)(c, () => c.pick(KEYS));
}

/** Any command with as many arguments as it takes, or a few more. @param arity as COMMAND INFO has it */
export function filled(c: Chooser, name: string, arity: number): string[] {
  const words = name.split("|");
  let count = Math.abs(arity) - words.length + (arity < 0 ? c.below(3) : 0);
  // Redis 7.0 finds no key at all in a PFMERGE without sources, although that makes one.
  if (name === "pfmerge") count = Math.max(2, count);
  return [...words, ...Array.from({ length: Math.max(0, count) }, () => c.pick(KEYS))];
}

/** What may be called for real: it neither waits nor harms. */
const HARMLESS = /^(?:SET|GET|MGET|MSET|RENAME|COPY|SMOVE|LMOVE|BITOP|BITFIELD|SORT|EXISTS|GETEX)$/;

export function isHarmless([name]: readonly string[]): boolean {
  return HARMLESS.test(name) || name === "PUBLISH" || name === "SELECT" || name === "ZUNION";
}

/** Refusals as Redis 7.0 words them, in the words of 7.2. @param user bytes of the name */
export function inNewWords(reply: string, user: string): string {
  return reply
    .replace(
      "-NOPERM this user has no permissions to run the",
      `-NOPERM User ${user} has no permissions to run the`,
    )
    .replace(
      /^-NOPERM this user has no permissions to access one of the (key|channel)s .*\r\n/,
      "-NOPERM No permissions to access a $1\r\n",
    )
    .replace(/(?<=^\$\d+\r\n)This user has no permissions/, `User ${user} has no permissions`);
}
