/** A command that waits for keys: its session and its own copy of its arguments, to be run again. */
import { makeRegion } from "../bytes/region.ts";
import type { BlockedClient } from "../engine/blocking.ts";
import type { Database } from "../engine/keyspace.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { KeyWait } from "../ports/session_port.ts";
import type { Region } from "../ports/region.ts";

/** A command with a batch of its own, which is run apart from all others. */
export interface RunAgain {
  readonly batch: CommandBatch;
  readonly commandId: number;
  /** Set when it was run and has to wait, or to wait on. */
  waitsOn: boolean;
}

export class BlockedCommand implements BlockedClient, RunAgain {
  readonly db: Database;
  readonly type: number;
  readonly wakesWithoutKey: boolean;
  readonly batch: SingleCommand;
  readonly keys: readonly number[];
  readonly deadlineMs: number;
  readonly commandId: number;
  /** Set when it was run again and has to wait on. */
  waitsOn = false;
  readonly #owner: BlockedOwner;

  /** @param first index in the batch's argument arrays of the command's name */
  constructor(
    owner: BlockedOwner,
    commandId: number,
    db: Database,
    batch: CommandBatch,
    first: number,
    argc: number,
    wait: KeyWait,
  ) {
    this.#owner = owner;
    this.commandId = commandId;
    this.db = db;
    this.type = wait.type;
    this.wakesWithoutKey = wait.wakesWithoutKey ?? false;
    this.batch = new SingleCommand(batch, first, argc, wait.replacements);
    this.keys = wait.keys;
    this.deadlineMs = wait.deadlineMs;
  }

  serve(): boolean {
    return this.#owner.serve(this);
  }

  timedOut(): void {
    this.#owner.timedOut();
  }
}

/** The session that is blocked. */
export interface BlockedOwner {
  /** @returns whether the command was answered */
  serve(command: BlockedCommand): boolean;
  timedOut(): void;
}

/** A batch of one command with memory of its own. */
class SingleCommand implements CommandBatch {
  input: Region;
  commandCount = 1;
  argCount: number;
  firstArgs: Int32Array;
  frameEnds: Int32Array;
  argOffsets: Int32Array;
  argLengths: Int32Array;
  argHashes: Int32Array;
  readonly rewrittenLines: { readonly offset: number; readonly bytes: Uint8Array }[] = [];

  /** @param replacements other arguments than those of `source`, by position */
  constructor(
    source: CommandBatch,
    first: number,
    argc: number,
    replacements: ReadonlyMap<number, Uint8Array> = new Map(),
  ) {
    this.argCount = argc;
    this.firstArgs = Int32Array.of(0, argc);
    this.argOffsets = new Int32Array(argc);
    this.argLengths = new Int32Array(argc);
    this.argHashes = source.argHashes.slice(first, first + argc);
    let size = 0;
    for (let i = 0; i < argc; i++) {
      this.argOffsets[i] = size;
      this.argLengths[i] = replacements.get(i)?.length ?? source.argLengths[first + i];
      size += this.argLengths[i];
    }
    this.frameEnds = Int32Array.of(size);
    this.input = makeRegion(size);
    for (let i = 0; i < argc; i++) {
      const offset = source.argOffsets[first + i];
      const bytes = replacements.get(i) ??
        source.input.bytes.subarray(offset, offset + this.argLengths[i]);
      this.input.bytes.set(bytes, this.argOffsets[i]);
    }
  }

  /** In bytes. */
  get size(): number {
    return this.input.bytes.length + 12 * this.argCount;
  }

  reserveArgs(): void {
    throw new TypeError("a single command does not grow");
  }

  reserveCommands(): void {
    throw new TypeError("a single command does not grow");
  }
}
