/** What a command handler sees of the connection that it serves, and of the other ones. */

import type { CommandBatch } from "./command_batch.ts";
import type { ReplyWriter } from "./reply_writer.ts";
import type { TrackingState } from "./tracking_port.ts";

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

/** The user that a session acts as; access control knows what it may do. */
export interface Account {
  readonly name: string;
}

/** Something that a session has beyond its fields, such as its subscriptions. */
export interface SessionState {
  /** Memory in bytes, counted as the session's. */
  readonly sizeBytes: number;
  /** Gives everything up: the connection was reset, or is gone. */
  end(): void;
}

/** A message as a protocol writes it, which may wait for many sessions at once. */
export interface SharedMessage {
  /** Not to be changed any more. */
  readonly bytes: Uint8Array;
  /** For how many sessions it waits; kept by them. */
  waiting: number;
}

/** A message that answers nothing and may go to many sessions. */
export interface SharedPush {
  /** Bulk strings, integers, null. */
  readonly words: readonly (Uint8Array | number | null)[];
  /** As the protocols write it; made by the first session that needs it. */
  resp2?: SharedMessage;
  resp3?: SharedMessage;
  binary?: SharedMessage;
}

/** To how many names a session is subscribed. */
export interface SubscriptionCounts {
  readonly channels: number;
  readonly patterns: number;
  readonly shards: number;
  /** Memory in bytes. */
  readonly sizeBytes: number;
}

/** What MULTI and WATCH began. */
export interface TransactionState {
  /** Number of commands that wait for EXEC, -1 = it is not inside of MULTI. */
  readonly queuedCount: number;
  /** Number of keys that are watched. */
  readonly watchedCount: number;
  /** Whether a watched key changed, so that EXEC will do nothing. */
  readonly isDirty: boolean;
  /** Whether EXEC is running: every command must reply at once. */
  readonly isRunning: boolean;
  /** Memory in bytes. */
  readonly sizeBytes: number;
}

/** A message that is written when it is delivered, so that until then more can be added to it. */
export interface LateMessage {
  /** @returns the message, as the session's protocol writes it; may be empty */
  take(): Uint8Array;
}

/** Whose habits are kept where they differ; Upstash's are those of its REST contract. */
export type Dialect = "redis" | "upstash";

export type ReplyMode = "on" | "off" | "skip-next" | "skip";

export interface SessionPort {
  readonly id: number;
  /** "" when unset. */
  name: string;
  libraryName: string;
  libraryVersion: string;
  /** Set through HELLO; the reply writer follows it. Where only one is spoken, it stays that. */
  protocolVersion: 2 | 3;
  /**
   * Whether every command of this connection has exactly one reply: CLIENT REPLY hides none, and
   * subscriptions are confirmed by messages of their own.
   */
  readonly answersEach: boolean;
  dbIndex: number;
  /** GUARD_… bits (commands/guards.ts). */
  guards: number;
  /** Whether it signed in, or needed not to when it came. */
  isSignedIn: boolean;
  /** Whom it acts as. */
  account: Account;
  /** Name of the account. */
  readonly user: string;
  noEvict: boolean;
  noTouch: boolean;
  /** Undefined while there are none. */
  subscriptions: SubscriptionCounts | undefined;
  /** How it tracks keys; undefined while it does not. */
  tracking: TrackingState | undefined;
  /** From MULTI or WATCH until EXEC, DISCARD or UNWATCH. */
  transaction: TransactionState | undefined;
  replyMode: ReplyMode;
  readonly dialect: Dialect;
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
  /**
   * Sends a message that answers nothing, behind the replies to all commands that ran before.
   * @param message whole, as the session's protocol writes it; not to be changed any more
   */
  push(message: Uint8Array | LateMessage): void;
  /** As `push`, for a message that others get, too: it is encoded, and held in memory, once. */
  share(message: SharedPush): void;
  /** From now on `state` is ended with the connection, or by RESET; until it is detached. */
  attach(state: SessionState): void;
  detach(state: SessionState): void;
  /** Memory of everything attached, in bytes. */
  readonly stateBytes: number;
  /**
   * So many bytes of commands wait for EXEC. They count as received ones: where they are more than the
   * limit allows, the connection is closed.
   */
  queued(bytes: number): void;
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

/** An address that a server listens at. */
export interface ListenerInfo {
  readonly kind: "tcp" | "tls" | "unix";
  /** Address, or path of the unix socket. */
  readonly bind: string;
  /** 0 = none. */
  readonly port: number;
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
  /** Where it listens. */
  readonly listeners: readonly ListenerInfo[];
  /** Path of the configuration file, "" = none. */
  readonly configFile: string;
  /** Ends the process after the replies of this turn were sent. */
  shutdown(): void;
}
