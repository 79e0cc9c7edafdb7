/** The session of someone who uses the engine from within the process. */
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { ReplyMode, SessionPort } from "../ports/session_port.ts";

export class LocalSession implements SessionPort {
  readonly id: number;
  name = "";
  libraryName = "";
  libraryVersion = "";
  protocolVersion: 2 | 3 = 3;
  dbIndex = 0;
  authenticated = true;
  user = "default";
  noEvict = false;
  noTouch = false;
  replyMode: ReplyMode = "on";
  readonly remoteAddress = "local:0";
  readonly localAddress = "local:0";
  readonly isUnix = false;
  readonly createdAtMs: number;
  readonly lastActiveAtMs: number;
  readonly lastCommand = "NULL";
  readonly isClosing = false;
  readonly queryBufferBytes = 0;
  readonly queryBufferCapacity = 0;
  readonly outputBufferBytes = 0;
  readonly totalBytesReceived = 0;
  readonly totalBytesSent = 0;
  readonly totalCommands = 0;
  readonly isRemote = false;

  /** @param nowMs wall clock */
  constructor(id: number, nowMs: number) {
    this.id = id;
    this.createdAtMs = this.lastActiveAtMs = nowMs;
  }

  /** Always refused: there is no connection that could wait. @throws TypeError */
  park<T>(_work: Promise<T>, _done: (reply: ReplyWriter, result: T) => void): void {
    throw new TypeError("this command can't be used in process");
  }

  /** A call in process returns with the reply, so nothing waits: as in a transaction. */
  readonly isBlocked = false;

  block(): boolean {
    return false;
  }

  unblock(): boolean {
    return false;
  }

  closeAfterReply(): void {}

  kill(): void {}

  reset(): void {
    this.name = "";
    this.dbIndex = 0;
    this.noEvict = this.noTouch = false;
  }
}
