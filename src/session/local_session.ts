/** The session of someone who uses the engine from within the process. */
import { ANYBODY } from "../commands/acl/users.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type {
  Account,
  Dialect,
  KeyWait,
  ReplyMode,
  SessionPort,
  SessionState,
  SharedPush,
  SubscriptionCounts,
  TransactionState,
} from "../ports/session_port.ts";
import type { TrackingState } from "../ports/tracking_port.ts";
import { SessionStates } from "./session_states.ts";

/** Whoever a session acts for. */
export interface Peer {
  /** "ip:port". */
  readonly remoteAddress: string;
}

const LOCAL_PEER: Peer = { remoteAddress: "local:0" };

/** What is the same for all sessions without a connection: on their prototype, since each request makes one. */
abstract class Unconnected {
  get dialect(): Dialect {
    return "redis";
  }

  get localAddress(): string {
    return "local:0";
  }

  get isUnix(): boolean {
    return false;
  }

  /** Those in process answer each command as well, but have no connection for messages. */
  get answersEach(): boolean {
    return false;
  }

  get isClosing(): boolean {
    return false;
  }

  get lastCommand(): string {
    return "NULL";
  }

  get queryBufferBytes(): number {
    return 0;
  }

  get queryBufferCapacity(): number {
    return 0;
  }

  get outputBufferBytes(): number {
    return 0;
  }

  get totalBytesReceived(): number {
    return 0;
  }

  get totalBytesSent(): number {
    return 0;
  }

  get totalCommands(): number {
    return 0;
  }
}

export class LocalSession extends Unconnected implements SessionPort {
  readonly id: number;
  name = "";
  libraryName = "";
  libraryVersion = "";
  protocolVersion: 2 | 3 = 3;
  dbIndex = 0;
  guards = 0;
  /** -1 = none has run, or an unknown one. */
  lastCommandId = -1;
  isSignedIn = true;
  account: Account = ANYBODY;
  noEvict = false;
  noTouch = false;
  subscriptions: SubscriptionCounts | undefined;
  tracking: TrackingState | undefined;
  transaction: TransactionState | undefined;
  replyMode: ReplyMode = "on";
  readonly createdAtMs: number;
  readonly #peer: Peer;
  #states: SessionStates | undefined;

  get remoteAddress(): string {
    return this.#peer.remoteAddress;
  }

  get lastActiveAtMs(): number {
    return this.createdAtMs;
  }

  get isRemote(): boolean {
    return false;
  }

  get user(): string {
    return this.account.name;
  }

  /** @param nowMs wall clock @param peer whoever it acts for, asked for the address when that is needed */
  constructor(id: number, nowMs: number, peer: Peer = LOCAL_PEER) {
    super();
    this.id = id;
    this.#peer = peer;
    this.createdAtMs = nowMs;
  }

  /** Always refused: there is no connection that could wait. @throws TypeError */
  park<T>(_work: Promise<T>, _done: (reply: ReplyWriter, result: T) => void): void {
    throw new TypeError("this command can't be used in process");
  }

  /** A call in process returns with the reply, so nothing waits: as in a transaction. */
  get isBlocked(): boolean {
    return false;
  }

  /** Whether no command may run now. */
  get isHeld(): boolean {
    return false;
  }

  block(_batch: CommandBatch, _first: number, _argc: number, _wait: KeyWait): boolean {
    return false;
  }

  unblock(): boolean {
    return false;
  }

  /** There is no connection that could take it. */
  push(_message: Uint8Array): void {}

  share(_message: SharedPush): void {}

  attach(state: SessionState): void {
    (this.#states ??= new SessionStates()).attach(state);
  }

  detach(state: SessionState): void {
    this.#states?.detach(state);
  }

  get stateBytes(): number {
    return this.#states?.sizeBytes ?? 0;
  }

  /** There is no limit: nobody else could send too much. */
  queued(): void {}

  closeAfterReply(): void {}

  kill(): void {}

  reset(): void {
    this.#states?.end();
    this.name = "";
    this.dbIndex = 0;
    this.noEvict = this.noTouch = false;
  }
}
