/**
 * The stages that a batch goes through before its commands run: names to ids, keys to hashes, prefetch.
 */
import { equalBytes } from "../bytes/compare.ts";
import {
  type CommandRegistry,
  FLAG_CONTAINER,
  FLAG_FINDS_KEYS,
  UNKNOWN_COMMAND,
} from "../commands/registry.ts";
import type { Database, Keyspace } from "../engine/keyspace.ts";
import type { HotKeys } from "../engine/hot_keys.ts";
import { MAX_KEY_BYTES } from "../engine/limits.ts";
import { MemberPrefetcher } from "../engine/member_prefetcher.ts";
import { Prefetcher } from "../engine/prefetcher.ts";
import type { CommandBatch } from "../ports/command_batch.ts";

/** An id of −2 − p stands for an unknown subcommand of command p. */
const UNKNOWN_SUBCOMMAND = -2;
const INITIAL_CAPACITY = 1024;
/** Lengths of names that their first and last four bytes tell apart; of three, the fourth is masked. */
const MEMO_MIN = 3;
const MEMO_MAX = 8;
const THREE_BYTES = 0x00ffffff;

/** @returns the id of the container whose subcommand is unknown, or -1 */
export function containerOf(id: number): number {
  return id <= UNKNOWN_SUBCOMMAND ? UNKNOWN_SUBCOMMAND - id : -1;
}

export class Stages {
  /** Command ids of the batch; -1 = unknown command; see `containerOf`. */
  ids: Int32Array = new Int32Array(INITIAL_CAPACITY);
  /** The commands of the batch with a key longer than MAX_KEY_BYTES. */
  readonly longKeyCommands: Set<number> = new Set();
  /** Whether there are any. */
  hasLongKeys = false;
  /** The last name looked up, exactly as it was written; its length is 0 if it is not kept. */
  readonly #lastName = { length: 0, head: 0, tail: 0, id: UNKNOWN_COMMAND };
  readonly #registry: CommandRegistry;
  readonly #keyspace: Keyspace;
  readonly #hotKeys: HotKeys;
  #batch!: CommandBatch;
  /** The last key of the batch that was hashed. */
  readonly #lastKey = { offset: 0, length: -1, hash: 0 };
  readonly #prefetcher: Prefetcher;
  readonly #memberPrefetcher: MemberPrefetcher;

  constructor(registry: CommandRegistry, keyspace: Keyspace, hotKeys: HotKeys) {
    this.#registry = registry;
    this.#hotKeys = hotKeys;
    this.#keyspace = keyspace;
    this.#prefetcher = new Prefetcher(keyspace);
    this.#memberPrefetcher = new MemberPrefetcher(keyspace);
  }

  /** Forgets the batch before. */
  begin(batch: CommandBatch): void {
    this.#batch = batch;
    this.#lastKey.length = -1;
    this.#prefetcher.clear();
    this.#memberPrefetcher.clear();
    if (this.hasLongKeys) this.longKeyCommands.clear();
    this.hasLongKeys = false;
    if (this.ids.length < batch.commandCount) this.ids = new Int32Array(batch.commandCount * 2);
  }

  /** Finds the ids of the commands `from` to `to` and hashes their keys, which belong to `db`. */
  prepare(batch: CommandBatch, from: number, to: number, db: Database): void {
    const registry = this.#registry;
    const { firstKey, lastKey, keyStep, firstMember, flags, isNamedAlone } = registry;
    const { firstArgs, argOffsets } = batch;
    const { ids } = this;
    /** Of the command before: where its name lies, -1 if that does not say which command it is. */
    let name = -1;
    let rowArgc = 0;
    let id = UNKNOWN_COMMAND;
    for (let c = from; c < to; c++) {
      const first = firstArgs[c];
      const argc = firstArgs[c + 1] - first;
      const isInRow = name >= 0 &&
        (argOffsets[first] === name ||
          (argc === rowArgc && this.#sharesName(batch, first, name, id)));
      if (!isInRow) {
        id = this.#resolve(batch, first, argc);
        name = id >= 0 && isNamedAlone[id] === 1 ? argOffsets[first] : -1;
        rowArgc = argc;
      } else if (argc > 1 && firstKey[id] === 1 && lastKey[id] === 1) {
        c = this.#prepareRow(batch, c, to, id, argc, db) - 1;
        continue;
      }
      ids[c] = id;
      if (id < 0) continue;
      if (firstKey[id] > 0) {
        const last = lastKey[id] < 0 ? argc + lastKey[id] : Math.min(lastKey[id], argc - 1);
        for (let k = firstKey[id]; k <= last; k += keyStep[id]) {
          this.#hashKey(batch, c, first + k, db);
        }
        if (firstMember[id] > 0) this.#addMembers(c, id, first, argc, db);
      } else if ((flags[id] & FLAG_FINDS_KEYS) !== 0) {
        registry.keyFinders[id]?.(batch, first, argc, (position) => {
          this.#hashKey(batch, c, first + position, db);
        });
      }
    }
  }

  /**
   * The same for commands in a row that share the bytes of their name and have one key each, their first
   * argument. @returns the command behind the row
   */
  #prepareRow(
    batch: CommandBatch,
    from: number,
    to: number,
    id: number,
    argc: number,
    db: Database,
  ): number {
    const { firstArgs, argOffsets, argLengths, argHashes } = batch;
    const { ids } = this;
    const first = firstArgs[from];
    const name = argOffsets[first];
    let c = from;
    let arg = first;
    while (c < to && firstArgs[c] === arg) {
      if (argOffsets[arg] !== name) {
        if (firstArgs[c + 1] - arg !== argc || !this.#sharesName(batch, arg, name, id)) break;
      }
      ids[c] = id;
      const length = argLengths[arg + 1];
      if (length > MAX_KEY_BYTES) {
        this.longKeyCommands.add(c);
        this.hasLongKeys = true;
      }
      argHashes[arg + 1] = this.#hashOf(batch, argOffsets[arg + 1], length);
      arg += argc;
      c++;
    }
    const count = c - from;
    const hotKeys = this.#hotKeys;
    if (hotKeys.untilSample > count) hotKeys.untilSample -= count;
    else {
      for (let key = first + 1; key < arg; key += argc) {
        if (--hotKeys.untilSample === 0) this.#sample(batch, key, db, argHashes[key]);
      }
    }
    this.#prefetcher.addRow(from, count, db, argHashes, first + 1, argc);
    if (this.#registry.firstMember[id] > 0) {
      for (let i = 0; i < count; i++) this.#addMembers(from + i, id, first + i * argc, argc, db);
    }
    return c;
  }

  /** Whether the command behind `c`, before `to`, is the same with as many arguments, as `prepare` saw it. */
  isRow(c: number, to: number): boolean {
    const { firstArgs, argOffsets } = this.#batch;
    return c + 1 < to && argOffsets[firstArgs[c]] === argOffsets[firstArgs[c + 1]];
  }

  /** To be called before command `c` runs: prefetches its keys, and those of some that follow. */
  approach(c: number): void {
    while (c >= this.#prefetcher.nextCommand) this.#prefetcher.run();
    while (c >= this.#memberPrefetcher.nextCommand) this.#memberPrefetcher.run(this.#batch);
  }

  /**
   * How many commands from `c` on, before `to`, are the same in the sense of `isRow` and need no
   * `approach`. One without keys is alone: it may change what its session may do.
   */
  countRow(c: number, to: number): number {
    const { firstArgs, argOffsets } = this.#batch;
    const { ids } = this;
    const id = ids[c], name = argOffsets[firstArgs[c]];
    if (this.#registry.firstKey[id] === 0) return 1;
    const end = Math.min(to, this.#prefetcher.nextCommand, this.#memberPrefetcher.nextCommand);
    let next = c + 1;
    while (next < end && argOffsets[firstArgs[next]] === name && ids[next] === id) next++;
    return next - c;
  }

  #addMembers(command: number, id: number, first: number, argc: number, db: Database): void {
    const { firstKey, firstMember, lastMember, memberStep, hasScores } = this.#registry;
    const last = lastMember[id] < 0 ? argc + lastMember[id] : Math.min(lastMember[id], argc - 1);
    this.#memberPrefetcher.add(
      command,
      db,
      first + firstKey[id],
      first + firstMember[id],
      first + last,
      memberStep[id],
      hasScores[id] === 1,
    );
  }

  #resolve(batch: CommandBatch, first: number, argc: number): number {
    const registry = this.#registry;
    const bytes = batch.input.bytes;
    const id = this.#findId(batch, batch.argOffsets[first], batch.argLengths[first]);
    if (id === UNKNOWN_COMMAND || argc < 2 || (registry.flags[id] & FLAG_CONTAINER) === 0) {
      return id;
    }
    const word = first + 1;
    const sub = registry.findSubcommandId(
      id,
      bytes,
      batch.argOffsets[word],
      batch.argLengths[word],
    );
    return sub === UNKNOWN_COMMAND ? UNKNOWN_SUBCOMMAND - id : sub;
  }

  /** As the registry's; commands mostly come in rows, so the last name is compared first. */
  #findId(batch: CommandBatch, offset: number, length: number): number {
    if (this.#isLastName(batch, offset, length)) return this.#lastName.id;
    const { bytes, view } = batch.input;
    const id = this.#registry.findId(bytes, offset, length);
    const last = this.#lastName;
    last.length = 0;
    if (length < MEMO_MIN || length > MEMO_MAX) return id;
    last.length = length;
    last.head = headOf(view, offset, length);
    last.tail = tailOf(view, offset, length);
    last.id = id;
    return id;
  }

  #isLastName({ input: { view } }: CommandBatch, offset: number, length: number): boolean {
    const last = this.#lastName;
    return length === last.length && length > 0 && headOf(view, offset, length) === last.head &&
      tailOf(view, offset, length) === last.tail;
  }

  /**
   * Lets a command have the name of the one before, if it is written the same: so the dispatcher sees
   * that they are in a row. Only those with keys, which leave their session as it is.
   * @param name where that of the one before lies @param id which command it is
   */
  #sharesName(batch: CommandBatch, first: number, name: number, id: number): boolean {
    const { argOffsets, argLengths } = batch;
    if (this.#registry.firstKey[id] === 0) return false;
    if (!this.#isLastName(batch, argOffsets[first], argLengths[first])) return false;
    argOffsets[first] = name;
    return true;
  }

  /** The hash of a key; pipelines often name the same one in a row. */
  #hashOf({ input }: CommandBatch, offset: number, length: number): number {
    const last = this.#lastKey;
    if (
      length === last.length && length > 0 &&
      input.bytes[offset + length - 1] === input.bytes[last.offset + length - 1] &&
      equalBytes(input, offset, input, last.offset, length)
    ) return last.hash;
    last.offset = offset;
    last.length = length;
    last.hash = this.#keyspace.hash(input.view, offset, length);
    return last.hash;
  }

  #hashKey(batch: CommandBatch, command: number, arg: number, db: Database): void {
    const length = batch.argLengths[arg];
    if (length > MAX_KEY_BYTES) {
      this.longKeyCommands.add(command);
      this.hasLongKeys = true;
    }
    const hash = this.#hashOf(batch, batch.argOffsets[arg], length);
    batch.argHashes[arg] = hash;
    if (--this.#hotKeys.untilSample === 0) this.#sample(batch, arg, db, hash);
    this.#prefetcher.add(command, db, hash);
  }

  #sample(batch: CommandBatch, arg: number, db: Database, hash: number): void {
    const { input, argOffsets, argLengths } = batch;
    const length = Math.min(argLengths[arg], MAX_KEY_BYTES);
    const { nowMs } = this.#keyspace;
    this.#hotKeys.sample(hash, input.bytes, argOffsets[arg], length, db.index, nowMs);
  }
}

/** The first four bytes of a name, or all three. */
function headOf(view: DataView, offset: number, length: number): number {
  const head = view.getInt32(offset, true);
  return length === MEMO_MIN ? head & THREE_BYTES : head;
}

/** The last four bytes of a name that is longer. */
function tailOf(view: DataView, offset: number, length: number): number {
  return length === MEMO_MIN ? 0 : view.getInt32(offset + length - 4, true);
}
