/**
 * Types of the client's methods, all of them made from the tables of src/methods.
 *
 *   get(key: Key): string | null                  the table
 *   get(key: Key): Promise<string | null>         client.get, as Promised makes it
 *   get(key: Key): Pipeline<[…, string | null]>   client.pipeline().get, as Queued makes it
 */
import type { LowerCommandName } from "../methods/command_table.ts";
import type { Reply } from "../methods/replies.ts";
import type { Value } from "../methods/types.ts";
import type { TypedMethods } from "../methods/waiting.ts";
import type { CommandArgument } from "../protocol/command_encoder.ts";
import type { ReplyError, ReplyValue } from "../protocol/value_writer.ts";

/** Commands that a client has something better for, or that would upset what others do with it. */
export type OwnName =
  | ("multi" | "exec" | "discard" | "watch" | "unwatch")
  | ("subscribe" | "psubscribe" | "ssubscribe" | "unsubscribe" | "punsubscribe" | "sunsubscribe")
  | ("monitor" | "hello" | "auth" | "select" | "quit" | "reset")
  | ("command" | "keys" | "debug" | "pfdebug" | "pfselftest");

/** All other commands: words in, whatever they answer out. */
export type WordMethods = {
  readonly [Name in Exclude<LowerCommandName, OwnName | keyof TypedMethods<string>>]: (
    ...args: Value[]
  ) => ReplyValue;
};

/** All commands that are methods, as they would be if replies came at once. */
export interface ClientMethods<Text = string> extends TypedMethods<Text>, WordMethods {}

/** What a method takes and answers: up to four signatures, the first one repeated for those missing. */
export type MethodSignatures<Method> = Method extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
} ? [[A1, R1], [A2, R2], [A3, R3], [A4, R4]]
  : never;

/** What one signature takes. */
export type MethodArguments<Pair> = Pair extends [infer A extends unknown[], unknown] ? A
  : never;

/** What one signature answers. */
export type MethodAnswer<Pair> = Pair extends [unknown, infer R] ? R : never;

/** The same method, answering by and by. */
export type Promised<Method> = MethodSignatures<Method> extends
  [infer P1, infer P2, infer P3, infer P4]
  ? [P1, P4] extends [P4, P1] ? (...args: MethodArguments<P4>) => Promise<MethodAnswer<P4>>
  : [P1, P3] extends [P3, P1] ? {
      (...args: MethodArguments<P3>): Promise<MethodAnswer<P3>>;
      (...args: MethodArguments<P4>): Promise<MethodAnswer<P4>>;
    }
  : {
    (...args: MethodArguments<P1>): Promise<MethodAnswer<P1>>;
    (...args: MethodArguments<P2>): Promise<MethodAnswer<P2>>;
    (...args: MethodArguments<P3>): Promise<MethodAnswer<P3>>;
    (...args: MethodArguments<P4>): Promise<MethodAnswer<P4>>;
  }
  : never;

/** All methods of a client. */
export type PromisedMethods<Text> = {
  readonly [Name in keyof ClientMethods<Text>]: Promised<ClientMethods<Text>[Name]>;
};

/** What comes of queued commands: their replies, or null when a transaction did not happen. */
export type QueueKind = "pipeline" | "multi";

/** The same method, adding its answer to those of the queue. */
export type Queued<Method, Kind extends QueueKind, Replies extends readonly unknown[], Text> =
  MethodSignatures<Method> extends [infer P1, infer P2, infer P3, infer P4]
    ? [P1, P4] extends [P4, P1]
      ? (...args: MethodArguments<P4>) => Queue<Kind, [...Replies, MethodAnswer<P4>], Text>
    : [P1, P3] extends [P3, P1] ? {
        (...args: MethodArguments<P3>): Queue<Kind, [...Replies, MethodAnswer<P3>], Text>;
        (...args: MethodArguments<P4>): Queue<Kind, [...Replies, MethodAnswer<P4>], Text>;
      }
    : {
      (...args: MethodArguments<P1>): Queue<Kind, [...Replies, MethodAnswer<P1>], Text>;
      (...args: MethodArguments<P2>): Queue<Kind, [...Replies, MethodAnswer<P2>], Text>;
      (...args: MethodArguments<P3>): Queue<Kind, [...Replies, MethodAnswer<P3>], Text>;
      (...args: MethodArguments<P4>): Queue<Kind, [...Replies, MethodAnswer<P4>], Text>;
    }
    : never;

/** All methods of a queue. */
export type QueuedMethods<Kind extends QueueKind, Replies extends readonly unknown[], Text> = {
  readonly [Name in keyof ClientMethods<Text>]: Queued<
    ClientMethods<Text>[Name],
    Kind,
    Replies,
    Text
  >;
};

/** What `exec` gives: a reply for each command, a ReplyError in place of one that failed. */
export type QueueReplies<Kind extends QueueKind, Replies extends readonly unknown[]> =
  | { -readonly [I in keyof Replies]: Replies[I] | ReplyError }
  | (Kind extends "multi" ? null : never);

/**
 * Commands that are collected and leave together; every method adds one and gives the queue back.
 *
 * What it holds is compared by its arguments alone (`in out`): a comparison of all methods, each of which
 * gives a longer queue, would have no end.
 */
export interface Queue<
  Kind extends QueueKind,
  in out Replies extends readonly unknown[],
  in out Text,
> extends QueuedMethods<Kind, Replies, Text> {
  /** Adds any command by its name. */
  command<Name extends string>(
    name: Name,
    ...args: CommandArgument[]
  ): Queue<Kind, [...Replies, Reply<Name, Text>], Text>;
  /** How many commands there are. */
  readonly length: number;
  /**
   * Sends them. It can be done once.
   * @returns a reply for each; of a transaction null when a watched key was changed
   * @throws ClientError when there is no answer, ReplyError when the server refuses a transaction
   */
  exec(): Promise<QueueReplies<Kind, Replies>>;
}

/** Commands that leave together, and that others may come in between of. */
export type Pipeline<Replies extends readonly unknown[] = [], Text = string> = Queue<
  "pipeline",
  Replies,
  Text
>;

/** Commands that run as one transaction. */
export type Transaction<Replies extends readonly unknown[] = [], Text = string> = Queue<
  "multi",
  Replies,
  Text
>;
