/** What a command handler sees of the connection that it serves, and of the other ones. */

import type { CommandBatch } from "./command_batch.ts";
import type { ReplyWriter } from "./reply_writer.ts";

/** What a blocking command waits for. */
export interface KeyWait {
  /** Type of value that serves it: TYPE_LIST, TYPE_ZSET or TYPE_STREAM. */
  readonly type: number;
  /** Positions of its keys, the command's name being 0. */
  readonly keys: readonly number[];
  /** Wall clock in ms at which it waits no longer, 0 = never. */
  readonly deadlineMs: number;
  /** Whether it runs again, too, when a key goes or gets another type (XREADGROUP). */
  readonly wakesWithoutKey?: boolean;
  /** Arguments that are other ones when it runs again, by position; no keys (XREAD's $). */
  readonly replacements?: ReadonlyMap<number, Uint8Array>;
}

export type ReplyMode = "on" | "off" | "skip-next" | "skip";

export interface SessionPort {
  readonly id: number;
  /** "" when unset. */
  name: string;
  libraryName: string;
  libraryVersion: string;
  /** Set through HELLO; the reply writer follows it. */
  protocolVersion: 2 | 3;
  dbIndex: number;
  authenticated: boolean;
  /** Name of the ACL user; "default" until there are more. */
  user: string;
  noEvict: boolean;
  noTouch: boolean;
  replyMode: ReplyMode;
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly createdAtMs: number;
  readonly lastActiveAtMs: number;
  /** Name of the last command, "client|list" for subcommands, "NULL" before the first. */
  readonly lastCommand: string;
  /** Whether it is closed after the replies now being written. */
  readonly isClosing: boolean;
  /** Bytes received and not yet executed. */
  readonly queryBufferBytes: number;
  /** Bytes of memory kept for received data. */
  readonly queryBufferCapacity: number;
  /** Bytes of replies that wait for the peer. */
  readonly outputBufferBytes: number;
  readonly totalBytesReceived: number;
  readonly totalBytesSent: number;
  readonly totalCommands: number;
  /** Whether SELECT, AUTH and the like have any meaning; false for in-process use. */
  readonly isRemote: boolean;
  /**
   * Runs no further command of this connection until `work` settles, then writes its reply.
   * @param done writes exactly one reply; a rejection of `work` is answered as an internal error
   */
  park<T>(work: Promise<T>, done: (reply: ReplyWriter, result: T) => void): void;
  /** Whether a command of this connection waits for keys; so it does while that one runs again. */
  readonly isBlocked: boolean;
  /**
   * Runs no further command of this connection until the running one could be served: it runs again when
   * one of its keys is ready, and is answered a null array when its time is over. To be called instead of
   * replying, also by a command that runs again and must wait on.
   * @param first index in the batch's argument arrays of the command's name
   * @returns false where nobody can wait
   */
  block(batch: CommandBatch, first: number, argc: number, wait: KeyWait): boolean;
  /** Ends the wait of a blocked command (CLIENT UNBLOCK). @returns false if none is blocked */
  unblock(reason: "timeout" | "error"): boolean;
  /** Closes once the replies of this batch were sent; commands behind this one are dropped. */
  closeAfterReply(): void;
  /** Closes at once. */
  kill(): void;
  /** Back to the state of a new connection (RESET). */
  reset(): void;
}

/** All sessions of a server. */
export interface ClientDirectory {
  readonly count: number;
  /** In the order in which they came. */
  all(): Iterable<SessionPort>;
  byId(id: number): SessionPort | undefined;
  /** No command of the given kind runs until then. @param mode "write" leaves reading commands alone */
  pause(untilMs: number, mode: "write" | "all"): void;
  unpause(): void;
}

/** What the running server can be asked by a command. */
export interface ServerControl {
  readonly startedAtMs: number;
  /** Version of this project. */
  readonly version: string;
  /** 40 hex digits, new at every start. */
  readonly runId: string;
  /** TCP port, 0 = none. */
  readonly tcpPort: number;
  /** Path of the configuration file, "" = none. */
  readonly configFile: string;
  /** Ends the process after the replies of this turn were sent. */
  shutdown(): void;
}
