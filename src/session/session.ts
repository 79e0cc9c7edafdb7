/**
 * One connection: its state, what it received and did not run yet, and what its peer did not take yet.
 *
 *   transport ──received──▶ executor (decodes, runs) ──send──▶ transport
 *                │                                       │
 *                ▼ while held                            ▼ what it does not take
 *              kept input                             waiting output
 *
 * A session is held while its peer does not read, while it is parked for an asynchronous command, and
 * while clients are paused: nothing of it is run, and it reads on only up to the query buffer limit.
 */
import { concat } from "@std/bytes";
import type { CommandRegistry } from "../commands/registry.ts";
import type { Engine } from "../engine/engine.ts";
import { GUARD_SUBSCRIBER } from "../commands/guards.ts";
import { ANYBODY, type Users } from "../commands/acl/users.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Log } from "../ports/log.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type {
  Account,
  Dialect,
  KeyWait,
  LateMessage,
  ReplyMode,
  SessionPort,
  SessionState,
  SharedMessage,
  SharedPush,
  SubscriptionCounts,
  TransactionState,
} from "../ports/session_port.ts";
import type { TrackingState } from "../ports/tracking_port.ts";
import type { ConnectionHandler, Transport } from "../ports/transport.ts";
import { MAGIC } from "../protocol/binary/frame.ts";
import { framedPush, framesOfResp } from "../protocol/binary/push.ts";
import { encodedPush } from "../protocol/resp/push.ts";
import { BinaryState } from "./binary_state.ts";
import { BlockedCommand, type BlockedOwner } from "./blocked_command.ts";
import { ByteQueue } from "./byte_queue.ts";
import type { Executor } from "./executor.ts";
import type { LargeInput } from "./large_input.ts";
import type { PushTarget } from "./push_delivery.ts";
import { PushQueue } from "./push_queue.ts";
import { checkOutput, describeOutputLimit, IS_OVER } from "./output_limit.ts";
import { logFields } from "./log_fields.ts";
import { SessionStates } from "./session_states.ts";

const UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
const NOTHING = new Uint8Array(0);
/** Received bytes that a held session keeps before it stops reading. */
const HELD_INPUT_BYTES = 1024 * 1024;
/** How long a peer may take to read its last replies before the connection is dropped. */
const CLOSE_GRACE_MS = 10_000;
/** Why nothing of a session may run now. */
const HELD_CLOSING = 1 << 0;
const HELD_PAUSED = 1 << 1;
const HELD_OUTPUT = 1 << 2;
const HELD_PARKED = 1 << 3;
const HELD_DELIVERY = 1 << 4;
/** Fixed memory of a session, for accounting. */
const SESSION_BYTES = 1024;

export interface SessionContext {
  readonly engine: Engine;
  readonly registry: CommandRegistry;
  readonly executor: Executor;
  /** GUARD_… bits that every session has now. */
  readonly commonGuards?: { readonly bits: number };
  /** Who may do what; without them everybody may do everything. */
  readonly users?: Users | undefined;
  /** Called once when the session is over. */
  readonly ended: (session: Session) => void;
  readonly log: Log;
}

export class Session implements SessionPort, ConnectionHandler, BlockedOwner, PushTarget {
  readonly id: number;
  name = "";
  libraryName = "";
  libraryVersion = "";
  dbIndex = 0;
  guards: number;
  isSignedIn = true;
  account: Account = ANYBODY;
  noEvict = false;
  noTouch = false;
  replyMode: ReplyMode = "on";
  readonly isRemote = true;
  readonly createdAtMs: number;
  lastActiveAtMs: number;
  lastCommandId = -1;
  totalBytesReceived = 0;
  totalBytesSent = 0;
  totalCommands = 0;
  /** Whether a run of this session is in the batch that is being collected. */
  hasRun = false;
  subscriptions: SubscriptionCounts | undefined;
  tracking: TrackingState | undefined;
  transaction: TransactionState | undefined;
  pushes: PushQueue | undefined;
  large: LargeInput | undefined;
  /** Of a session that speaks the binary protocol, from its first byte on. */
  binary: BinaryState | undefined;
  kept: Uint8Array = NOTHING;
  readonly transport: Transport;
  readonly #context: SessionContext;
  readonly #waiting = new ByteQueue();
  readonly #states = new SessionStates();
  /** Memory of what waits, as the engine counted it. */
  #countedBytes = 0;
  #isParkedSilently = false;
  /** HELD_… bits: one comparison tells before each command whether there is any. */
  #held = 0;
  #blocked: BlockedCommand | undefined;
  #version: 2 | 3 = 2;
  #isReading = true;
  #hasPeerEnded = false;
  #hasEnded = false;
  /** Of commands that wait for EXEC. */
  #queuedBytes = 0;
  #softLimitSinceMs = 0;
  #closingSinceMs = 0;

  constructor(id: number, transport: Transport, context: SessionContext) {
    this.id = id;
    this.transport = transport;
    this.#context = context;
    this.createdAtMs = this.lastActiveAtMs = context.engine.clock.nowMs();
    this.guards = this.#initialGuards();
    context.users?.welcome(this);
    context.engine.bufferBytes += SESSION_BYTES;
  }

  /** Those of a session that just came, or was reset, before its user brings more. */
  #initialGuards(): number {
    return this.#context.commonGuards?.bits ?? 0;
  }

  get protocolVersion(): 2 | 3 {
    return this.#version;
  }

  set protocolVersion(version: 2 | 3) {
    this.#version = this.binary === undefined ? version : 3;
  }

  get answersEach(): boolean {
    return this.binary !== undefined;
  }

  get user(): string {
    return this.account.name;
  }

  get remoteAddress(): string {
    return this.transport.remoteAddress;
  }

  get dialect(): Dialect {
    return "redis";
  }

  get localAddress(): string {
    return this.transport.localAddress;
  }

  get isUnix(): boolean {
    return this.transport.isUnix;
  }

  get lastCommand(): string {
    return this.lastCommandId < 0 ? "NULL" : this.#context.registry.fullNames[this.lastCommandId];
  }

  get queryBufferBytes(): number {
    return this.kept.length + (this.large === undefined ? 0 : this.large.length);
  }

  get queryBufferCapacity(): number {
    return this.kept.length + (this.large === undefined ? 0 : this.large.capacity);
  }

  get outputBufferBytes(): number {
    return this.#waiting.length + (this.pushes === undefined ? 0 : this.pushes.sizeBytes);
  }

  // Why nothing of it may run now

  #hold(reason: number, isOn: boolean): void {
    this.#held = isOn ? this.#held | reason : this.#held & ~reason;
  }

  get isClosing(): boolean {
    return (this.#held & HELD_CLOSING) !== 0;
  }

  set isClosing(isOn: boolean) {
    this.#hold(HELD_CLOSING, isOn);
  }

  get isPaused(): boolean {
    return (this.#held & HELD_PAUSED) !== 0;
  }

  set isPaused(isOn: boolean) {
    this.#hold(HELD_PAUSED, isOn);
  }

  /** Whether it waits until what it made others receive was delivered. */
  get waitsForDelivery(): boolean {
    return (this.#held & HELD_DELIVERY) !== 0;
  }

  set waitsForDelivery(isOn: boolean) {
    this.#hold(HELD_DELIVERY, isOn);
  }

  get #isOutputBlocked(): boolean {
    return (this.#held & HELD_OUTPUT) !== 0;
  }

  set #isOutputBlocked(isOn: boolean) {
    this.#hold(HELD_OUTPUT, isOn);
  }

  /** Whether it waits for what a command began. */
  get isParked(): boolean {
    return (this.#held & HELD_PARKED) !== 0;
  }

  /** Whether nothing of it may run now. */
  get isHeld(): boolean {
    return this.#held !== 0;
  }

  get isOver(): boolean {
    return this.#hasEnded;
  }

  // What the transport calls

  received(chunk: Uint8Array): void {
    if (this.totalBytesReceived === 0 && chunk[0] === MAGIC) {
      this.binary = new BinaryState();
      this.protocolVersion = 3;
    }
    this.totalBytesReceived += chunk.length;
    const { stats } = this.#context.engine;
    stats.totalNetInput += chunk.length;
    stats.totalReads++;
    if (!this.isClosing) this.#context.executor.receive(this, chunk);
  }

  writable(): void {
    this.lastActiveAtMs = this.#context.engine.nowMs;
    if (!this.#waiting.drain((bytes, start, end) => this.#write(bytes, start, end))) return;
    this.#countWaiting();
    this.#isOutputBlocked = false;
    this.#softLimitSinceMs = 0;
    if (this.isClosing) this.transport.end();
    else this.continue();
  }

  ended(): void {
    if (this.waitsForDelivery) {
      this.#hasPeerEnded = true;
      return;
    }
    // Replies to what was received still go out; then there is nothing left to do here.
    this.#context.executor.flush();
    this.abandonBlock();
    if (this.isParked || this.isPaused || this.#isOutputBlocked) this.isClosing = true;
    else this.closeAfterReply();
    if (!this.#isOutputBlocked && this.isClosing) this.transport.end();
  }

  closed(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = this.isClosing = true;
    this.abandonBlock();
    const { engine } = this.#context;
    engine.droppedBufferBytes += this.queryBufferCapacity + this.#countedBytes;
    engine.bufferBytes -= SESSION_BYTES + this.queryBufferCapacity;
    this.kept = NOTHING;
    this.large = undefined;
    this.#waiting.clear();
    this.#countWaiting();
    this.pushes?.clear();
    this.#states.end();
    this.#context.ended(this);
  }

  // What the executor calls

  /** Keeps received bytes for later, behind those kept already. */
  keep(bytes: Uint8Array, start: number, end: number): void {
    if (end === start || this.isClosing) return;
    this.setKept(concat([this.kept, bytes.subarray(start, end)]));
    if (this.isHeld && this.kept.length > HELD_INPUT_BYTES) this.#pauseReading();
    this.checkQueryBuffer();
  }

  setKept(bytes: Uint8Array): void {
    this.#context.engine.bufferBytes += bytes.length - this.kept.length;
    this.kept = bytes;
  }

  /** @returns what was kept, which is kept no longer */
  takeKept(): Uint8Array {
    const kept = this.kept;
    this.setKept(NOTHING);
    return kept;
  }

  /** Closes when more was received without a whole command than the limit allows. */
  checkQueryBuffer(): void {
    const limit = this.#context.engine.settings.clientQueryBufferLimit;
    if (this.queryBufferBytes + this.#queuedBytes <= limit) return;
    this.#context.engine.stats.queryLimitDisconnections++;
    this.#context.log(
      `Closing client that reached max query buffer length: ${this.remoteAddress} id=${this.id}`,
      "warning",
      logFields(this),
    );
    this.kill();
  }

  /** Sends replies; what the peer does not take now waits, and the session is held meanwhile. */
  send(bytes: Uint8Array, start: number, end: number): void {
    if (start === end || this.#hasEnded) return;
    let from = start;
    if (this.#waiting.length === 0) from += this.#write(bytes, start, end);
    if (from < end) {
      this.#waiting.append(bytes, from, end);
      this.#countWaiting();
      this.#isOutputBlocked = true;
      this.#pauseReading();
      this.#checkOutputLimit();
    }
  }

  #countWaiting(): void {
    const { capacity } = this.#waiting;
    this.#context.engine.bufferBytes += capacity - this.#countedBytes;
    this.#countedBytes = capacity;
  }

  #write(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.transport.write(bytes, start, end);
    this.totalBytesSent += taken;
    const { stats } = this.#context.engine;
    stats.totalNetOutput += taken;
    stats.totalWrites++;
    this.lastActiveAtMs = this.#context.engine.nowMs;
    return taken;
  }

  /** @param isOnTime whether it is called because time went by */
  #checkOutputLimit(isOnTime = false): void {
    const { engine, log } = this.#context;
    const { nowMs, settings } = engine;
    // It was counted and is about to be closed.
    if (this.#softLimitSinceMs === IS_OVER) return;
    this.#softLimitSinceMs = checkOutput(this, settings, this.#softLimitSinceMs, nowMs);
    if (this.#softLimitSinceMs !== IS_OVER) return;
    log(describeOutputLimit(this, nowMs, isOnTime), "warning", logFields(this));
    engine.stats.outputLimitDisconnections++;
    this.kill();
  }

  /** Called now and then: limits that depend on time. @param nowMs wall clock */
  checkTime(nowMs: number): void {
    if (this.isClosing) {
      if (this.#closingSinceMs === 0) this.#closingSinceMs = nowMs;
      else if (nowMs - this.#closingSinceMs > CLOSE_GRACE_MS) this.kill();
      return;
    }
    const timeoutMs = this.#context.engine.settings.timeoutSeconds * 1000;
    const mayBeIdle = timeoutMs > 0 && !this.isParked && (this.guards & GUARD_SUBSCRIBER) === 0;
    if (mayBeIdle && nowMs - this.lastActiveAtMs > timeoutMs) {
      const message = `Closing idle client ${this.remoteAddress} id=${this.id}`;
      this.#context.log(message, "verbose", logFields(this));
      this.kill();
    } else if (this.#waiting.length > 0) {
      this.#checkOutputLimit(true);
    }
  }

  /** Runs what was kept while the session was held, and reads on. */
  continue(): void {
    if (this.isHeld) return;
    this.#context.executor.continue(this);
    if (!this.isHeld && !this.#isReading) {
      this.#isReading = true;
      this.transport.resume();
    }
  }

  #pauseReading(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.transport.pause();
  }

  /** The replies of a batch are out: ends the connection if that was asked for. */
  afterReplies(): void {
    if (this.isClosing && !this.#isOutputBlocked && !this.isParked) this.transport.end();
  }

  // What the commands call

  park<T>(work: Promise<T>, done: (reply: ReplyWriter, result: T) => void): void {
    this.#park();
    const finish = (write: (reply: ReplyWriter) => void): void =>
      this.#unpark(() => this.#reply(write));
    work.then(
      (result) => finish((reply) => done(reply, result)),
      (error: unknown) => {
        const message = `Internal error in '${this.lastCommand}': ${String(error)}`;
        this.#context.log(message, "warning", logFields(this));
        finish((reply) => reply.error(`ERR internal error in '${this.lastCommand}'`));
      },
    );
  }

  #park(): void {
    this.#hold(HELD_PARKED, true);
    this.#isParkedSilently = this.replyMode === "off" || this.replyMode === "skip";
  }

  #reply(write: (reply: ReplyWriter) => void): void {
    this.#context.executor.replyTo(this, write);
  }

  /** @param answer sends the reply */
  #unpark(answer: () => void): void {
    this.#hold(HELD_PARKED, false);
    if (this.#hasEnded) return;
    if (!this.#isParkedSilently) answer();
    if (this.isClosing) this.afterReplies();
    else this.continue();
  }

  push(message: Uint8Array | LateMessage): void {
    const isBinary = this.binary !== undefined;
    if (message instanceof Uint8Array) {
      const bytes = isBinary ? framesOfResp(message) : message;
      return this.#enqueue({ bytes, waiting: 0 });
    }
    if (this.isClosing) return;
    const late = isBinary ? { take: () => framesOfResp(message.take()) } : message;
    if (this.#queue().addLate(late)) this.#context.executor.pushed(this);
  }

  share(message: SharedPush): void {
    this.#enqueue(
      this.binary === undefined ? encodedPush(message, this.protocolVersion) : framedPush(message),
    );
  }

  #enqueue(message: SharedMessage): void {
    if (this.isClosing) return;
    if (this.#queue().add(message)) this.#context.executor.pushed(this);
    this.#checkOutputLimit();
  }

  #queue(): PushQueue {
    return this.pushes ??= new PushQueue(this.#context.executor.delivery);
  }

  resumeAfterDelivery(): void {
    this.waitsForDelivery = false;
    if (this.#hasEnded) return;
    this.continue();
    if (this.#hasPeerEnded && !this.waitsForDelivery) this.ended();
  }

  attach(state: SessionState): void {
    this.#states.attach(state);
  }

  detach(state: SessionState): void {
    this.#states.detach(state);
  }

  get stateBytes(): number {
    return this.#states.sizeBytes + (this.#blocked === undefined ? 0 : this.#blocked.batch.size);
  }

  get hasPushes(): boolean {
    return this.pushes !== undefined && this.pushes.length > 0;
  }

  block(batch: CommandBatch, first: number, argc: number, wait: KeyWait): boolean {
    if (this.#blocked !== undefined) {
      this.#blocked.waitsOn = true;
      return true;
    }
    if (this.transaction?.isRunning === true) return false;
    const { engine } = this.#context;
    const db = engine.keyspace.databases[this.dbIndex];
    const id = this.lastCommandId;
    const command = new BlockedCommand(this, id, db, batch, first, argc, wait);
    this.#blocked = command;
    engine.bufferBytes += command.batch.size;
    engine.blocking.wait(command);
    this.#park();
    return true;
  }

  get isBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  unblock(reason: "timeout" | "error"): boolean {
    if (this.#blocked === undefined) return false;
    this.#leaveKeys();
    if (reason === "timeout") {
      this.timedOut();
    } else {
      this.#context.engine.stats.recordFailed(this.lastCommandId);
      this.#context.engine.stats.recordError(UNBLOCKED);
      this.#endBlock(() => this.#reply((reply) => reply.error(UNBLOCKED)));
    }
    return true;
  }

  /** Gives up a wait without a reply: there is nobody left to have it. */
  abandonBlock(): void {
    if (this.#blocked === undefined) return;
    this.#leaveKeys();
    this.#forgetBlocked();
    this.#hold(HELD_PARKED, false);
  }

  #leaveKeys(): void {
    this.#context.engine.blocking.leave(this.#blocked!);
  }

  #forgetBlocked(): void {
    this.#context.engine.bufferBytes -= this.#blocked!.batch.size;
    this.#blocked = undefined;
  }

  #endBlock(answer: () => void): void {
    this.#forgetBlocked();
    this.lastActiveAtMs = this.#context.engine.nowMs;
    this.#unpark(answer);
  }

  // What a blocked command calls

  serve(command: BlockedCommand): boolean {
    const { executor } = this.#context;
    if (!executor.rerun(this, command)) return false;
    this.#leaveKeys();
    this.#endBlock(() => executor.sendAside(this));
    return true;
  }

  timedOut(): void {
    this.#endBlock(() => this.#reply((reply) => reply.nilArray()));
  }

  queued(bytes: number): void {
    this.#queuedBytes = bytes;
    this.checkQueryBuffer();
  }

  closeAfterReply(): void {
    this.isClosing = true;
  }

  kill(): void {
    this.isClosing = true;
    this.abandonBlock();
    this.transport.destroy();
  }

  reset(): void {
    this.#states.end();
    this.name = "";
    this.protocolVersion = 2;
    this.dbIndex = 0;
    this.guards = this.#initialGuards();
    this.#context.users?.welcome(this);
    this.noEvict = this.noTouch = false;
    // What was to be skipped is the reply to this.
    if (this.replyMode !== "skip") this.replyMode = "on";
  }
}
