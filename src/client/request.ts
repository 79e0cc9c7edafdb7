/** Commands on their way, and the promise of what they are answered. */
import type { ReplyValue } from "../protocol/value_writer.ts";
import { ReplyError } from "../protocol/value_writer.ts";
import { ClientError } from "./client_error.ts";
import { CONFIRMED } from "./command_traits.ts";
import type { CommandWords } from "./sender.ts";

/** One command. */
export const KIND_ONE = 0;
/** Commands in a row. */
export const KIND_ALL = 1;
/** Commands that run as one transaction. */
export const KIND_ATOMIC = 2;
/** HELLO that opens a connection, which has a frame of its own in the binary protocol. */
export const KIND_HELLO = 3;

export type RequestKind =
  | typeof KIND_ONE
  | typeof KIND_ALL
  | typeof KIND_ATOMIC
  | typeof KIND_HELLO;

/** What a request's promise gives: one reply, or many; null for a transaction that did not run. */
export type RequestResult = ReplyValue | ReplyValue[];

/** Who is told when somebody gives a request up. */
export interface RequestOwner {
  abort(request: Request): void;
}

let resolveNew: (result: RequestResult) => void;
let rejectNew: (error: unknown) => void;

/** The same function for every promise, so that none is made for each of them. */
function keepFunctions(
  resolve: (result: RequestResult) => void,
  reject: (error: unknown) => void,
): void {
  resolveNew = resolve;
  rejectNew = reject;
}

export class Request {
  readonly kind: RequestKind;
  /** Of KIND_ONE and KIND_HELLO the only one. */
  readonly commands: readonly CommandWords[] | CommandWords;
  readonly asBytes: boolean;
  readonly sizeBytes: number;
  /** Of any of its commands. */
  readonly traits: number;
  readonly promise: Promise<RequestResult>;
  /** A reply that is an error rejects the promise. */
  throwsErrors = false;
  /** Its promise is settled; replies that still come are dropped. */
  isSettled = false;
  /** On the way: encoded for a connection. */
  isSent = false;
  /** Replies that are still to come once it is on its way. */
  left = 0;
  /** Monotonic time at which it is given up, 0 = never. */
  deadlineMs = 0;
  replies: ReplyValue[] | undefined = undefined;
  #resolve: (result: RequestResult) => void;
  #reject: (error: unknown) => void;
  #signal: AbortSignal | undefined = undefined;
  #owner: RequestOwner | undefined = undefined;

  constructor(
    kind: RequestKind,
    commands: readonly CommandWords[] | CommandWords,
    asBytes: boolean,
    sizeBytes: number,
    traits: number,
  ) {
    this.kind = kind;
    this.commands = commands;
    this.asBytes = asBytes;
    this.sizeBytes = sizeBytes;
    this.traits = traits;
    this.promise = new Promise<RequestResult>(keepFunctions);
    this.#resolve = resolveNew;
    this.#reject = rejectNew;
  }

  get commandCount(): number {
    return this.kind === KIND_ALL || this.kind === KIND_ATOMIC ? this.commands.length : 1;
  }

  /** The only command. */
  get command(): CommandWords {
    return this.commands as CommandWords;
  }

  /** All commands of KIND_ALL and KIND_ATOMIC. */
  get list(): readonly CommandWords[] {
    return this.commands as readonly CommandWords[];
  }

  /** How many replies a connection in RESP sends. */
  get respReplies(): number {
    if (this.kind === KIND_ONE || this.kind === KIND_HELLO) return 1;
    // MULTI and EXEC are answered, too.
    return this.kind === KIND_ALL ? this.commands.length : this.commands.length + 2;
  }

  /** Whether it is answered by confirmations, and how many of them. */
  get confirmations(): number {
    return this.kind === KIND_ONE && this.traits === CONFIRMED ? this.commands.length - 1 : 0;
  }

  /** Lets a signal give it up. */
  listen(signal: AbortSignal, owner: RequestOwner): void {
    this.#signal = signal;
    this.#owner = owner;
    signal.addEventListener("abort", this);
  }

  /** Called by the signal. */
  handleEvent(): void {
    this.#owner?.abort(this);
  }

  /** Takes the next reply. @returns whether it was the last one */
  take(reply: ReplyValue): boolean {
    if (--this.left > 0) {
      if (!this.isSettled) (this.replies ??= []).push(reply);
      return false;
    }
    if (this.isSettled) return true;
    if (this.kind === KIND_ONE || this.kind === KIND_HELLO) this.resolve(reply);
    else {
      (this.replies ??= []).push(reply);
      if (this.kind === KIND_ALL) this.resolve(this.replies);
      else this.#endTransaction(this.replies, reply);
    }
    return true;
  }

  /** Of replies in RESP the last one is that of EXEC. */
  #endTransaction(replies: ReplyValue[], last: ReplyValue): void {
    if (last === null || Array.isArray(last)) return this.resolve(last);
    const cause = replies.find((reply) => reply instanceof ReplyError);
    if (last instanceof ReplyError) return this.refuse(last, cause);
    this.reject(new ClientError("PROTOCOL", "EXEC answered what is no list of replies", true));
  }

  /** The server refused the transaction as a whole. @param cause what it said about a command */
  refuse(error: ReplyError, cause?: ReplyValue): void {
    if (cause !== undefined && cause !== error) error.cause = cause;
    this.reject(error);
  }

  resolve(result: RequestResult): void {
    this.#settle();
    if (this.throwsErrors && result instanceof ReplyError) this.#reject(result);
    else this.#resolve(result);
  }

  reject(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.isSettled = true;
    if (this.#signal === undefined) return;
    this.#signal.removeEventListener("abort", this);
    this.#signal = undefined;
    this.#owner = undefined;
  }
}
