/** Runs commands for the console, as whom it is open for. */
import type { Context } from "hono";
import type { CommandArgument, CommandDoor } from "../../../server/command_door.ts";
import type { HttpEnv } from "../app.ts";
import { senderOf } from "../auth.ts";
import { readReplies, type Reply } from "./reply.ts";

/** Looking at a key is no use of it. */
const NO_TOUCH = ["CLIENT", "NO-TOUCH", "ON"];

const encoder = new TextEncoder();

export interface RunOptions {
  readonly db?: number;
  /** Whether the keys count as used. */
  readonly isUse?: boolean;
}

/** Runs commands in order; a reply for each. */
export type Run = (
  commands: readonly (readonly CommandArgument[])[],
  options?: RunOptions,
) => Promise<Reply[]>;

/** Makes the function that runs commands as whoever sent a request. */
export function runFor(door: CommandDoor, c: Context<HttpEnv>): Run {
  return async (commands, { db = 0, isUse = false } = {}) => {
    const before: (readonly CommandArgument[])[] = [];
    if (db !== 0) before.push(["SELECT", db]);
    if (!isUse) before.push(NO_TOUCH);
    const answer = await door.runResp(encode([...before, ...commands]), {
      ...senderOf(c),
      format: { kind: "resp", version: 3 },
    });
    if (answer.kind === "refused") {
      return commands.map(() => ({ kind: "error", text: answer.message }));
    }
    if (answer.kind === "stream") throw new TypeError("RESP is not streamed");
    const replies = readReplies(answer.body);
    // In a database that cannot be selected, nothing may run as if it were another one.
    if (db !== 0 && replies[0].kind === "error") return commands.map(() => replies[0]);
    return replies.slice(before.length);
  };
}

/** Commands as RESP. */
function encode(commands: readonly (readonly CommandArgument[])[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const command of commands) {
    pieces.push(encoder.encode(`*${command.length}\r\n`));
    for (const word of command) {
      const bytes = word instanceof Uint8Array ? word : encoder.encode(String(word));
      pieces.push(encoder.encode(`$${bytes.length}\r\n`), bytes, encoder.encode("\r\n"));
    }
  }
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
