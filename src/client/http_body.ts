/** Bodies of HTTP requests and of their answers: RESP, or one frame of the binary batch protocol. */
import { CONTENT_TYPE, KIND_REPLIES } from "../protocol/binary/frame.ts";
import { BinaryReplyDecoder } from "../protocol/binary/reply_decoder.ts";
import { BinaryRequestEncoder } from "../protocol/binary/request_encoder.ts";
import { RespReplyDecoder } from "../protocol/resp/reply_decoder.ts";
import { RespRequestEncoder } from "../protocol/resp/request_encoder.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { CommandWords } from "./sender.ts";

/** Gives the next reply of a body, undefined behind the last one. @throws MalformedReply */
export type ReplyReader = (asBytes: boolean) => ReplyValue | undefined;

export interface BodyFormat {
  /** Media type of a request. */
  readonly type: string;
  /** The answer that is asked for. */
  readonly accept: string;
  /** @throws TypeError for an argument of another type */
  encode(commands: readonly CommandWords[], isAtomic: boolean): Uint8Array<ArrayBuffer>;
  read(body: Uint8Array): ReplyReader;
}

const RESP_TYPE = "application/x-resp";

export function respFormat(): BodyFormat {
  const encoder = new RespRequestEncoder();
  return {
    type: RESP_TYPE,
    accept: `${RESP_TYPE};version=3`,
    encode(commands) {
      encoder.clear();
      for (const command of commands) encoder.command(command);
      return new Uint8Array(encoder.region.bytes.subarray(0, encoder.used));
    },
    read(body) {
      const decoder = new RespReplyDecoder();
      decoder.add(body);
      return (asBytes) => decoder.next(asBytes);
    },
  };
}

/** There is one frame in a body. */
const FRAME_ID = 1;

export function binaryFormat(): BodyFormat {
  const encoder = new BinaryRequestEncoder();
  return {
    type: CONTENT_TYPE,
    accept: CONTENT_TYPE,
    encode(commands, isAtomic) {
      encoder.clear();
      encoder.request(FRAME_ID, commands, isAtomic);
      return new Uint8Array(encoder.region.bytes.subarray(0, encoder.used));
    },
    read(body) {
      const decoder = new BinaryReplyDecoder();
      decoder.add(body);
      let left = decoder.begin() && decoder.kind === KIND_REPLIES ? decoder.count : 0;
      return (asBytes) => {
        if (left === 0) return undefined;
        left--;
        return decoder.result(asBytes);
      };
    },
  };
}
