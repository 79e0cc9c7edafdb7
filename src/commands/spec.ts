/**
 * What one command is: the only place that says its name, arity, flags, keys, documentation and handler.
 *
 * Dispatch, the arity check, key positions, ACL categories, COMMAND and its subcommands and the command
 * table of the README all derive from these literals; there is no second list.
 * Source: https://redis.io/docs/latest/commands/command-docs/ and /key-specs/
 */
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Call } from "./call.ts";

/** Flags as COMMAND INFO names them, underscores written as Redis does. */
export type CommandFlag =
  | "write"
  | "readonly"
  | "denyoom"
  | "admin"
  | "pubsub"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "fast"
  | "no_auth"
  | "movablekeys"
  | "no_multi"
  | "no_async_loading"
  | "allow_busy";

/** Group as COMMAND DOCS names it. */
export type CommandGroup =
  | "string"
  | "list"
  | "set"
  | "sorted-set"
  | "hash"
  | "stream"
  | "bitmap"
  | "hyperloglog"
  | "geo"
  | "generic"
  | "connection"
  | "server"
  | "transactions"
  | "pubsub"
  | "cluster";

/** How a command uses its keys, as in COMMAND GETKEYSANDFLAGS: RW OW RO RM, then what is done. */
export type KeyFlag =
  | "RW"
  | "OW"
  | "RO"
  | "RM"
  | "access"
  | "update"
  | "insert"
  | "delete"
  | "variable_flags"
  | "not_key";

/** Where some of a command's keys are, for clients that want to find them. */
export interface KeySpec {
  readonly notes?: string;
  readonly flags: readonly KeyFlag[];
  /** Where the first of them is: a position, or behind a word from a position on; absent = unknown. */
  readonly search?: number | readonly [keyword: string, from: number];
  /**
   * The last one, counted from the first or from the end (negative), the step, and which part of the
   * arguments are keys, 2 = half of them; absent = the first argument says how many there are.
   */
  readonly range?: readonly [last: number, step: number, limit: number];
}

export interface CommandSpec {
  /** Lower case; of a subcommand only its own word, e.g. "setname". */
  readonly name: string;
  /** Number of arguments with the name (and of a subcommand both words); negative = at least so many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** First key, last key (negative: from the end) and step; all counted with the name as 0. Absent = no keys. */
  readonly keys?: readonly [first: number, last: number, step: number];
  /**
   * First, last and step of the arguments that name what is looked up inside of the first key's value:
   * fields or members, counted as `keys` are. Only a hint, so that they are in cache in time.
   */
  readonly members?: readonly [first: number, last: number, step: number];
  /** Whether before each of the `members` stands the score that it gets. */
  readonly hasScores?: boolean;
  readonly keyFlags?: readonly KeyFlag[];
  /** Of the first key, where it is used otherwise than those behind it, e.g. SINTERSTORE's destination. */
  readonly firstKeyFlags?: readonly KeyFlag[];
  /** Of the last key, where it is used otherwise than those before it, e.g. RENAME's new name. */
  readonly lastKeyFlags?: readonly KeyFlag[];
  /**
   * Where the use of a key depends on the arguments: its flags. @param i which key, the first being 0
   */
  readonly useOfKey?: (
    batch: CommandBatch,
    first: number,
    argc: number,
    i: number,
  ) => readonly KeyFlag[];
  /**
   * Where positions depend on the arguments: calls `found` with each key's position, the name being 0.
   * It finds those of `keys` too, which are then told to clients only.
   */
  readonly findKeys?: (
    batch: CommandBatch,
    first: number,
    argc: number,
    found: (position: number) => void,
  ) => void;
  /** A remark on how the first key is used, for COMMAND INFO. */
  readonly keyNotes?: string;
  /** What COMMAND INFO tells of the keys, where that does not follow from `keys` and `keyCount`. */
  readonly keySpecs?: readonly KeySpec[];
  /**
   * Position of the argument that says how many keys follow it, where that is how `findKeys` finds
   * them; told to clients, e.g. 1 for SINTERCARD's numkeys.
   */
  readonly keyCount?: number;
  /**
   * Calls `found` with the position of each argument that is never to be shown in MONITOR or the slow
   * log, such as a password.
   */
  readonly findSecrets?: (
    batch: CommandBatch,
    first: number,
    argc: number,
    found: (position: number) => void,
  ) => void;
  /** Whether it is certainly short when its arguments and its reply are; so is whatever is `fast`. */
  readonly isShort?: boolean;
  /**
   * First, last and step of the arguments that name shard channels: no keys, but told to clients where
   * keys are, since they belong to slots as keys do.
   */
  readonly shardChannels?: readonly [first: number, last: number, step: number];
  /** Whether CLIENT PAUSE WRITE holds it back though it does not write. */
  readonly mayReplicate?: boolean;
  /** Position of an argument with which all keys begin that it removes; not told to clients. */
  readonly removedPrefix?: number;
  /** ACL categories beyond those that follow from group and flags, without the @. */
  readonly categories?: readonly string[];
  readonly since: string;
  readonly group: CommandGroup;
  readonly complexity: string;
  readonly summary: string;
  /** The arguments as the documentation writes them, e.g. "key [NX | XX] [EX seconds | PX milliseconds]". */
  readonly syntax: string;
  /** Types of arguments of `syntax` that their names do not tell, by name, e.g. { increment: "double" }. */
  readonly argumentTypes?: Readonly<Record<string, "string" | "integer" | "double" | "unix-time">>;
  readonly history?: readonly (readonly [version: string, change: string])[];
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** A command with subcommands has no handler of its own. */
  readonly subcommands?: readonly CommandSpec[];
  readonly run?: (call: Call, reply: ReplyWriter) => void;
  /** In a loop of its own, what `run` does for each command of a row; for those where it is faster. */
  readonly runRow?: RowHandler;
}

/**
 * Runs the command of `call` and those behind it, all with as many arguments, and leaves `call` at the last
 * that ran. It ends behind one whose reply is an error, is long, or goes beyond `limit`. Only while nobody
 * is told of what happens to keys.
 * @param count how many it may run @param limit as `reply.position` @returns how many it ran
 */
export type RowHandler = (call: Call, reply: ReplyWriter, count: number, limit: number) => number;

/** Replies from so many bytes on are long. */
export const LONG_REPLY_BYTES: number = 16 * 1024;

/** A spec in its place in the table of all commands. */
export interface CommandEntry {
  readonly id: number;
  readonly spec: CommandSpec;
  /** "client|list" for a subcommand, else the name. */
  readonly fullName: string;
  readonly parent: CommandEntry | undefined;
  readonly subcommands: readonly CommandEntry[];
}

/** All commands of a server, as the introspecting ones see them. */
export interface CommandTable {
  /** Top-level commands, in the order of their families. */
  readonly commands: readonly CommandEntry[];
  /** By id, subcommands included. */
  readonly entries: readonly CommandEntry[];
  /** @param name any case; "client|list" finds a subcommand */
  find(name: string): CommandEntry | undefined;
}
