/**
 * How the REST contract of @upstash/redis runs commands and answers them, whoever leads requests to it.
 *
 * Source: https://upstash.com/docs/redis/features/restapi
 */
import type {
  CommandArgument,
  CommandDoor,
  DoorAnswer,
  DoorRequest,
  MaybeLater,
  ReplyFormat,
} from "../../server/command_door.ts";
import {
  type AnswerInit,
  BYTES_TYPE,
  failureText,
  JSON_INIT,
  JSON_TYPE,
  preparedHeaders,
  type Respond,
} from "./answers.ts";
import type { Sender } from "./auth.ts";

const JSON_FORMAT: ReplyFormat = { kind: "json", version: 2, isBase64: false };
const BASE64_FORMAT: ReplyFormat = { kind: "json", version: 2, isBase64: true };
const SYNC_TOKEN = "upstash-sync-token";

/** How the commands of a request belong together; by default each for itself. */
export type UpstashKind = Pick<DoorRequest, "isSingle" | "isAtomic">;

/** A request of the contract. */
export type UpstashRequest = DoorRequest & Sender;

/** Makes one, property by property: it is made for each request. */
export function upstashRequest(
  format: ReplyFormat,
  kind: UpstashKind,
  { user, peer, signal }: Sender,
): UpstashRequest {
  const { isSingle = false, isAtomic = false } = kind;
  return { format, user, peer, signal, isSingle, isAtomic, borrows: true, dialect: "upstash" };
}

/** @returns the format that the headers ask for, or what is wrong with them */
export function readFormat(headers: Headers): ReplyFormat | string {
  const isBase64 = headers.get("upstash-encoding")?.toLowerCase() === "base64";
  switch (headers.get("upstash-response-format")?.toLowerCase() ?? "json") {
    case "json":
      return isBase64 ? BASE64_FORMAT : JSON_FORMAT;
    case "resp2":
      return isBase64
        ? "ERR Upstash-Encoding: base64 cannot be combined with Upstash-Response-Format: resp2"
        : { kind: "resp", version: 2 };
    default:
      return "ERR Upstash-Response-Format must be json or resp2";
  }
}

export class UpstashContract {
  readonly #door: CommandDoor;
  /** Requests that wrote: the token that clients send back for reading what they wrote. */
  #writes = 0;
  /** What answers begin with, by their type, until something is written. */
  readonly #inits = new Map<string, AnswerInit>();

  constructor(door: CommandDoor) {
    this.#door = door;
  }

  /** Runs the command or commands of a JSON body. */
  runBody(body: Uint8Array, request: UpstashRequest, respond: Respond): MaybeLater<Response> {
    return this.#reply(request, this.#door.runJson(body, request), respond);
  }

  /** Runs one command. */
  runWords(
    words: readonly CommandArgument[],
    request: UpstashRequest,
    respond: Respond,
  ): MaybeLater<Response> {
    return this.#reply(request, this.#door.runWords(words, request), respond);
  }

  /** The answer is made of replies at once: they lie where the next request writes its own. */
  #reply(
    request: UpstashRequest,
    replies: MaybeLater<DoorAnswer>,
    respond: Respond,
  ): MaybeLater<Response> {
    if (replies instanceof Promise) {
      request.peer?.keepOpen();
      return replies.then((answer) => this.#reply(request, answer, respond));
    }
    if (replies.kind === "stream") throw new TypeError("only native batches are streamed");
    if (replies.kind === "refused") {
      return respond(failureText(replies.message), { ...JSON_INIT, status: 400 });
    }
    if (replies.hasWritten) {
      this.#writes++;
      this.#inits.clear();
    }
    const init = this.#initOf(request.format.kind === "json" ? JSON_TYPE : BYTES_TYPE);
    const hasFailed = request.isSingle === true && replies.error !== "";
    return respond(replies.body, hasFailed ? { ...init, status: 400 } : init);
  }

  #initOf(type: string): AnswerInit {
    let init = this.#inits.get(type);
    if (init === undefined) {
      const token = this.#writes.toString(36);
      init = { headers: preparedHeaders({ "content-type": type, [SYNC_TOKEN]: token }) };
      this.#inits.set(type, init);
    }
    return init;
  }
}
