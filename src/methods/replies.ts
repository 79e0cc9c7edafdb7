/** What commands answer that are given by their names. */
import type { CommandArgument } from "../protocol/command_encoder.ts";
import type { ReplyError, ReplyValue } from "../protocol/value_writer.ts";
import type { LowerCommandName } from "./command_table.ts";
import type { TypedMethods } from "./waiting.ts";

/** Name of a command that the engine knows, in upper or lower case. */
export type CommandName = LowerCommandName | Uppercase<LowerCommandName>;

/** What a command answers; `ReplyValue` where it is in none of the tables of methods. */
export type Reply<Name extends string, Text = string> = Lowercase<Name> extends
  Exclude<keyof TypedMethods<Text>, "ping"> ? ReturnType<TypedMethods<Text>[Lowercase<Name>]>
  : ReplyValue;

/** A command of a batch: its name and its arguments. */
export type Command = readonly [
  // The empty object type keeps the names in what editors offer.
  // deno-lint-ignore ban-types
  name: CommandName | (string & {}),
  ...args: CommandArgument[],
];

/** What the commands of a batch answer, one by one. */
export type BatchReplies<Commands extends readonly Command[], Text = string> = {
  -readonly [I in keyof Commands]: Reply<Commands[I][0], Text> | ReplyError;
};
