/**
 * The parser of a command's one-line syntax, as documentation writes it, into the argument tree
 * that COMMAND DOCS answers.
 *
 *   key                      a value; its type follows from its name
 *   NX                       a word to be written as it is
 *   EX seconds               a value behind a word, its token
 *   [ … ]                    may be left out
 *   < A | B >   [ A | B ]    one of several
 *   key value [key value ...]   once or more; so does `<…> ...`
 *
 * Words in upper case are tokens. Several values behind one token, in brackets or as one of
 * several, make a block with that token: "[LIMIT offset count]".
 *
 * Source: https://redis.io/docs/latest/commands/command-docs/
 */
export type ArgumentType =
  | "string"
  | "integer"
  | "double"
  | "key"
  | "pattern"
  | "unix-time"
  | "pure-token"
  | "oneof"
  | "block";

/** One node of the tree. */
export interface SyntaxArgument {
  readonly name: string;
  readonly type: ArgumentType;
  /** The word before it; of a pure token, the word itself. */
  readonly token: string | undefined;
  readonly optional: boolean;
  readonly multiple: boolean;
  /** Whether the token is repeated with each of several values. */
  readonly multipleToken: boolean;
  /** Of "oneof" and "block", else empty. */
  readonly arguments: readonly SyntaxArgument[];
}

/** What the names alone do not tell. */
export interface SyntaxHints {
  /** Whether the command has keys; without, "key" is a string like any other. */
  readonly hasKeys?: boolean;
  /** By argument name. */
  readonly types?: Readonly<Record<string, ArgumentType>>;
}

const KEY_NAMES = new Set([
  "key",
  "key1",
  "key2",
  "newkey",
  "source",
  "src",
  "destination",
  "dst",
  "destkey",
  "sourcekey",
]);
const INTEGER_NAMES = new Set([
  "client-id",
  "count",
  "cursor",
  "db",
  "decrement",
  "destination-db",
  "end",
  "increment",
  "index",
  "index1",
  "index2",
  "maxage",
  "milliseconds",
  "min-match-len",
  "numkeys",
  "numlocal",
  "numreplicas",
  "offset",
  "port",
  "protover",
  "seconds",
  "start",
  "timeout",
  "version",
]);

/** What a choice that begins with one of these tokens is called. */
const CHOICE_NAMES: Readonly<Record<string, string>> = {
  NX: "condition",
  IFEQ: "condition",
  EX: "expiration",
  GT: "comparison",
  BYSCORE: "sortby",
  MIN: "where",
  LEFT: "where",
  BEFORE: "where",
  ASC: "order",
  M: "unit",
  FROMMEMBER: "from",
  BYRADIUS: "by",
};

const WORDS = /[[\]<>|]|[^\s[\]<>|]+/g;
const ELLIPSIS = "...";
const CLOSING = new Set(["]", ">", "|"]);

/** An argument, and the words `start` to `end` (exclusive) that it was read from. */
interface Item {
  argument: SyntaxArgument;
  start: number;
  end: number;
}

interface Parser {
  readonly syntax: string;
  readonly words: readonly string[];
  readonly hints: SyntaxHints;
  at: number;
}

/**
 * @param syntax e.g. "key [NX | XX] [EX seconds | PX milliseconds]"
 * @returns the arguments in order
 * @throws TypeError when the syntax is malformed
 */
export function parseSyntax(syntax: string, hints: SyntaxHints = {}): readonly SyntaxArgument[] {
  const parser: Parser = { syntax, words: syntax.match(WORDS) ?? [], hints, at: 0 };
  const items = parseSequence(parser);
  if (parser.at < parser.words.length) throw malformed(parser, "unexpected");
  return withBothEnds(items.map((item) => item.argument));
}

/** Tells the two ends of a move apart. */
function withBothEnds(members: SyntaxArgument[]): readonly SyntaxArgument[] {
  const ends = members.filter(({ name }) => name === "where");
  if (ends.length !== 2) return members;
  return members.map((member) => {
    if (!ends.includes(member)) return member;
    return { ...member, name: member === ends[0] ? "wherefrom" : "whereto" };
  });
}

function malformed(parser: Parser, what: string): TypeError {
  const word = parser.words[parser.at] ?? "the end";
  return new TypeError(`syntax '${parser.syntax}': ${what} ${word}`);
}

/** Reads items up to a closing word, which stays. */
function parseSequence(parser: Parser): Item[] {
  const { words } = parser;
  const items: Item[] = [];
  while (parser.at < words.length && !CLOSING.has(words[parser.at])) {
    if (words[parser.at] === ELLIPSIS) {
      if (items.length === 0) throw malformed(parser, "nothing to repeat before");
      parser.at += 1;
      repeat(items, items.length - 1, false);
      items[items.length - 1].end = parser.at;
    } else if (!parseRepetition(parser, items)) {
      items.push(parseItem(parser));
    }
  }
  return items;
}

/**
 * Reads "[X ...]" where X is what was read last, and marks that as repeated.
 * @returns false, and reads nothing, when something else follows
 */
function parseRepetition(parser: Parser, items: Item[]): boolean {
  const { words } = parser;
  const open = parser.at;
  if (words[open] !== "[") return false;
  const close = words.indexOf("]", open);
  if (close < 0 || words[close - 1] !== ELLIPSIS) return false;
  const length = close - 1 - (open + 1);
  const start = open - length;
  if (length === 0 || start < 0) return false;
  for (let i = 0; i < length; i += 1) {
    if (words[start + i] !== words[open + 1 + i]) return false;
  }
  let first = items.findIndex((item) => item.start === start);
  const withToken = first >= 0;
  if (!withToken) {
    first = items.findIndex((item) => isToken(words[item.start]) && item.start + 1 === start);
  }
  if (first < 0) return false;
  repeat(items, first, withToken);
  parser.at = close + 1;
  items[items.length - 1].end = parser.at;
  return true;
}

/** Marks the items from `first` on as repeated, together as one block if they are several. */
function repeat(items: Item[], first: number, withToken: boolean): void {
  const tail = items.splice(first);
  const argument = group(tail);
  const multipleToken = withToken && argument.token !== undefined && argument.type !== "pure-token";
  items.push({
    argument: { ...argument, multiple: true, multipleToken },
    start: tail[0].start,
    end: tail[tail.length - 1].end,
  });
}

function parseItem(parser: Parser): Item {
  const { words } = parser;
  const start = parser.at;
  const word = words[start];
  let argument: SyntaxArgument;
  if (word === "[" || word === "<") {
    parser.at += 1;
    argument = parseChoice(parser);
    if (words[parser.at] !== (word === "[" ? "]" : ">")) throw malformed(parser, "unexpected");
    parser.at += 1;
    if (word === "[") argument = { ...argument, optional: true };
  } else if (isToken(word)) {
    parser.at += 1;
    const next = words[parser.at];
    const binds = next === "<" || (next !== undefined && isName(next));
    if (!binds) argument = pureToken(word);
    else argument = withToken(parseItem(parser).argument, word);
  } else {
    parser.at += 1;
    argument = value(word, parser.hints);
  }
  return { argument, start, end: parser.at };
}

/** Reads what is inside brackets: one sequence, or several with a bar between. */
function parseChoice(parser: Parser): SyntaxArgument {
  const choices: SyntaxArgument[] = [];
  for (;;) {
    const items = parseSequence(parser);
    if (items.length === 0) throw malformed(parser, "nothing before");
    choices.push(group(items));
    if (parser.words[parser.at] !== "|") break;
    parser.at += 1;
  }
  if (choices.length === 1) return choices[0];
  const name = CHOICE_NAMES[choices[0].token ?? ""];
  const choice = composite("oneof", choices, undefined);
  return name === undefined ? choice : { ...choice, name };
}

/** One argument for a whole sequence. */
function group(items: readonly Item[]): SyntaxArgument {
  const members = items.map((item) => item.argument);
  if (members.length === 1) return members[0];
  const [first, ...others] = members;
  const token = first.token;
  const isTokenBlock = token !== undefined && first.type !== "pure-token" && !first.optional &&
    others.every((other) => other.token === undefined && !other.optional);
  if (!isTokenBlock) return composite("block", members, undefined);
  return composite("block", [{ ...first, token: undefined }, ...others], token);
}

function composite(
  type: "oneof" | "block",
  members: readonly SyntaxArgument[],
  token: string | undefined,
): SyntaxArgument {
  const name = token?.toLowerCase() ?? members.map((member) => member.name).join("-");
  return argumentOf(name, type, token, members);
}

function withToken(argument: SyntaxArgument, token: string): SyntaxArgument {
  const name = argument.arguments.length > 0 ? token.toLowerCase() : argument.name;
  return { ...argument, name, token };
}

function pureToken(word: string): SyntaxArgument {
  return argumentOf(word.toLowerCase(), "pure-token", word, []);
}

function value(name: string, hints: SyntaxHints): SyntaxArgument {
  return argumentOf(name, hints.types?.[name] ?? typeOfName(name, hints), undefined, []);
}

function argumentOf(
  name: string,
  type: ArgumentType,
  token: string | undefined,
  members: readonly SyntaxArgument[],
): SyntaxArgument {
  return {
    name,
    type,
    token,
    optional: false,
    multiple: false,
    multipleToken: false,
    arguments: members,
  };
}

function typeOfName(name: string, hints: SyntaxHints): ArgumentType {
  if (KEY_NAMES.has(name)) return hints.hasKeys === false ? "string" : "key";
  if (name === "pattern") return "pattern";
  if (name.startsWith("unix-time")) return "unix-time";
  return INTEGER_NAMES.has(name) ? "integer" : "string";
}

function isToken(word: string): boolean {
  return /^(?:[A-Z0-9_-]*[A-Z][A-Z0-9_-]*|[$*=~])$/.test(word);
}

function isName(word: string): boolean {
  return word !== ELLIPSIS && /[a-z]/.test(word);
}
