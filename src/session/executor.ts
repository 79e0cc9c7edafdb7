/**
 * The staged executor: from received bytes of all ready connections to their replies.
 *
 *   chunk of A ─┐   staging buffer        batch                          output buffer
 *   chunk of B ─┼─▶ [ A A A B B C C C ]─▶ commands of A, B, C ─stages─▶ [ replies A | B | C ]─▶ writes
 *   chunk of C ─┘
 *
 * What the ready connections of one turn of the event loop brought is one batch: decoded into arrays,
 * hashed, prefetched, run in order, and answered with one write a connection. A session that is held in
 * the middle (its peer does not read, it was parked or paused) keeps the rest of its input for later.
 */
import { makeRegion } from "../bytes/region.ts";
import type { CommandRegistry } from "../commands/registry.ts";
import type { Services } from "../commands/call.ts";
import { EXEC } from "../commands/transactions/transactions.ts";
import type { Engine } from "../engine/engine.ts";
import { GUARD_SIGN_IN } from "../commands/guards.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Log } from "../ports/log.ts";
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { SessionPort } from "../ports/session_port.ts";
import { BinaryDecoder } from "../protocol/binary/decoder.ts";
import { GrowableBatch } from "../protocol/resp/batch.ts";
import { RespDecoder } from "../protocol/resp/decoder.ts";
import { OutputBuffer } from "../protocol/resp/output_buffer.ts";
import { RespWriter } from "../protocol/resp/writer.ts";
import { AtomicFrames } from "./atomic_frames.ts";
import { AsideReplies } from "./aside_replies.ts";
import type { BlockedCommand, RunAgain } from "./blocked_command.ts";
import { Dispatcher } from "./dispatcher.ts";
import { decodeFrames, FrameRunner } from "./frame_runner.ts";
import { Greeter } from "./greeter.ts";
import { LargeInput } from "./large_input.ts";
import { Pause } from "./pause.ts";
import { PushDelivery } from "./push_delivery.ts";
import type { LocalSession } from "./local_session.ts";
import { decodeLines, restoreLines } from "./line_decoding.ts";
import { logFields } from "./log_fields.ts";
import { Run } from "./run.ts";
import type { Session } from "./session.ts";
import { Stages } from "./stages.ts";

const STAGING_BYTES = 1024 * 1024;
/** Input of a session beyond this goes into a buffer of its own. */
const STAGED_LIMIT = 512 * 1024;
/** Memory of a large input up to this size is kept for the next one. */
const SPARE_BYTES = 4 * 1024 * 1024;
/** Replies beyond this are sent before the batch goes on. */
const OUTPUT_LIMIT = 256 * 1024;
/** Instead of it, where replies are not sent; an integer as it is. */
const NO_LIMIT = 2 ** 31 - 1;
const NOTHING = new Uint8Array(0);

export class Executor {
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #services: Services;
  readonly #stages: Stages;
  readonly #dispatcher: Dispatcher;
  readonly #output = new OutputBuffer();
  readonly #respWriter = new RespWriter(this.#output);
  /** The writer of the run that executes. */
  #writer: ReplyWriter = this.#respWriter;
  readonly #frames: FrameRunner;
  /** Runs blocked commands again, in the middle of a batch. */
  readonly #asideDispatcher: Dispatcher;
  /** Takes the replies outside of any batch. */
  readonly #aside = new AsideReplies();
  readonly #staging = makeRegion(STAGING_BYTES);
  readonly #batch = new GrowableBatch();
  readonly #decoder: RespDecoder;
  readonly #binaryDecoder: BinaryDecoder;
  readonly #runs: Run[] = [];
  readonly #largeRun = new Run();
  readonly #log: Log;
  #runCount = 0;
  #stagedEnd = 0;
  #isExecuting = false;
  /** Sessions that got something to do while a batch was running. */
  #postponed: Session[] = [];
  /** Memory of the last large input, for the next one: pipelines of large values come in rows. */
  #spareRegion: Region | undefined;
  /** Of the messages that answer nothing. */
  readonly delivery: PushDelivery;
  /** Called before messages are delivered: whoever collected what changed makes messages of it. */
  beforeDelivery: () => void = () => {};
  /** `delivery.addedCount` before the command that runs. */
  #addedBefore = 0;
  readonly #pause: Pause;

  constructor(engine: Engine, registry: CommandRegistry, services: Services, log: Log) {
    this.#engine = engine;
    this.#registry = registry;
    this.#services = services;
    this.#stages = new Stages(registry, engine.keyspace, engine.hotKeys);
    this.#dispatcher = new Dispatcher(engine, registry, services);
    this.#asideDispatcher = new Dispatcher(engine, registry, services);
    this.#decoder = new RespDecoder(engine.settings);
    this.#pause = new Pause(engine, registry, services);
    this.#binaryDecoder = new BinaryDecoder(engine.settings);
    this.#frames = this.#createFrameRunner();
    this.delivery = new PushDelivery(engine);
    this.#log = log;
    this.#batch.input = this.#staging;
    engine.bufferBytes += STAGING_BYTES;
  }

  #createFrameRunner(): FrameRunner {
    const greeter = new Greeter(this.#registry);
    return new FrameRunner(this.#output, {
      atomicFrames: new AtomicFrames(this.#engine, this.#registry, this.#services),
      runCommands: (run, from, to) => this.#executeCommands(run, from, to),
      queue: (session, c, reply) => {
        session.totalCommands++;
        session.lastCommandId = Math.max(this.#stages.ids[c], -1);
        this.#dispatcher.execute(c, this.#stages, reply);
      },
      holdsBack: (session, c) => this.#holdsBack(session, c),
      settle: (run, next) => {
        this.#dispatcher.refreshDatabase();
        this.#settle(run, next);
      },
      greet: (session, reply) =>
        greeter.greet(session, (command) => {
          this.rerunInto(session, command, reply);
        }),
      failed: (session, error, position, writer) => {
        this.#failed(session, error, position, writer);
      },
    });
  }

  /** Takes a chunk of a session's input; it is run by the next `flush`, or earlier. */
  receive(session: Session, chunk: Uint8Array): void {
    if (session.hasRun && !this.#isExecuting) this.flush();
    if (session.isHeld || this.#isExecuting) {
      session.keep(chunk, 0, chunk.length);
      if (!session.isHeld) this.#postponed.push(session);
      return;
    }
    const total = session.kept.length + chunk.length;
    if (session.large !== undefined || total > STAGED_LIMIT) {
      this.#receiveLarge(session, chunk);
      return;
    }
    if (this.#stagedEnd + total > STAGING_BYTES) this.flush();
    const start = this.#stagedEnd;
    const bytes = this.#staging.bytes;
    let end = start;
    if (session.kept.length > 0) {
      const kept = session.takeKept();
      bytes.set(kept, start);
      end += kept.length;
    }
    bytes.set(chunk, end);
    end += chunk.length;
    this.#stagedEnd = end;
    this.#addRun(session, start, end);
  }

  #addRun(session: Session, start: number, end: number): void {
    const run = this.#runs[this.#runCount] ?? (this.#runs[this.#runCount] = new Run());
    this.#runCount++;
    session.hasRun = true;
    run.session = session;
    run.start = start;
    run.end = end;
    this.#decode(run, this.#batch, undefined);
  }

  /** Decodes a run's input from its start on. @param large where the input is, if not in staging */
  #decode(run: Run, batch: CommandBatch, large: LargeInput | undefined): void {
    const { session } = run;
    const isAllowed = isSignedIn(session);
    run.firstCommand = batch.commandCount;
    run.protocolError = "";
    run.hasMore = false;
    if (session.binary === undefined) {
      decodeLines(run, batch, this.#decoder, large, isAllowed);
    } else {
      decodeFrames(run, batch, large?.binaryDecoder ?? this.#binaryDecoder, isAllowed);
    }
  }

  #receiveLarge(session: Session, chunk: Uint8Array): void {
    this.flush();
    if (session.isHeld) return session.keep(chunk, 0, chunk.length);
    const before = session.large?.capacity ?? 0;
    const large = session.large ?? (session.large = this.#createLarge());
    if (session.kept.length > 0) large.append(session.takeKept());
    large.append(chunk);
    this.#engine.bufferBytes += large.capacity - before;
    const run = this.#largeRun;
    run.session = session;
    run.start = 0;
    run.end = large.length;
    this.#decode(run, large.batch, large);
    if (run.decodedEnd === 0 && run.protocolError === "") {
      session.lastActiveAtMs = this.#engine.nowMs;
      return session.checkQueryBuffer();
    }
    session.large = undefined;
    this.#engine.bufferBytes -= large.capacity;
    this.#execute(large.batch, [run], 1);
    if (large.capacity <= SPARE_BYTES) this.#spareRegion = large.region;
    else this.#engine.droppedBufferBytes += large.capacity;
    this.#resumePostponed();
  }

  #createLarge(): LargeInput {
    const region = this.#spareRegion;
    this.#spareRegion = undefined;
    return new LargeInput(this.#engine.settings, region);
  }

  /** Runs what was received. */
  flush(): void {
    if (this.#isExecuting) return;
    while (this.#runCount > 0) {
      const count = this.#runCount;
      this.#execute(this.#batch, this.#runs, count);
      this.#runCount = 0;
      this.#stagedEnd = 0;
      this.#batch.clear();
      this.#binaryDecoder.frames.clear();
      this.#resumePostponed();
    }
  }

  #resumePostponed(): void {
    if (this.#postponed.length === 0) return;
    const sessions = this.#postponed;
    this.#postponed = [];
    for (const session of sessions) if (session.kept.length > 0) this.receive(session, NOTHING);
  }

  #execute(batch: CommandBatch, runs: readonly Run[], runCount: number): void {
    this.#isExecuting = true;
    const engine = this.#engine;
    const stages = this.#stages;
    engine.beginBatch();
    stages.begin(batch);
    for (let i = 0; i < runCount;) {
      const { session: { dbIndex }, firstCommand } = runs[i];
      while (++i < runCount && runs[i].session.dbIndex === dbIndex);
      const db = engine.keyspace.databases[dbIndex];
      stages.prepare(batch, firstCommand, runs[i - 1].endCommand, db);
    }
    let firstUnsent = 0;
    for (let i = 0; i < runCount; i++) {
      this.#executeRun(batch, runs[i]);
      if (this.#output.length > OUTPUT_LIMIT) {
        this.#sendReplies(runs, firstUnsent, i + 1);
        firstUnsent = i + 1;
      }
    }
    this.#dispatcher.leave();
    this.#sendReplies(runs, firstUnsent, runCount);
    this.#isExecuting = false;
    for (let i = 0; i < runCount; i++) {
      if (runs[i].session.isClosing) runs[i].session.afterReplies();
    }
    this.deliverPushes();
  }

  #executeRun(batch: CommandBatch, run: Run): void {
    const { session } = run;
    const isBinary = session.binary !== undefined;
    const output = this.#output;
    const writer = this.#writer = isBinary ? this.#frames.writer : this.#respWriter;
    run.outputStart = output.length;
    session.lastActiveAtMs = this.#engine.nowMs;
    writer.version = session.protocolVersion;
    this.#dispatcher.enter(session, batch);
    if (session.hasPushes) this.#writePushes(session, run.firstCommand);
    this.#addedBefore = this.delivery.addedCount;
    const rest = isBinary ? this.#frames.run(run, batch) : this.#executeLines(batch, run);
    // Whoever serves it sends its reply at once, so those before it must be out.
    if (session.isBlocked) this.#sendRun(run, run.endCommand);
    if (run.protocolError !== "" && rest === undefined && !session.isHeld) this.#tellMalformed(run);
    session.hasRun = false;
    if (session.isClosing) return;
    if (rest !== undefined) session.setKept(rest);
    else if (run.decodedEnd < run.end) {
      restoreLines(batch, run.decodedEnd, run.end);
      session.setKept(batch.input.bytes.slice(run.decodedEnd, run.end));
    } else return;
    if (run.hasMore) this.#postponed.push(session);
    session.checkQueryBuffer();
  }

  /** Runs the commands of a run in RESP. @returns what of the input has not run, undefined if all has */
  #executeLines(batch: CommandBatch, run: Run): Uint8Array | undefined {
    const stopped = this.#executeCommands(run, run.firstCommand, run.endCommand);
    if (stopped === run.endCommand) return undefined;
    const consumed = stopped === run.firstCommand ? run.start : batch.frameEnds[stopped - 1];
    restoreLines(batch, consumed, run.end);
    return batch.input.bytes.slice(consumed, run.end);
  }

  #tellMalformed({ session, failedId, protocolError }: Run): void {
    const writer = this.#writer;
    if (session.binary !== undefined) {
      this.#frames.refuse(failedId, protocolError);
    } else {
      const { position } = writer;
      writer.error(protocolError);
      if (session.replyMode !== "on") writer.rewind(position);
    }
    this.#engine.stats.recordError(writer.lastError);
    session.closeAfterReply();
  }

  /** @returns the command that was not run because the session is held, or `to` */
  #executeCommands(run: Run, from: number, to: number): number {
    const { session } = run;
    const isBinary = session.binary !== undefined;
    const output = this.#output;
    const writer = this.#writer;
    const stages = this.#stages;
    const dispatcher = this.#dispatcher;
    const pause = this.#pause;
    const { blocking } = this.#engine;
    for (let c = from; c < to; c++) {
      if (session.isHeld || (pause.untilMs !== 0 && this.#holdsBack(session, c))) return c;
      if (isBinary || (session.replyMode === "on" && stages.isRow(c, to))) {
        const next = this.#executeRow(run, c, to);
        if (next > c) {
          c = next - 1;
          continue;
        }
      }
      const before = output.length;
      session.totalCommands++;
      session.lastCommandId = Math.max(stages.ids[c], -1);
      try {
        dispatcher.execute(c, stages, writer);
      } catch (error) {
        this.#failed(session, error, before);
      }
      if (isBinary && output.length === before) this.#frames.unanswered(session, c);
      this.#afterCommand(session, before);
      if (
        this.delivery.hasWork || blocking.hasReady ||
        output.length - run.outputStart > OUTPUT_LIMIT
      ) this.#settle(run, c + 1);
    }
    return to;
  }

  /** Runs commands in a row that are the same. @returns the next one, `c` if it is to be run by itself */
  #executeRow(run: Run, c: number, to: number): number {
    const { session } = run;
    const stages = this.#stages;
    const dispatcher = this.#dispatcher;
    const id = stages.ids[c];
    if (this.#pause.untilMs !== 0 || id < 0) return c;
    let next = c;
    session.lastCommandId = id;
    try {
      const limit = run.outputStart + OUTPUT_LIMIT;
      next = dispatcher.executeRow(c, to, stages, this.#writer, limit, this.delivery);
      if (next === c) return c;
    } catch (error) {
      this.#failed(session, error, dispatcher.lastPosition);
      next = dispatcher.lastOfRow(c) + 1;
    }
    session.totalCommands += next - c;
    if (session.binary !== undefined && this.#output.length === dispatcher.lastPosition) {
      this.#frames.unanswered(session, next - 1);
    }
    dispatcher.refreshDatabase();
    this.#settle(run, next);
    return next;
  }

  /** After a command: messages that wait, commands that can be served, much output. */
  #settle(run: Run, next: number): void {
    const { session } = run;
    if (this.delivery.hasWork) this.#afterPushes(session, next);
    if (this.#engine.blocking.hasReady) {
      if (session.isBlocked) this.#sendRun(run, next);
      this.#serveReady(session);
    }
    if (this.#output.length - run.outputStart > OUTPUT_LIMIT) this.#sendRun(run, next);
  }

  /** Sends the replies so far of the run that executes. @param next its first command not answered */
  #sendRun(run: Run, next: number): void {
    const output = this.#output;
    const isOpen = run.session.binary !== undefined && this.#frames.interrupt(next);
    run.session.send(output.bytes, run.outputStart, output.length);
    output.length = run.outputStart;
    if (isOpen) this.#frames.resume(next);
  }

  /** Follows what a command changed about its session. */
  #afterCommand(session: Session, outputLength: number): void {
    if (session.replyMode !== "on") {
      // SKIP hides its own reply, which it does not have, and the next one.
      if (!this.#hasSilenced(session)) this.#output.length = outputLength;
      if (session.replyMode === "skip") session.replyMode = "on";
      else if (session.replyMode === "skip-next") session.replyMode = "skip";
    }
    if (session.protocolVersion !== this.#writer.version) {
      this.#writer.version = session.protocolVersion;
    }
    this.#dispatcher.refreshDatabase();
  }

  /** Whether an EXEC just ran that switched replies off: it took its own care of those. */
  #hasSilenced(session: Session): boolean {
    const isExec = this.#registry.runs[session.lastCommandId] === EXEC.run;
    return isExec && this.#services.transactions.hasSilenced;
  }

  /** A mistake of ours, not of the client: its connection ends, everything else goes on. */
  #failed(
    session: SessionPort,
    error: unknown,
    position: number,
    writer: ReplyWriter = this.#writer,
  ): void {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    const message = `Internal error in '${session.lastCommand}': ${stack}`;
    this.#log(message, "warning", logFields(session));
    this.#engine.stats.unexpectedErrors++;
    writer.rewind(position);
    writer.error(`ERR internal error in '${session.lastCommand}'`);
    session.closeAfterReply();
  }

  /** Sends the replies of the runs `from` to `to`, which fill the output buffer. */
  #sendReplies(runs: readonly Run[], from: number, to: number): void {
    const output = this.#output;
    for (let i = from; i < to; i++) {
      const end = i + 1 < to ? runs[i + 1].outputStart : output.length;
      runs[i].session.send(output.bytes, runs[i].outputStart, end);
    }
    output.reset();
  }

  /** Runs what a session kept while it was held. */
  continue(session: Session): void {
    if (session.kept.length === 0) return;
    this.receive(session, NOTHING);
    this.flush();
  }

  /** Writes a reply outside of any batch. */
  replyTo(session: Session, write: (reply: ReplyWriter) => void): void {
    this.delivery.sendTo(session);
    write(this.#aside.begin(session));
    this.sendAside(session);
  }

  /** Sends what `rerun` wrote. */
  sendAside(session: Session): void {
    this.#aside.send(session);
  }

  // Messages that answer nothing

  /** A session got its first message that waits. */
  pushed(session: Session): void {
    this.delivery.add(session);
    if (!this.#isExecuting) this.delivery.schedule();
  }

  /** Sends what waits for the sessions; to be called after whatever may have sent messages. */
  deliverPushes(): void {
    if (this.#isExecuting) return;
    this.#isExecuting = true;
    this.beforeDelivery();
    this.#isExecuting = false;
    if (this.delivery.hasWork) this.delivery.deliver();
  }

  /** Puts a session's messages behind its replies so far, while it executes. */
  #writePushes(session: Session, next: number): void {
    const output = this.#output;
    const isOpen = session.binary !== undefined && this.#frames.interrupt(next);
    const bytes = this.delivery.take(session.pushes!);
    output.ensure(bytes.length);
    output.bytes.set(bytes, output.length);
    output.length += bytes.length;
    if (isOpen) this.#frames.resume(next);
  }

  /** After a command, while messages wait: whoever makes too many of them waits, too. */
  #afterPushes(session: Session, next: number): void {
    if (session.hasPushes) this.#writePushes(session, next);
    const { addedCount, isBehind } = this.delivery;
    if (isBehind && addedCount !== this.#addedBefore && !session.waitsForDelivery) {
      session.waitsForDelivery = true;
      this.delivery.hold(session);
    }
    this.#addedBefore = addedCount;
  }

  // Blocked commands

  /** Serves those who wait for keys that are ready, between two batches. */
  serveReady(): void {
    if (this.#isExecuting || !this.#engine.blocking.hasReady) return;
    this.#isExecuting = true;
    this.#engine.blocking.serveReady();
    this.#isExecuting = false;
    this.deliverPushes();
    this.#resumePostponed();
    this.flush();
  }

  /** The same between two commands of a session's. */
  #serveReady(session: SessionPort): void {
    this.#engine.blocking.serveReady();
    const { keyspace } = this.#engine;
    keyspace.isTouching = !session.noTouch;
    keyspace.changes.clientId = session.id;
  }

  /** Runs a blocked command again. @returns whether there is a reply, for `sendAside`, or it waits on */
  rerun(session: Session, command: BlockedCommand): boolean {
    this.delivery.sendTo(session);
    return this.rerunInto(session, command, this.#aside.begin(session));
  }

  /** As `rerun`, with the reply written to `writer`. */
  rerunInto(session: SessionPort, command: RunAgain, writer: ReplyWriter): boolean {
    const { position } = writer;
    command.waitsOn = false;
    this.#asideDispatcher.enter(session, command.batch);
    try {
      this.#asideDispatcher.rerun(command.commandId, writer);
    } catch (error) {
      this.#failed(session, error, position, writer);
    }
    return !command.waitsOn;
  }

  /**
   * Runs a batch without a connection: its replies go to `reply`.
   * @param batch its input must be padded as CommandBatch says
   * @param from the first command to run
   * @returns the first command that was not run since the session is held, or the number of commands
   */
  executeLocal(batch: CommandBatch, session: LocalSession, reply: ReplyWriter, from = 0): number {
    if (this.#isExecuting) throw new TypeError("a batch may not be run from within a batch");
    const stages = this.#stages;
    const dispatcher = this.#dispatcher;
    const to = batch.commandCount;
    let c = from;
    this.#isExecuting = true;
    try {
      this.#engine.beginBatch();
      stages.begin(batch);
      stages.prepare(batch, from, to, this.#engine.keyspace.databases[session.dbIndex]);
      dispatcher.enter(session, batch);
      for (; c < to && !session.isHeld; c++) {
        session.lastCommandId = Math.max(stages.ids[c], -1);
        const next = stages.isRow(c, to)
          ? dispatcher.executeRow(c, to, stages, reply, NO_LIMIT, this.delivery)
          : c;
        if (next > c) c = next - 1;
        else dispatcher.execute(c, stages, reply);
        dispatcher.refreshDatabase();
        if (this.#engine.blocking.hasReady) this.#serveReady(session);
      }
    } finally {
      dispatcher.leave();
      this.#isExecuting = false;
    }
    this.deliverPushes();
    if (this.#postponed.length > 0) {
      this.#resumePostponed();
      this.flush();
    }
    return c;
  }

  // CLIENT PAUSE

  pause(untilMs: number, mode: "write" | "all"): void {
    this.#pause.begin(untilMs, mode);
  }

  unpause(): void {
    this.#pause.untilMs = 0;
  }

  #holdsBack(session: Session, c: number): boolean {
    return this.#pause.untilMs !== 0 && this.#pause.holdsBack(session, this.#stages.ids[c]);
  }
}

function isSignedIn(session: Session): boolean {
  return (session.guards & GUARD_SIGN_IN) === 0;
}
