/**
 * The table of all commands: their specs by id, and the same facts in typed arrays for dispatch.
 *
 * An id is a small whole number, given in the order of the families; the subcommands of a command
 * come right behind it. A name is found through one open-addressed table of ids, keyed by a hash of
 * the case-folded bytes and, for a subcommand, of its parent; what is found is verified against the
 * stored name.
 *
 *   slots   [ -1 | 17 | -1 | 3 | … ]    a power of two, at most a quarter full; -1 = free
 *                    |
 *                    v
 *   ids      17:  parent -1   nameStarts[17] → "get" in names
 *            42:  parent 41   nameStarts[42] → "list" in names, a subcommand of 41
 *
 * Cost: a lookup reads each byte of the name twice and, mostly, one slot; it allocates nothing.
 */
import type { Call } from "./call.ts";
import type { CommandEntry, CommandFlag, CommandSpec, CommandTable, RowHandler } from "./spec.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";

export const FLAG_WRITE = 1 << 0;
export const FLAG_READONLY = 1 << 1;
export const FLAG_DENYOOM = 1 << 2;
export const FLAG_ADMIN = 1 << 3;
export const FLAG_PUBSUB = 1 << 4;
export const FLAG_NOSCRIPT = 1 << 5;
export const FLAG_BLOCKING = 1 << 6;
export const FLAG_LOADING = 1 << 7;
export const FLAG_STALE = 1 << 8;
export const FLAG_SKIP_MONITOR = 1 << 9;
export const FLAG_SKIP_SLOWLOG = 1 << 10;
export const FLAG_FAST = 1 << 11;
export const FLAG_NO_AUTH = 1 << 12;
export const FLAG_MOVABLEKEYS = 1 << 13;
export const FLAG_NO_MULTI = 1 << 14;
export const FLAG_NO_ASYNC_LOADING = 1 << 15;
export const FLAG_ALLOW_BUSY = 1 << 16;
/** The command has subcommands; not among the flags of a spec. */
export const FLAG_CONTAINER = 1 << 17;
/** The key positions come from the spec's `findKeys`; not among the flags of a spec. */
export const FLAG_FINDS_KEYS = 1 << 18;
/** Other servers may be told of it, so CLIENT PAUSE WRITE holds it back as if it wrote. */
export const FLAG_MAY_REPLICATE = 1 << 19;

const FLAG_BITS: Readonly<Record<CommandFlag, number>> = {
  write: FLAG_WRITE,
  readonly: FLAG_READONLY,
  denyoom: FLAG_DENYOOM,
  admin: FLAG_ADMIN,
  pubsub: FLAG_PUBSUB,
  noscript: FLAG_NOSCRIPT,
  blocking: FLAG_BLOCKING,
  loading: FLAG_LOADING,
  stale: FLAG_STALE,
  skip_monitor: FLAG_SKIP_MONITOR,
  skip_slowlog: FLAG_SKIP_SLOWLOG,
  fast: FLAG_FAST,
  no_auth: FLAG_NO_AUTH,
  movablekeys: FLAG_MOVABLEKEYS,
  no_multi: FLAG_NO_MULTI,
  no_async_loading: FLAG_NO_ASYNC_LOADING,
  allow_busy: FLAG_ALLOW_BUSY,
};

/** What `findId` and `findSubcommandId` return for a name that nobody has. */
export const UNKNOWN_COMMAND = -1;

/** Handler of a command. */
export type CommandHandler = (call: Call, reply: ReplyWriter) => void;

/** Finder of the keys of a command whose key positions depend on its arguments. */
export type KeyFinder = (
  batch: CommandBatch,
  first: number,
  argc: number,
  found: (position: number) => void,
) => void;

/** A handful of names would fit into fewer slots; sparse ones make the first probe hit. */
const SLOTS_PER_COMMAND = 4;
const NO_PARENT = -1;
const FREE_SLOT = -1;
const NAME_PATTERN = /^[a-z0-9_-]+$/;

const encoder = new TextEncoder();

/** Mutable while the tree of entries is being built. */
interface DraftEntry extends CommandEntry {
  subcommands: DraftEntry[];
}

/** All commands of a server, laid out for dispatch; every array is indexed by command id. */
export class CommandRegistry implements CommandTable {
  readonly commands: readonly CommandEntry[];
  readonly entries: readonly CommandEntry[];
  /** "client|list" for a subcommand, else the name. */
  readonly fullNames: readonly string[];
  /** Number of arguments with the name, subcommand words included; negative = at least so many. */
  readonly arity: Int16Array;
  /** Position of the first key, the name being 0; 0 = no keys, or keys that `findKeys` finds. */
  readonly firstKey: Int16Array;
  /** Position of the last key; negative = counted from the end, -1 being the last argument. */
  readonly lastKey: Int16Array;
  /** Distance between keys; 0 = no keys. */
  readonly keyStep: Int16Array;
  /** As `firstKey`, `lastKey` and `keyStep`, of what is looked up inside of the first key's value. */
  readonly firstMember: Int16Array;
  readonly lastMember: Int16Array;
  readonly memberStep: Int16Array;
  /** 1 where before each of them stands its score. */
  readonly hasScores: Uint8Array;
  /** The `FLAG_…` bits. */
  readonly flags: Int32Array;
  /** 1 where a run with few bytes of arguments is certainly short, but for the writing of its reply. */
  readonly isShort: Uint8Array;
  /** 1 where the name says which command it is: it has no subcommands, and is none. */
  readonly isNamedAlone: Uint8Array;
  /** Undefined for a command that only has subcommands. */
  readonly runs: readonly (CommandHandler | undefined)[];
  /** Of the commands that have one. */
  readonly rowRuns: readonly (RowHandler | undefined)[];
  readonly keyFinders: readonly (KeyFinder | undefined)[];

  /** By the names that they go by. */
  readonly #byName: ReadonlyMap<string, CommandEntry>;
  readonly #slots: Int32Array;
  readonly #parents: Int16Array;
  readonly #names: Uint8Array;
  readonly #nameStarts: Int32Array;
  readonly #longestName: number;

  /**
   * @param renames commands that go by another name, "" = by none
   * @throws TypeError when two commands share a name, or a spec contradicts itself; RangeError when a
   * command that gets another name is not there, or one of that name is
   */
  constructor(
    families: readonly (readonly CommandSpec[])[],
    renames: readonly (readonly [name: string, newName: string])[] = [],
  ) {
    const entries = buildEntries(families);
    const count = entries.length;
    const fullNames = new Set<string>();
    for (const entry of entries) {
      checkSpec(entry);
      if (fullNames.has(entry.fullName)) {
        throw new TypeError(`command '${entry.fullName}' is defined twice`);
      }
      fullNames.add(entry.fullName);
    }
    this.entries = entries;
    this.#byName = nameEntries(entries, renames);
    const reachable = new Set(this.#byName.values());
    this.commands = entries.filter((entry) => entry.parent === undefined && reachable.has(entry));
    this.fullNames = entries.map((entry) => entry.fullName);
    this.arity = Int16Array.from(entries, (entry) => entry.spec.arity);
    this.firstKey = Int16Array.from(entries, ({ spec }) => {
      return spec.findKeys === undefined ? spec.keys?.[0] ?? 0 : 0;
    });
    this.lastKey = Int16Array.from(entries, (entry) => entry.spec.keys?.[1] ?? 0);
    this.keyStep = Int16Array.from(entries, (entry) => entry.spec.keys?.[2] ?? 0);
    this.firstMember = Int16Array.from(entries, (entry) => entry.spec.members?.[0] ?? 0);
    this.lastMember = Int16Array.from(entries, (entry) => entry.spec.members?.[1] ?? 0);
    this.memberStep = Int16Array.from(entries, (entry) => entry.spec.members?.[2] ?? 0);
    this.hasScores = Uint8Array.from(entries, ({ spec }) => spec.hasScores === true ? 1 : 0);
    this.flags = Int32Array.from(entries, (entry) => flagBits(entry.spec));
    this.isShort = Uint8Array.from(entries, ({ spec }) => {
      return spec.isShort === true || spec.flags.includes("fast") ? 1 : 0;
    });
    this.isNamedAlone = Uint8Array.from(entries, ({ parent, subcommands }) => {
      return parent === undefined && subcommands.length === 0 ? 1 : 0;
    });
    this.runs = entries.map((entry) => entry.spec.run);
    this.rowRuns = entries.map((entry) => entry.spec.runRow);
    this.keyFinders = entries.map((entry) => entry.spec.findKeys);

    this.#parents = Int16Array.from(entries, (entry) => entry.parent?.id ?? NO_PARENT);
    this.#nameStarts = new Int32Array(count + 1);
    const names = entries.map(() => "");
    for (const [name, { id, spec, parent }] of this.#byName) {
      names[id] = parent === undefined ? name : spec.name;
    }
    this.#names = encoder.encode(names.join(""));
    let longest = 0;
    for (let id = 0; id < count; id += 1) {
      const { length } = encoder.encode(names[id]);
      this.#nameStarts[id + 1] = this.#nameStarts[id] + length;
      longest = Math.max(longest, length);
    }
    this.#longestName = longest;
    this.#slots = this.#fillSlots(count);
  }

  find(name: string): CommandEntry | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** @returns the id of the command whose name these bytes are, in any case; -1 = unknown */
  findId(bytes: Uint8Array, offset: number, length: number): number {
    return this.#lookup(NO_PARENT, bytes, offset, length);
  }

  /** @returns the id of the subcommand of `parentId` that is so named, in any case; -1 = unknown */
  findSubcommandId(parentId: number, bytes: Uint8Array, offset: number, length: number): number {
    return this.#lookup(parentId, bytes, offset, length);
  }

  #lookup(parentId: number, bytes: Uint8Array, offset: number, length: number): number {
    if (length > this.#longestName) return UNKNOWN_COMMAND;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashName(parentId, bytes, offset, length) & mask;
    for (let id = slots[slot]; id !== FREE_SLOT; id = slots[slot]) {
      if (
        this.#parents[id] === parentId &&
        isName(this.#names, this.#nameStarts[id], this.#nameStarts[id + 1], bytes, offset, length)
      ) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
    return UNKNOWN_COMMAND;
  }

  #fillSlots(count: number): Int32Array {
    let slotCount = 1;
    while (slotCount < count * SLOTS_PER_COMMAND) slotCount *= 2;
    const slots = new Int32Array(slotCount).fill(FREE_SLOT);
    for (let id = 0; id < count; id += 1) {
      const start = this.#nameStarts[id];
      const length = this.#nameStarts[id + 1] - start;
      if (length === 0) continue;
      let slot = hashName(this.#parents[id], this.#names, start, length) & (slotCount - 1);
      while (slots[slot] !== FREE_SLOT) slot = (slot + 1) & (slotCount - 1);
      slots[slot] = id;
    }
    return slots;
  }
}

/** Finds out which names commands go by: their own, unless they are given others. */
function nameEntries(
  entries: readonly CommandEntry[],
  renames: readonly (readonly [name: string, newName: string])[],
): ReadonlyMap<string, CommandEntry> {
  const byName = new Map<string, CommandEntry>();
  for (const entry of entries) if (entry.parent === undefined) byName.set(entry.fullName, entry);
  for (const [name, newName] of renames) {
    const entry = byName.get(name.toLowerCase());
    if (entry === undefined) throw new RangeError("No such command in rename-command");
    byName.delete(name.toLowerCase());
    if (newName === "") continue;
    if (byName.has(newName.toLowerCase())) {
      throw new RangeError("Target command name already exists");
    }
    byName.set(newName.toLowerCase(), entry);
  }
  for (const [name, { subcommands }] of [...byName]) {
    for (const subcommand of subcommands) byName.set(`${name}|${subcommand.spec.name}`, subcommand);
  }
  return byName;
}

/**
 * Makes the table of all commands of all families.
 * @throws TypeError when two commands share a name, or a spec contradicts itself
 */
export function createCommandTable(
  families: readonly (readonly CommandSpec[])[],
  renames: readonly (readonly [name: string, newName: string])[] = [],
): CommandRegistry {
  return new CommandRegistry(families, renames);
}

/** FNV-1a over the bytes with bit 5 set, which folds the case of letters. */
function hashName(parentId: number, bytes: Uint8Array, offset: number, length: number): number {
  let hash = 0x811c9dc5 ^ parentId;
  const end = offset + length;
  for (let i = offset; i < end; i += 1) {
    hash = Math.imul(hash ^ (bytes[i] | 0x20), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/** Whether `bytes[offset..]` is `names[start..end)`, which is in lower case. */
function isName(
  names: Uint8Array,
  start: number,
  end: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (end - start !== length) return false;
  for (let i = 0; i < length; i += 1) {
    let byte = bytes[offset + i];
    if (byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
    if (byte !== names[start + i]) return false;
  }
  return true;
}

function buildEntries(families: readonly (readonly CommandSpec[])[]): CommandEntry[] {
  const entries: DraftEntry[] = [];
  const add = (spec: CommandSpec, parent: DraftEntry | undefined): void => {
    const fullName = parent === undefined ? spec.name : `${parent.fullName}|${spec.name}`;
    const entry: DraftEntry = { id: entries.length, spec, fullName, parent, subcommands: [] };
    entries.push(entry);
    parent?.subcommands.push(entry);
    for (const subcommand of spec.subcommands ?? []) add(subcommand, entry);
  };
  for (const family of families) {
    for (const spec of family) add(spec, undefined);
  }
  return entries;
}

function checkSpec(entry: CommandEntry): void {
  const { spec, fullName } = entry;
  const fail = (what: string): never => {
    throw new TypeError(`command '${fullName}': ${what}`);
  };
  if (!NAME_PATTERN.test(spec.name)) fail("the name is not in lower case");
  if (spec.arity === 0) fail("the arity is 0");
  if (spec.run === undefined && (spec.subcommands ?? []).length === 0) {
    fail("there is neither a handler nor a subcommand");
  }
  if (spec.keys !== undefined && (spec.keys[0] < 1 || spec.keys[2] < 1)) {
    fail("the key positions are not ascending from 1");
  }
  if (new Set(spec.flags).size !== spec.flags.length) fail("a flag is named twice");
}

function flagBits(spec: CommandSpec): number {
  let bits = 0;
  for (const flag of spec.flags) bits |= FLAG_BITS[flag];
  if ((spec.subcommands ?? []).length > 0) bits |= FLAG_CONTAINER;
  if (spec.findKeys !== undefined) bits |= FLAG_FINDS_KEYS;
  if (spec.mayReplicate === true) bits |= FLAG_MAY_REPLICATE;
  return bits;
}
