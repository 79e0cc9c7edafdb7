/** Streams of messages through a door: what SUBSCRIBE, PSUBSCRIBE and MONITOR answer, as long as it is heard. */
import type { SharedPush } from "../ports/session_port.ts";
import { CommandEncoder } from "../protocol/command_encoder.ts";
import { ReplyError, type ReplyValue, ValueWriter } from "../protocol/value_writer.ts";
import { StreamSession } from "../session/stream_session.ts";
import type { DoorUser } from "./command_door.ts";
import type { Core } from "./core.ts";

export type StreamKind = "subscribe" | "psubscribe" | "monitor";

/** A stream that is open. */
export interface DoorStream {
  /** Gives it up. */
  close(): void;
}

/** What is asked for. */
export interface StreamRequest {
  readonly id: number;
  readonly kind: StreamKind;
  /** Channels or patterns. */
  readonly names: readonly string[];
  readonly user: DoorUser;
  readonly remoteAddress: string;
  /** Takes each event's text, first those that the command itself answers. */
  readonly event: (text: string) => void;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** @returns the stream, or why there is none */
export function openStream(core: Core, request: StreamRequest): DoorStream | string {
  const { kind, names, user, event } = request;
  const { engine, executor, users } = core;
  const session = new StreamSession(request.id, engine.nowMs, request.remoteAddress, {
    message: (words) => event(textOfWords(words)),
    // "+1700000000.123456 [0 …] …\r\n"
    line: (bytes) => event(decoder.decode(bytes.subarray(1, bytes.length - 2))),
  });
  users.signIn(session, user);
  const writer = new ValueWriter();
  executor.executeLocal(new CommandEncoder().encodeOne(kind, names), session, writer);
  const replies = writer.take();
  const failure = replies.find((reply) => reply instanceof ReplyError);
  if (failure !== undefined) {
    session.reset();
    return failure.message;
  }
  for (const reply of replies) event(kind === "monitor" ? JSON.stringify(reply) : textOf(reply));
  return { close: () => session.reset() };
}

function textOfWords(words: SharedPush["words"]): string {
  return words.map((word) => word instanceof Uint8Array ? decoder.decode(word) : String(word))
    .join(",");
}

function textOf(reply: ReplyValue): string {
  return Array.isArray(reply) ? reply.map(String).join(",") : String(reply);
}
