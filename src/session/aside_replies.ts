/** Replies outside of any batch: of commands that waited, each sent by itself. */
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { RespWriter } from "../protocol/resp/writer.ts";
import { AsideFrame } from "./frame_runner.ts";
import type { Session } from "./session.ts";

export class AsideReplies {
  readonly #resp = new RespWriter();
  readonly #frame = new AsideFrame();

  /** @returns what takes the reply, for `send` */
  begin(session: Session): ReplyWriter {
    if (session.binary !== undefined) return this.#frame.begin();
    this.#resp.version = session.protocolVersion;
    this.#resp.output.reset();
    return this.#resp;
  }

  /** Sends what was written since `begin`. */
  send(session: Session): void {
    if (session.binary !== undefined) this.#frame.end(session);
    const { output } = session.binary === undefined ? this.#resp : this.#frame.writer;
    const { bytes, length } = output;
    output.reset();
    session.send(bytes, 0, length);
  }
}
