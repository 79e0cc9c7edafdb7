/** Commands that are collected one by one and leave together. */
import { toWords } from "../methods/arguments.ts";
import type { CommandArgument } from "../protocol/command_encoder.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { Carrier } from "./connections.ts";
import type { QueueKind } from "./method_types.ts";
import { checkName, METHOD_SHAPES } from "./method_names.ts";
import type { CommandWords, SendOptions } from "./sender.ts";
import { mendBytes } from "./server_words.ts";

export class CommandQueue {
  readonly #kind: QueueKind;
  readonly #carrier: Carrier;
  readonly #options: SendOptions;
  readonly #commands: CommandWords[] = [];
  #isSent = false;

  constructor(kind: QueueKind, carrier: Carrier, options: SendOptions) {
    this.#kind = kind;
    this.#carrier = carrier;
    this.#options = options;
  }

  get length(): number {
    return this.#commands.length;
  }

  command(name: string, ...args: CommandArgument[]): this {
    checkName(name);
    return this.add(name, args);
  }

  add(name: string, args: readonly CommandArgument[]): this {
    if (this.#isSent) throw new TypeError("these commands are sent already: begin anew");
    this.#commands.push([name, ...args]);
    return this;
  }

  async exec(): Promise<ReplyValue[] | null> {
    if (this.#isSent) throw new TypeError("these commands are sent already: begin anew");
    this.#isSent = true;
    return await sendAll(this.#kind, this.#carrier, this.#commands, this.#options);
  }
}

for (const [name, shape] of METHOD_SHAPES) {
  Object.defineProperty(CommandQueue.prototype, name, {
    value(this: CommandQueue, ...args: unknown[]): CommandQueue {
      return this.add(name, toWords(shape, args));
    },
  });
}

/** Sends commands together. @returns a reply for each; null for a transaction that did not happen */
export async function sendAll(
  kind: QueueKind,
  carrier: Carrier,
  commands: readonly CommandWords[],
  options: SendOptions,
): Promise<ReplyValue[] | null> {
  if (commands.length === 0) return [];
  const replies = kind === "multi"
    ? await carrier.atomic(commands, options)
    : await carrier.all(commands, options);
  if (replies === null || options.as === "text") return replies;
  return replies.map((reply, i) => mendBytes(commands[i][0], reply));
}
