/**
 * A door for single values with what belongs to them: media type, age, time to live and a tag that
 * changes with the content.
 *
 *   read     GET                       write     [GET ─condition?─▶] SET, note
 *                                      remove    [GET ─condition?─▶] DEL
 *
 * All of a request is one batch, so nothing happens between its commands; it ends early where a command
 * fails, or the condition does not hold. They are ordinary commands: what a user may not do, this door
 * does not do for him.
 */
import type { User } from "../commands/acl/user.ts";
import { SELECT } from "../commands/connection/session.ts";
import { INVALID_DB_INDEX } from "../commands/errors.ts";
import { DEL } from "../commands/generic/del.ts";
import type { CommandSpec } from "../commands/spec.ts";
import { GET } from "../commands/string/get.ts";
import { SET } from "../commands/string/set.ts";
import { OutOfMemory, type RecordRef, TYPE_STRING } from "../engine/keyspace.ts";
import { noteOf, setNote } from "../engine/notes.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Cryptography } from "../ports/cryptography.ts";
import type { Region } from "../ports/region.ts";
import { type CommandArgument, CommandEncoder } from "../protocol/command_encoder.ts";
import { ReplyError, type ReplyValue, ValueWriter } from "../protocol/value_writer.ts";
import { LocalSession, type Peer } from "../session/local_session.ts";
import type { Core } from "./core.ts";
import { decodeNote, encodeNote } from "./value_note.ts";

export { MAX_TYPE_LENGTH } from "./value_note.ts";

/** Letters of a tag's digest: 132 of its 256 bits. */
const DIGEST_LETTERS = 22;
/** Media types whose part of a tag is remembered. */
const KEPT_TYPES = 256;
const TYPE_LETTERS = 8;

/** Who wants what. */
export interface ValueRequest {
  readonly user: User;
  /** Who sent it, undefined = somebody in this process. */
  readonly peer?: Peer | undefined;
  readonly db: number;
  readonly key: Uint8Array;
  /** Asked with the tag of what is there, undefined = nothing; not asked if it is absent. */
  readonly condition?: ((tag: string | undefined) => boolean) | undefined;
}

export interface WriteRequest extends ValueRequest {
  readonly value: Uint8Array;
  /** Media type, "" = unknown; characters below 256, MAX_TYPE_LENGTH of them at most. */
  readonly type: string;
  /** Seconds to live, undefined = for good. */
  readonly ttlSeconds: number | undefined;
}

export interface StoredValue {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** "" = unknown. */
  readonly type: string;
  /** Of content and type; equal for equal ones. */
  readonly tag: string;
  /** Since it was put here by this door; 0 if it came by another way. */
  readonly ageSeconds: number;
  /** From when it was put here until it expires; undefined = it does not. */
  readonly lifetimeSeconds: number | undefined;
}

/** What became of a request. */
export type ValueAnswer =
  | { readonly kind: "value"; readonly value: StoredValue }
  | { readonly kind: "absent" }
  | { readonly kind: "stored"; readonly tag: string; readonly isNew: boolean }
  | { readonly kind: "removed" }
  /** The condition does not hold. */
  | { readonly kind: "unmatched" }
  /** The value is longer than proto-max-bulk-len. */
  | { readonly kind: "too-long" }
  /** An error as Redis words it. */
  | { readonly kind: "refused"; readonly message: string };

/** A command of a request. */
interface Step {
  readonly words: readonly CommandArgument[];
  /**
   * Called with its reply, before the next one runs.
   * @param key argument that holds the key @returns the answer, if that is known now
   */
  readonly then: (reply: ReplyValue, batch: CommandBatch, key: number) => ValueAnswer | undefined;
}

export class ValueDoor {
  readonly #core: Core;
  readonly #cryptography: Cryptography;
  readonly #encoder = new CommandEncoder();
  readonly #tagsOfTypes = new Map<string, string>();
  readonly #nextId: () => number;
  /** Of the commands, which may be others than Redis's. */
  readonly #names: { readonly [name in "get" | "set" | "del" | "select"]: string };

  /** @param nextId gives ids for sessions */
  constructor(core: Core, cryptography: Cryptography, nextId: () => number) {
    this.#core = core;
    this.#cryptography = cryptography;
    this.#nextId = nextId;
    const nameOf = ({ run }: CommandSpec): string =>
      core.registry.entries.find(({ spec }) => spec.run === run)?.fullName ?? "";
    this.#names = { get: nameOf(GET), set: nameOf(SET), del: nameOf(DEL), select: nameOf(SELECT) };
  }

  read(request: ValueRequest): ValueAnswer {
    return this.#run(request, [
      this.#reading(request, (value) => {
        return value === undefined ? { kind: "absent" } : { kind: "value", value };
      }),
    ]);
  }

  write(request: WriteRequest): ValueAnswer {
    const { key, value, type, ttlSeconds } = request;
    let isNew = true;
    const steps: Step[] = [];
    const { engine } = this.#core;
    if (value.length > engine.settings.protoMaxBulkLen) return { kind: "too-long" };
    const ref = this.#peek(request);
    if (request.condition !== undefined || this.#isOtherType(ref)) {
      steps.push(this.#reading(request, (old) => {
        isNew = old === undefined;
        return this.#unmatched(request, old);
      }));
    } else isNew = ref === 0;
    const expiry = ttlSeconds === undefined ? [] : ["EX", ttlSeconds];
    steps.push({
      words: [this.#names.set, key, value, ...expiry],
      then: (_, batch, keyArg) => {
        this.#note(request, batch, keyArg, encodeNote({ storedAtMs: engine.nowMs, type }));
        return { kind: "stored", tag: this.#tagOf(value, type), isNew };
      },
    });
    return this.#run(request, steps);
  }

  remove(request: ValueRequest): ValueAnswer {
    const steps: Step[] = [];
    if (request.condition !== undefined || this.#isOtherType(this.#peek(request))) {
      steps.push(this.#reading(request, (old) => this.#unmatched(request, old)));
    }
    steps.push({
      words: [this.#names.del, request.key],
      then: (reply) => ({ kind: reply === 0 ? "absent" : "removed" }),
    });
    return this.#run(request, steps);
  }

  #unmatched(request: ValueRequest, old: StoredValue | undefined): ValueAnswer | undefined {
    return request.condition?.(old?.tag) === false ? { kind: "unmatched" } : undefined;
  }

  /** The key's record as it is when the request is run, 0 = none. */
  #peek({ db, key }: ValueRequest): RecordRef {
    const { engine } = this.#core;
    const database = engine.keyspace.databases[db];
    if (database === undefined) return 0;
    engine.beginBatch();
    const { input } = this.#encoder.encodeOne("", [key]);
    return engine.keyspace.findKey(database, input, 0, key.length);
  }

  #isOtherType(ref: RecordRef): boolean {
    return ref !== 0 && this.#core.engine.keyspace.typeOf(ref) !== TYPE_STRING;
  }

  #reading(
    { db, key }: ValueRequest,
    then: (value: StoredValue | undefined) => ValueAnswer | undefined,
  ): Step {
    const { keyspace } = this.#core.engine;
    return {
      words: [this.#names.get, key],
      then: (reply, batch, keyArg) => {
        if (!(reply instanceof Uint8Array)) return then(undefined);
        const ref = keyspace.find(keyspace.databases[db], batch, keyArg);
        return then(this.#describe(reply as Uint8Array<ArrayBuffer>, ref));
      },
    };
  }

  #describe(bytes: Uint8Array<ArrayBuffer>, ref: RecordRef): StoredValue {
    const { keyspace, nowMs } = this.#core.engine;
    const { type, storedAtMs } = decodeNote(noteOf(keyspace, ref)) ??
      { type: "", storedAtMs: nowMs };
    const expiresAtMs = keyspace.expiresAt(ref);
    return {
      bytes,
      type,
      tag: this.#tagOf(bytes, type),
      ageSeconds: Math.max(Math.floor((nowMs - storedAtMs) / 1000), 0),
      lifetimeSeconds: expiresAtMs === 0
        ? undefined
        : Math.max(Math.floor((expiresAtMs - storedAtMs) / 1000), 0),
    };
  }

  /** @throws OutOfMemory; the key is gone then, rather than without its note */
  #note({ db }: ValueRequest, batch: CommandBatch, keyArg: number, note: Uint8Array): void {
    const { keyspace } = this.#core.engine;
    const database = keyspace.databases[db];
    const ref = keyspace.find(database, batch, keyArg);
    if (ref === 0) return;
    try {
      setNote(keyspace, database, batch, keyArg, ref, note);
    } catch (error) {
      if (error instanceof OutOfMemory) keyspace.remove(database, batch, keyArg);
      throw error;
    }
  }

  #tagOf(bytes: Uint8Array, type: string): string {
    const digest = this.#digest(bytes, DIGEST_LETTERS);
    if (type === "") return digest;
    let tag = this.#tagsOfTypes.get(type);
    if (tag === undefined) {
      tag = this.#digest(Uint8Array.from(type, (letter) => letter.charCodeAt(0)), TYPE_LETTERS);
      if (this.#tagsOfTypes.size === KEPT_TYPES) this.#tagsOfTypes.clear();
      this.#tagsOfTypes.set(type, tag);
    }
    return `${digest}.${tag}`;
  }

  #digest(bytes: Uint8Array, letters: number): string {
    const text = btoa(String.fromCharCode(...this.#cryptography.sha256(bytes)));
    return text.slice(0, letters).replaceAll("+", "-").replaceAll("/", "_");
  }

  #run(request: ValueRequest, steps: Step[]): ValueAnswer {
    const { engine, executor, users, clients } = this.#core;
    const { db, user, peer } = request;
    if (db >= engine.settings.databases) return { kind: "refused", message: INVALID_DB_INDEX };
    if (db !== 0) steps.unshift({ words: [this.#names.select, db], then: () => undefined });
    const session = new ValueSession(this.#nextId(), engine.nowMs, peer);
    users.signIn(session, user);
    session.guards |= clients.commonGuards;
    const batch = this.#encoder.encode(steps.map(({ words }) => words));
    let next = 0;
    executor.executeLocal(
      batch,
      session,
      new StepWriter((reply) => {
        const c = next++;
        session.answer = reply instanceof ReplyError
          ? { kind: "refused", message: reply.message }
          : steps[c].then(reply, batch, batch.firstArgs[c] + 1);
      }),
    );
    const { answer } = session;
    session.reset();
    if (answer === undefined) throw new TypeError("the last command of a request has no answer");
    return answer;
  }
}

/** The session of one request, at whose answer it ends. */
class ValueSession extends LocalSession {
  answer: ValueAnswer | undefined;

  override get isHeld(): boolean {
    return this.answer !== undefined;
  }
}

/** Hands on each reply as soon as it is whole. */
class StepWriter extends ValueWriter {
  readonly #replied: (reply: ReplyValue) => void;

  constructor(replied: (reply: ReplyValue) => void) {
    super(true);
    this.#replied = replied;
  }

  override ok(): void {
    super.ok();
    this.#whole();
  }

  override error(message: string): void {
    super.error(message);
    this.#whole();
  }

  override integer(value: number | bigint): void {
    super.integer(value);
    this.#whole();
  }

  override bulk(source: Region, offset: number, length: number): void {
    super.bulk(source, offset, length);
    this.#whole();
  }

  override endBulk(): void {
    super.endBulk();
    this.#whole();
  }

  override nil(): void {
    super.nil();
    this.#whole();
  }

  #whole(): void {
    for (const reply of this.take()) this.#replied(reply);
  }
}
