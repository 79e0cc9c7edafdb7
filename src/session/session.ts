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
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { KeyWait, ReplyMode, SessionPort } from "../ports/session_port.ts";
import type { ConnectionHandler, Transport } from "../ports/transport.ts";
import { BlockedCommand, type BlockedOwner } from "./blocked_command.ts";
import { ByteQueue } from "./byte_queue.ts";
import type { Executor } from "./executor.ts";
import type { LargeInput } from "./large_input.ts";

const UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";
const NOTHING = new Uint8Array(0);
/** Received bytes that a held session keeps before it stops reading. */
const HELD_INPUT_BYTES = 1024 * 1024;
/** How long a peer may take to read its last replies before the connection is dropped. */
const CLOSE_GRACE_MS = 10_000;
/** Fixed memory of a session, for accounting. */
const SESSION_BYTES = 1024;

export interface SessionContext {
  readonly engine: Engine;
  readonly registry: CommandRegistry;
  readonly executor: Executor;
  /** Called once when the session is over. */
  readonly ended: (session: Session) => void;
  readonly log: (line: string) => void;
}

export class Session implements SessionPort, ConnectionHandler, BlockedOwner {
  readonly id: number;
  name = "";
  libraryName = "";
  libraryVersion = "";
  protocolVersion: 2 | 3 = 2;
  dbIndex = 0;
  authenticated: boolean;
  user = "default";
  noEvict = false;
  noTouch = false;
  replyMode: ReplyMode = "on";
  isClosing = false;
  readonly isRemote = true;
  readonly createdAtMs: number;
  lastActiveAtMs: number;
  lastCommandId = -1;
  totalBytesReceived = 0;
  totalBytesSent = 0;
  totalCommands = 0;
  /** Whether a run of this session is in the batch that is being collected. */
  hasRun = false;
  isPaused = false;
  large: LargeInput | undefined;
  kept: Uint8Array = NOTHING;
  readonly transport: Transport;
  readonly #context: SessionContext;
  readonly #waiting = new ByteQueue();
  #isOutputBlocked = false;
  #isParked = false;
  #isParkedSilently = false;
  #blocked: BlockedCommand | undefined;
  #isReading = true;
  #hasEnded = false;
  #softLimitSinceMs = 0;
  #closingSinceMs = 0;

  constructor(id: number, transport: Transport, context: SessionContext) {
    this.id = id;
    this.transport = transport;
    this.#context = context;
    this.createdAtMs = this.lastActiveAtMs = context.engine.clock.nowMs();
    this.authenticated = context.engine.settings.requirepass === "";
    context.engine.bufferBytes += SESSION_BYTES;
  }

  get remoteAddress(): string {
    return this.transport.remoteAddress;
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
    return this.#waiting.length;
  }

  /** Whether nothing of it may run now. */
  get isHeld(): boolean {
    return this.#isOutputBlocked || this.#isParked || this.isPaused || this.isClosing;
  }

  get isOver(): boolean {
    return this.#hasEnded;
  }

  // What the transport calls

  received(chunk: Uint8Array): void {
    this.totalBytesReceived += chunk.length;
    this.#context.engine.stats.totalNetInput += chunk.length;
    if (!this.isClosing) this.#context.executor.receive(this, chunk);
  }

  writable(): void {
    this.lastActiveAtMs = this.#context.engine.nowMs;
    if (!this.#waiting.drain((bytes, start, end) => this.#write(bytes, start, end))) return;
    this.#isOutputBlocked = false;
    this.#softLimitSinceMs = 0;
    if (this.isClosing) this.transport.end();
    else this.continue();
  }

  ended(): void {
    // Replies to what was received still go out; then there is nothing left to do here.
    this.#context.executor.flush();
    this.abandonBlock();
    if (this.#isParked || this.isPaused || this.#isOutputBlocked) this.isClosing = true;
    else this.closeAfterReply();
    if (!this.#isOutputBlocked && this.isClosing) this.transport.end();
  }

  closed(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = this.isClosing = true;
    this.abandonBlock();
    this.#context.engine.bufferBytes -= SESSION_BYTES + this.queryBufferCapacity;
    this.kept = NOTHING;
    this.large = undefined;
    this.#waiting.clear();
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
    if (this.queryBufferBytes <= limit) return;
    this.#context.log(
      `Closing client that reached max query buffer length: ${this.remoteAddress} id=${this.id}`,
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
      this.#isOutputBlocked = true;
      this.#pauseReading();
      this.#checkOutputLimit();
    }
  }

  #write(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.transport.write(bytes, start, end);
    this.totalBytesSent += taken;
    this.#context.engine.stats.totalNetOutput += taken;
    return taken;
  }

  #checkOutputLimit(): void {
    const { engine } = this.#context;
    const [hard, soft, softSeconds] = engine.settings.clientOutputBufferLimitNormal;
    const waiting = this.#waiting.length;
    const nowMs = engine.nowMs;
    if (soft > 0 && waiting > soft) {
      if (this.#softLimitSinceMs === 0) this.#softLimitSinceMs = nowMs;
    } else {
      this.#softLimitSinceMs = 0;
    }
    const isSoftOver = this.#softLimitSinceMs > 0 &&
      nowMs - this.#softLimitSinceMs > softSeconds * 1000;
    if ((hard > 0 && waiting > hard) || isSoftOver) {
      this.#context.log(
        `Client ${this.remoteAddress} id=${this.id} closed for overcoming of output buffer limits.`,
      );
      engine.stats.evictedClients++;
      this.kill();
    }
  }

  /** Called now and then: limits that depend on time. @param nowMs wall clock */
  checkTime(nowMs: number): void {
    if (this.isClosing) {
      if (this.#closingSinceMs === 0) this.#closingSinceMs = nowMs;
      else if (nowMs - this.#closingSinceMs > CLOSE_GRACE_MS) this.kill();
      return;
    }
    const timeoutMs = this.#context.engine.settings.timeoutSeconds * 1000;
    if (timeoutMs > 0 && !this.#isParked && nowMs - this.lastActiveAtMs > timeoutMs) {
      this.#context.log(`Closing idle client ${this.remoteAddress} id=${this.id}`);
      this.kill();
    } else if (this.#waiting.length > 0) {
      this.#checkOutputLimit();
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
    if (this.isClosing && !this.#isOutputBlocked && !this.#isParked) this.transport.end();
  }

  // What the commands call

  park<T>(work: Promise<T>, done: (reply: ReplyWriter, result: T) => void): void {
    this.#park();
    const finish = (write: (reply: ReplyWriter) => void): void =>
      this.#unpark(() => this.#reply(write));
    work.then(
      (result) => finish((reply) => done(reply, result)),
      (error: unknown) => {
        this.#context.log(`Internal error in '${this.lastCommand}': ${String(error)}`);
        finish((reply) => reply.error(`ERR internal error in '${this.lastCommand}'`));
      },
    );
  }

  #park(): void {
    this.#isParked = true;
    this.#isParkedSilently = this.replyMode === "off" || this.replyMode === "skip";
  }

  #reply(write: (reply: ReplyWriter) => void): void {
    this.#context.executor.replyTo(this, write);
  }

  /** @param answer sends the reply */
  #unpark(answer: () => void): void {
    this.#isParked = false;
    if (this.#hasEnded) return;
    if (!this.#isParkedSilently) answer();
    if (this.isClosing) this.afterReplies();
    else this.continue();
  }

  block(batch: CommandBatch, first: number, argc: number, wait: KeyWait): boolean {
    if (this.#blocked !== undefined) {
      this.#blocked.waitsOn = true;
      return true;
    }
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
    this.#isParked = false;
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

  closeAfterReply(): void {
    this.isClosing = true;
  }

  kill(): void {
    this.isClosing = true;
    this.abandonBlock();
    this.transport.destroy();
  }

  reset(): void {
    this.name = "";
    this.protocolVersion = 2;
    this.dbIndex = 0;
    this.authenticated = this.#context.engine.settings.requirepass === "";
    this.user = "default";
    this.noEvict = this.noTouch = false;
    // What was to be skipped is the reply to this.
    if (this.replyMode !== "skip") this.replyMode = "on";
  }
}
