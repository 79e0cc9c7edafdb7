/** The part of a batch that one session brought. */
import type { RequestFrames } from "../protocol/binary/request_frames.ts";
import type { Session } from "./session.ts";

export class Run {
  session!: Session;
  firstCommand = 0;
  endCommand = 0;
  /** Where its input begins and ends, and how far it was decoded. */
  start = 0;
  end = 0;
  decodedEnd = 0;
  /** Where its replies begin in the output buffer. */
  outputStart = 0;
  /** Text of the error reply to what is malformed behind its last command, "" = nothing is. */
  protocolError = "";
  /** Whether there may be more whole commands behind the decoded ones. */
  hasMore = false;
  /** Where its frames are, if it speaks the binary protocol, and which of them they are. */
  frames: RequestFrames | undefined;
  firstFrame = 0;
  endFrame = 0;
  /** Request id of the malformed frame. */
  failedId = 0;
}
