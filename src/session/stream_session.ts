/** The session of somebody who only listens, through a door without a connection: subscribers, monitors. */
import type { SharedPush } from "../ports/session_port.ts";
import { LocalSession } from "./local_session.ts";

/** Gets what the session gets. Called while commands run: it must not run any. */
export interface StreamReceiver {
  /** A message. @param words of the push, e.g. "message", channel, payload */
  message(words: SharedPush["words"]): void;
  /** Bytes that are no message: a line of MONITOR with its status sign and line break. */
  line(bytes: Uint8Array): void;
}

export class StreamSession extends LocalSession {
  readonly #receiver: StreamReceiver;

  /** @param nowMs wall clock @param remoteAddress "ip:port" of the peer */
  constructor(id: number, nowMs: number, remoteAddress: string, receiver: StreamReceiver) {
    super(id, nowMs, { remoteAddress });
    this.#receiver = receiver;
  }

  override get isRemote(): boolean {
    return true;
  }

  override share({ words }: SharedPush): void {
    this.#receiver.message(words);
  }

  override push(bytes: Uint8Array): void {
    this.#receiver.line(bytes);
  }
}
