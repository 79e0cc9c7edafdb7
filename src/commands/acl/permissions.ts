/**
 * Whether a user may run a command with its arguments: one of its selectors must allow the command,
 * all of its keys, in the way in which it uses them, and all of its channels.
 *
 * Cost: a bit test for the command; the patterns of keys only where not all keys are allowed.
 */
import { readAscii } from "../../bytes/ascii.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import { keyFlagsAt } from "../key_use.ts";
import { type CommandRegistry, FLAG_NO_AUTH } from "../registry.ts";
import type { CommandEntry, KeyFlag } from "../spec.ts";
import { coversPrefix, MAY_READ, MAY_WRITE } from "./pattern.ts";
import type { Selector } from "./selector.ts";
import { cText, lowerCase } from "./text.ts";
import type { User } from "./user.ts";

/** What a check says; where selectors differ, the highest one counts. */
export const ALLOWED = 0;
export const DENIED_COMMAND = 1;
export const DENIED_KEY = 2;
export const DENIED_CHANNEL = 3;

const NO_KEYS = 0;
const DEPENDS = -1;
/** Not keys are named, but how those begin that are removed. */
const OF_PREFIX = -2;

/** Commands that name channels: where these are, and whether they are patterns. */
const CHANNEL_COMMANDS: ReadonlyMap<string, ChannelUse> = new Map([
  ["publish", { isPattern: false, hasOne: true }],
  ["spublish", { isPattern: false, hasOne: true }],
  ["subscribe", { isPattern: false, hasOne: false }],
  ["ssubscribe", { isPattern: false, hasOne: false }],
  ["psubscribe", { isPattern: true, hasOne: false }],
]);

interface ChannelUse {
  readonly isPattern: boolean;
  /** Only argument 1 is a channel; else all are. */
  readonly hasOne: boolean;
}

export type CheckedRegistry = Pick<
  CommandRegistry,
  "entries" | "flags" | "firstKey" | "lastKey" | "keyStep" | "keyFinders"
>;

export class Permissions {
  /** Argument that is why the last check failed, the name being 0. */
  position = 0;
  readonly #registry: CheckedRegistry;
  /** By command id: what is done with every key, as MAY_… bits and one more, or one of the above. */
  readonly #keyUse: Int8Array;
  readonly #channelUse: readonly (ChannelUse | undefined)[];
  /** Positions of the keys of the command that is checked. */
  readonly #positions: number[] = [];
  /** What the last `#useOf` was of, and what it said: mostly the same comes again. */
  #lastFlags: readonly KeyFlag[] = [];
  #lastUse = 0;

  constructor(registry: CheckedRegistry) {
    this.#registry = registry;
    this.#keyUse = Int8Array.from(registry.entries, keyUseOf);
    this.#channelUse = registry.entries.map(({ fullName }) => CHANNEL_COMMANDS.get(fullName));
  }

  /** @param first index in the batch of the command's name @returns ALLOWED or DENIED_… */
  check(user: User, batch: CommandBatch, first: number, id: number, argc: number): number {
    const { selectors } = user;
    if (selectors.length === 1) {
      this.position = 0;
      return this.#checkSelector(selectors[0], batch, first, id, argc);
    }
    let denial = ALLOWED;
    let position = 0;
    this.position = 0;
    for (let i = 0; i < selectors.length; i++) {
      const result = this.#checkSelector(selectors[i], batch, first, id, argc);
      if (result === ALLOWED) return ALLOWED;
      if (result > denial || (result === denial && this.position > position)) {
        denial = result;
        position = this.position;
      }
    }
    this.position = position;
    return denial;
  }

  /** Whether a selector that allows the command allows all keys, too. @param permissions MAY_… bits */
  mayUseEveryKey(
    user: User,
    batch: CommandBatch,
    first: number,
    id: number,
    argc: number,
    permissions: number,
  ): boolean {
    return user.selectors.some((selector) =>
      selector.allowsEveryKey(permissions) &&
      this.#checkSelector(selector, batch, first, id, argc) === ALLOWED
    );
  }

  #checkSelector(
    selector: Selector,
    batch: CommandBatch,
    first: number,
    id: number,
    argc: number,
  ): number {
    if (!selector.allows(id) && !this.#allowsSome(selector, batch, first, id, argc)) {
      return DENIED_COMMAND;
    }
    if (!selector.allKeys) {
      const use = this.#keyUse[id];
      if (use > 0) {
        if (!this.#checkKeys(selector, batch, first, id, argc, use >> 1)) return DENIED_KEY;
      } else if (use === OF_PREFIX) {
        if (!this.#checkPrefix(selector, batch, first, id)) return DENIED_KEY;
      } else if (use === DEPENDS && !this.#checkEachKey(selector, batch, first, id, argc)) {
        return DENIED_KEY;
      }
    }
    const channels = this.#channelUse[id];
    if (channels === undefined || selector.allChannels) return ALLOWED;
    const end = channels.hasOne ? 2 : argc;
    for (let i = 1; i < end; i++) {
      const offset = batch.argOffsets[first + i];
      const length = batch.argLengths[first + i];
      if (!selector.allowsChannel(batch.input.bytes, offset, length, channels.isPattern)) {
        this.position = i;
        return DENIED_CHANNEL;
      }
    }
    return ALLOWED;
  }

  /** A pattern must allow every key that begins so to be removed. */
  #checkPrefix(selector: Selector, batch: CommandBatch, first: number, id: number): boolean {
    this.position = this.#registry.entries[id].spec.removedPrefix!;
    const arg = first + this.position;
    const { bytes } = batch.input;
    return selector.keys.some((key) =>
      (key.permissions & MAY_WRITE) !== 0 &&
      coversPrefix(key, bytes, batch.argOffsets[arg], batch.argLengths[arg])
    );
  }

  /** A command that is denied otherwise. */
  #allowsSome(
    selector: Selector,
    batch: CommandBatch,
    first: number,
    id: number,
    argc: number,
  ): boolean {
    if ((this.#registry.flags[id] & FLAG_NO_AUTH) !== 0) return true;
    const words = selector.firstArgumentsOf(id);
    if (words === undefined || argc < 2) return false;
    const { bytes } = batch.input;
    const given = readAscii(bytes, batch.argOffsets[first + 1], batch.argLengths[first + 1]);
    return words.includes(lowerCase(cText(given)));
  }

  /** All keys are where the registry says, and used alike. */
  #checkKeys(
    selector: Selector,
    batch: CommandBatch,
    first: number,
    id: number,
    argc: number,
    use: number,
  ): boolean {
    const { firstKey, lastKey, keyStep } = this.#registry;
    const start = firstKey[id];
    if (lastKey[id] === start) return this.#checkKey(selector, batch, first, start, use);
    const last = lastKey[id] < 0 ? argc + lastKey[id] : Math.min(lastKey[id], argc - 1);
    for (let i = start; i <= last; i += keyStep[id]) {
      if (!this.#checkKey(selector, batch, first, i, use)) return false;
    }
    return true;
  }

  #checkEachKey(
    selector: Selector,
    batch: CommandBatch,
    first: number,
    id: number,
    argc: number,
  ): boolean {
    const { entries, firstKey, lastKey } = this.#registry;
    const { spec } = entries[id];
    const start = firstKey[id];
    if (start > 0 && lastKey[id] === start && spec.useOfKey !== undefined) {
      const use = this.#useOf(spec.useOfKey(batch, first, argc, 0));
      return this.#checkKey(selector, batch, first, start, use);
    }
    const positions = this.#positions;
    this.#findKeys(batch, first, id, argc);
    const count = positions.length;
    for (let i = 0; i < count; i++) {
      const use = this.#useOf(keyFlagsAt(spec, batch, first, argc, i, count));
      if (!this.#checkKey(selector, batch, first, positions[i], use)) return false;
    }
    return true;
  }

  #useOf(flags: readonly KeyFlag[]): number {
    if (flags !== this.#lastFlags) {
      this.#lastFlags = flags;
      this.#lastUse = useOf(flags);
    }
    return this.#lastUse;
  }

  #findKeys(batch: CommandBatch, first: number, id: number, argc: number): void {
    const { firstKey, lastKey, keyStep, keyFinders } = this.#registry;
    const positions = this.#positions;
    positions.length = 0;
    const find = keyFinders[id];
    if (find !== undefined) {
      find(batch, first, argc, (position) => void positions.push(position));
      return;
    }
    const last = lastKey[id] < 0 ? argc + lastKey[id] : Math.min(lastKey[id], argc - 1);
    for (let i = firstKey[id]; i <= last; i += keyStep[id]) positions.push(i);
  }

  #checkKey(
    selector: Selector,
    batch: CommandBatch,
    first: number,
    position: number,
    use: number,
  ): boolean {
    const { bytes } = batch.input;
    const offset = batch.argOffsets[first + position];
    const length = batch.argLengths[first + position];
    const { keys } = selector;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if ((key.permissions & use) === use && key.matches(bytes, offset, length)) return true;
    }
    this.position = position;
    return false;
  }
}

/** @returns MAY_… bits */
function useOf(flags: readonly KeyFlag[]): number {
  let use = 0;
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i];
    if (flag === "access") use |= MAY_READ;
    else if (flag === "insert" || flag === "update" || flag === "delete") use |= MAY_WRITE;
  }
  return use;
}

function keyUseOf({ spec }: CommandEntry): number {
  const { keys, findKeys, keyFlags = [], firstKeyFlags, lastKeyFlags, useOfKey } = spec;
  if (spec.removedPrefix !== undefined) return OF_PREFIX;
  if (keys === undefined && findKeys === undefined) return NO_KEYS;
  const isUniform = findKeys === undefined && useOfKey === undefined &&
    firstKeyFlags === undefined && lastKeyFlags === undefined;
  return isUniform ? (useOf(keyFlags) << 1) | 1 : DEPENDS;
}
