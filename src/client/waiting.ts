/** Sends what waits for others on connections of its own, all else on the shared one. */
import { WAITING_COMMANDS } from "../methods/command_table.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { Carrier, OwnSenders } from "./connections.ts";
import type { CommandWords, Sender, SendOptions } from "./sender.ts";

const WAITING: ReadonlySet<string> = new Set(WAITING_COMMANDS);
const LOWER_CASE_BIT = 0x20;
/** The small letters that their names begin with: all other commands are told by the first one. */
const FIRST_LETTERS: ReadonlySet<number> = new Set(
  WAITING_COMMANDS.map((name) => name.charCodeAt(0)),
);
/** Those that wait only if they are told to. */
const WAITING_IF_TOLD = "xread";
const WORD_THAT_TELLS = /^block$/i;

/** Whether a command may wait. */
export function waits(words: CommandWords): boolean {
  const given = words[0];
  if (!FIRST_LETTERS.has(given.charCodeAt(0) | LOWER_CASE_BIT)) return false;
  const name = given.toLowerCase();
  if (!WAITING.has(name)) return false;
  if (!name.startsWith(WAITING_IF_TOLD)) return true;
  return words.some((word) => typeof word === "string" && WORD_THAT_TELLS.test(word));
}

export class WaitingRouter implements Carrier {
  readonly #shared: Sender;
  readonly #own: OwnSenders;

  constructor(shared: Sender, own: OwnSenders) {
    this.#shared = shared;
    this.#own = own;
  }

  one(command: CommandWords, options: SendOptions): Promise<ReplyValue> {
    if (!waits(command)) return this.#shared.one(command, options);
    return this.#wait(options, (sender, patient) => sender.one(command, patient));
  }

  all(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[]> {
    if (!commands.some(waits)) return this.#shared.all(commands, options);
    return this.#wait(options, (sender, patient) => sender.all(commands, patient));
  }

  /** Within a transaction nothing waits. */
  atomic(commands: readonly CommandWords[], options: SendOptions): Promise<ReplyValue[] | null> {
    return this.#shared.atomic(commands, options);
  }

  /** The time limit of all other commands is none of these, unless the call says so itself. */
  #wait<T>(
    options: SendOptions,
    send: (sender: Sender, options: SendOptions) => Promise<T>,
  ): Promise<T> {
    const patient = { ...options, timeoutMs: options.timeoutMs ?? 0 };
    return withSender(this.#own, (sender) => send(sender, patient));
  }
}

/** Lets some work have a sender to itself, which is closed if the work fails. */
export async function withSender<T>(
  own: OwnSenders,
  work: (sender: Sender) => Promise<T>,
): Promise<T> {
  const sender = own.take();
  let isDone = false;
  try {
    const result = await work(sender);
    isDone = true;
    return result;
  } finally {
    // Who failed may have left something waiting, or keys watched.
    own.give(sender, isDone);
  }
}
