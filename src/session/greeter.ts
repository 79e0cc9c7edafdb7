/** Runs HELLO for who greets without any command. */
import type { CommandRegistry } from "../commands/registry.ts";
import { HELLO } from "../commands/connection/hello.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import { CommandEncoder } from "../protocol/command_encoder.ts";
import { nameOfHandler } from "./atomic_batch.ts";
import type { RunAgain } from "./blocked_command.ts";
import type { Session } from "./session.ts";

export class Greeter {
  readonly #registry: CommandRegistry;
  #hello: RunAgain | undefined;

  constructor(registry: CommandRegistry) {
    this.#registry = registry;
  }

  /** @param run runs the command and has its reply written */
  greet(session: Session, run: (command: RunAgain) => void): void {
    const hello = this.#hello ??= this.#create();
    session.totalCommands++;
    session.lastCommandId = hello.commandId;
    run(hello);
  }

  #create(): RunAgain {
    const batch: CommandBatch = new CommandEncoder().encodeOne(
      nameOfHandler(this.#registry, HELLO.run),
      [],
    );
    const { bytes } = batch.input;
    const commandId = this.#registry.findId(bytes, batch.argOffsets[0], batch.argLengths[0]);
    return { batch, commandId, waitsOn: false };
  }
}
