/**
 * Transactions: what MULTI queues and WATCH watches of each connection, and EXEC, which runs the queue.
 *
 *   MULTI ──▶ GUARD_QUEUE ──▶ commands are checked and copied ──▶ EXEC ──▶ stages ──▶ one array of replies
 *               of the session       into its TransactionQueue       │
 *   WATCH k ──▶ Watcher ◀── changed(k) ── keyspace.changes ──────────┴─▶ dirty: a null array, nothing runs
 *
 * A queue is run as a batch of its own, with stages and a dispatcher of its own, since the batch that EXEC
 * came with is still being run. Nothing of any other connection runs meanwhile, and whoever waits for keys is
 * served after the whole of it. A session has a `Transaction` only from MULTI or WATCH until EXEC, DISCARD
 * or UNWATCH.
 *
 * Source: https://redis.io/docs/latest/develop/using-commands/transactions/; Redis src/multi.c
 */
import type { Services } from "../commands/call.ts";
import { GUARD_QUEUE } from "../commands/guards.ts";
import type { CommandRegistry } from "../commands/registry.ts";
import type { Engine } from "../engine/engine.ts";
import { WatchedKeys, Watcher } from "../engine/watched_keys.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { SessionPort, SessionState, TransactionState } from "../ports/session_port.ts";
import type { Transactions } from "../ports/transactions.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Stages } from "./stages.ts";
import { TransactionQueue } from "./transaction_queue.ts";

const EXEC_WITHOUT_MULTI = "ERR EXEC without MULTI";
const EXEC_ABORTED = "EXECABORT Transaction discarded because of previous errors.";
/** Memory of a transaction without commands and keys, for accounting. */
const TRANSACTION_BYTES = 256;
/** A queue that takes at most so much memory is kept for the next MULTI. */
const SPARE_BYTES = 16 * 1024;
const NOT_IN_MULTI = -1;
/** More uses of keys than a queue can have. */
const NEVER = 0x7fff_ffff;

/** The transaction of one session, from MULTI or WATCH on. */
class Transaction implements TransactionState, SessionState {
  watcher: Watcher | undefined;
  queue: TransactionQueue | undefined;
  /** Whether a command could not be queued. */
  isAborted = false;
  isRunning = false;
  /** What was added to the engine's count of buffers. */
  countedBytes = 0;
  readonly #end: () => void;

  /** @param end gives everything up */
  constructor(end: () => void) {
    this.#end = end;
  }

  get queuedCount(): number {
    return this.queue === undefined ? NOT_IN_MULTI : this.queue.commandCount;
  }

  get watchedCount(): number {
    return this.watcher === undefined ? 0 : this.watcher.keys.size;
  }

  get isDirty(): boolean {
    return this.watcher !== undefined && this.watcher.isDirty;
  }

  get sizeBytes(): number {
    return TRANSACTION_BYTES + (this.watcher?.sizeBytes ?? 0) + (this.queue?.sizeBytes ?? 0);
  }

  end(): void {
    this.#end();
  }
}

export class SessionTransactions implements Transactions {
  hasSilenced = false;
  hasRun = false;
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #watched: WatchedKeys;
  #services: Services | undefined;
  /** What runs queues; made for the first one. */
  #runner: { readonly stages: Stages; readonly dispatcher: Dispatcher } | undefined;
  #spareQueue: TransactionQueue | undefined;

  constructor(engine: Engine, registry: CommandRegistry) {
    this.#engine = engine;
    this.#registry = registry;
    this.#watched = new WatchedKeys(engine.keyspace);
  }

  /** Must be called once before the first EXEC. @param services what queued commands may use */
  attach(services: Services): void {
    this.#services = services;
  }

  // What the commands call

  begin(session: SessionPort): void {
    const transaction = this.#open(session);
    transaction.queue = this.#spareQueue ?? new TransactionQueue();
    this.#spareQueue = undefined;
    session.guards |= GUARD_QUEUE;
    this.#account(transaction);
  }

  discard(session: SessionPort): void {
    const transaction = of(session);
    if (transaction === undefined) return;
    if (transaction.watcher !== undefined) this.#watched.unwatch(transaction.watcher);
    if (transaction.queue !== undefined) this.#forgetQueue(session, transaction.queue);
    this.#engine.bufferBytes -= transaction.countedBytes;
    session.detach(transaction);
    session.transaction = undefined;
  }

  #forgetQueue(session: SessionPort, queue: TransactionQueue): void {
    session.guards &= ~GUARD_QUEUE;
    session.queued(0);
    if (queue.sizeBytes > SPARE_BYTES) return;
    queue.clear();
    this.#spareQueue = queue;
  }

  watch(session: SessionPort, batch: CommandBatch, arg: number): void {
    const transaction = this.#open(session);
    if (transaction.isDirty) return;
    const db = this.#engine.keyspace.databases[session.dbIndex];
    const watcher = transaction.watcher ??= new Watcher();
    this.#watched.watch(watcher, db, batch.input, batch.argOffsets[arg], batch.argLengths[arg]);
    this.#account(transaction);
  }

  unwatch(session: SessionPort): void {
    const transaction = of(session);
    if (transaction === undefined) return;
    if (transaction.queue === undefined) return this.discard(session);
    if (transaction.watcher === undefined) return;
    this.#watched.unwatch(transaction.watcher);
    transaction.watcher = undefined;
    this.#account(transaction);
  }

  execute(session: SessionPort, reply: ReplyWriter): void {
    const transaction = of(session);
    this.hasRun = this.hasSilenced = false;
    if (transaction?.queue === undefined) return reply.error(EXEC_WITHOUT_MULTI);
    const { watcher } = transaction;
    try {
      if (transaction.isAborted) reply.error(EXEC_ABORTED);
      else if (watcher !== undefined && this.#hasChanged(watcher)) reply.nilArray();
      else this.#run(session, transaction, reply);
    } finally {
      transaction.isRunning = false;
      this.discard(session);
    }
  }

  #hasChanged(watcher: Watcher): boolean {
    return watcher.isDirty || this.#watched.hasExpired(watcher);
  }

  #run(session: SessionPort, transaction: Transaction, reply: ReplyWriter): void {
    const queue = transaction.queue!;
    const { stages, dispatcher } = this.#runnerOfQueues();
    const { keyspace, hotKeys } = this.#engine;
    if (transaction.watcher !== undefined) this.#watched.unwatch(transaction.watcher);
    transaction.isRunning = this.hasRun = true;
    // Room was made while the queue was counted, so what it stores need not push out what it just stored.
    this.#engine.bufferBytes -= transaction.countedBytes;
    transaction.countedBytes = 0;
    const wasSilent = isSilent(session);
    stages.begin(queue);
    // Its keys were counted as used when they were queued.
    const { untilSample } = hotKeys;
    hotKeys.untilSample = NEVER;
    stages.prepare(queue, 0, queue.commandCount, keyspace.databases[session.dbIndex]);
    hotKeys.untilSample = untilSample;
    dispatcher.enter(session, queue);
    if (!wasSilent) reply.array(queue.commandCount);
    try {
      for (let c = 0; c < queue.commandCount; c++) {
        const { position } = reply;
        dispatcher.execute(c, stages, reply);
        dispatcher.refreshDatabase();
        if (isSilent(session)) reply.rewind(position);
      }
    } finally {
      dispatcher.leave();
      keyspace.changes.clientId = session.id;
      this.hasSilenced = !wasSilent && session.replyMode !== "on";
    }
  }

  #runnerOfQueues(): { readonly stages: Stages; readonly dispatcher: Dispatcher } {
    if (this.#services === undefined) throw new TypeError("attach() must be called first");
    return this.#runner ??= {
      stages: new Stages(this.#registry, this.#engine.keyspace, this.#engine.hotKeys),
      dispatcher: new Dispatcher(this.#engine, this.#registry, this.#services),
    };
  }

  // What the dispatcher and the executor call

  queue(session: SessionPort, batch: CommandBatch, first: number, argc: number, id: number): void {
    const transaction = of(session)!;
    if (transaction.isAborted || transaction.isDirty) return;
    const queue = transaction.queue!;
    queue.add(batch, first, argc, this.#registry.flags[id]);
    this.#account(transaction);
    session.queued(queue.queuedBytes);
  }

  abort(session: SessionPort): void {
    const transaction = of(session);
    if (transaction?.queue !== undefined && !transaction.isRunning) transaction.isAborted = true;
  }

  queuedFlags(session: SessionPort): number {
    return of(session)?.queue?.flags ?? 0;
  }

  #open(session: SessionPort): Transaction {
    const existing = of(session);
    if (existing !== undefined) return existing;
    const transaction = new Transaction(() => {
      // What runs is run to its end.
      if (!transaction.isRunning) this.discard(session);
    });
    session.transaction = transaction;
    session.attach(transaction);
    return transaction;
  }

  #account(transaction: Transaction): void {
    const { sizeBytes } = transaction;
    this.#engine.bufferBytes += sizeBytes - transaction.countedBytes;
    transaction.countedBytes = sizeBytes;
  }
}

function of(session: SessionPort): Transaction | undefined {
  return session.transaction as Transaction | undefined;
}

/** Whether the reply to the running command goes to nobody. */
function isSilent({ replyMode }: SessionPort): boolean {
  return replyMode === "off" || replyMode === "skip";
}
