/** What commands see of client-side caching: who tracks keys, and in which way. */
import type { CommandBatch } from "./command_batch.ts";
import type { SessionPort } from "./session_port.ts";

export interface TrackingOptions {
  /** Id of the client that gets the messages, 0 = the one that tracks. */
  readonly redirectId: number;
  /** All keys that begin with one of the prefixes are tracked, not those that were read. */
  readonly isBroadcast: boolean;
  /** None = all keys. */
  readonly prefixes: readonly Uint8Array[];
  /** Only what is read behind CLIENT CACHING YES is tracked. */
  readonly isOptIn: boolean;
  /** What is read behind CLIENT CACHING NO is not tracked. */
  readonly isOptOut: boolean;
  /** The client's own changes are not told to it. */
  readonly isNoLoop: boolean;
}

/** The tracking of one session. */
export interface TrackingState extends TrackingOptions {
  /** Whether a message found that the one to redirect to is gone. */
  readonly isBroken: boolean;
  /** Whether CLIENT CACHING was given for the command that follows. */
  isCaching: boolean;
  /** In the order of their bytes. */
  readonly prefixes: readonly Uint8Array[];
}

export interface TrackingPort {
  /** How many sessions track keys. */
  readonly clientCount: number;
  /** How many keys are known to have been read. */
  readonly keyCount: number;
  /** How many pairs of such a key and a client there are. */
  readonly itemCount: number;
  /** How many prefixes are tracked. */
  readonly prefixCount: number;
  /** Starts, or changes, the tracking of a session; prefixes are added to those that are there. */
  enable(session: SessionPort, options: TrackingOptions): void;
  disable(session: SessionPort): void;
  /**
   * To be called after a command of a session with GUARD_TRACKING ran, also within a transaction.
   * @param first index in the batch's argument arrays of its name @param id of the command
   */
  ran(session: SessionPort, batch: CommandBatch, first: number, argc: number, id: number): void;
  /** To be called when a command of such a session was refused. @param id below 0 = it is unknown */
  over(session: SessionPort, id: number): void;
  /** To be called when the batch of `ran` goes before the next message is delivered. */
  settleReads(): void;
}
