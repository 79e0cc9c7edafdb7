/** Contract of what carries batches of commands to a server: a connection, or HTTP requests. */
import type { CommandArgument } from "../protocol/command_encoder.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";

/** A command: its name and its arguments. */
export type CommandWords = readonly [name: string, ...args: CommandArgument[]];

export interface SendOptions {
  /** What keys and values of replies become. */
  readonly as: "text" | "bytes";
  /** Whether a ReplyError that answers one command rejects its promise, instead of being its value. */
  readonly throwsErrors?: boolean | undefined;
  /** Gives up waiting, and does not send what was not sent yet. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up waiting after so many milliseconds, 0 = never; the sender's own setting by default. */
  readonly timeoutMs?: number | undefined;
}

export interface Sender {
  /**
   * Sends one command.
   * @returns its reply, a ReplyError as a value unless `throwsErrors` says otherwise
   * @throws ClientError if there is none
   */
  one(command: CommandWords, options: SendOptions): Promise<ReplyValue>;
  /**
   * Sends commands in a row, nothing of the same sender in between.
   * @returns one reply for each, errors as values
   * @throws ClientError if not all of them were answered
   */
  all(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]>;
  /**
   * Sends commands that run as one transaction.
   * @returns their replies, errors as values; null when a watched key changed
   * @throws ReplyError when the server refused it as a whole, ClientError if there is no answer
   */
  atomic(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[] | null>;
  /** Lets what is under way come to its end, then closes. */
  close(): Promise<void>;
  /** Closes at once: what is under way fails. */
  destroy(): void;
}
