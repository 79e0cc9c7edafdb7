/**
 * The REST contract of @upstash/redis: one command, a pipeline, or a command in the path.
 *
 *   POST /           ["SET","k","v"]        {"result":"OK"}
 *   POST /pipeline   [["SET","k","v"],…]    [{"result":"OK"},…]
 *   GET  /set/k/v?EX=10                     {"result":"OK"}
 *   POST /set/k?EX=10   raw bytes           {"result":"OK"}, the body being the last value
 *
 * Source: https://upstash.com/docs/redis/features/restapi
 */
import type { Context } from "hono";
import type {
  CommandArgument,
  CommandDoor,
  DoorAnswer,
  DoorRequest,
  MaybeLater,
  ReplyFormat,
} from "../../server/command_door.ts";
import { BYTES_TYPE, fail, JSON_TYPE } from "./answers.ts";
import type { HttpEnv } from "./app.ts";
import { senderOf, TOKEN_PARAMETER } from "./auth.ts";
import type { BodyReader } from "./body.ts";

const JSON_FORMAT: ReplyFormat = { kind: "json", version: 2, isBase64: false };
const BASE64_FORMAT: ReplyFormat = { kind: "json", version: 2, isBase64: true };
const SYNC_TOKEN = "upstash-sync-token";

type Handler = (c: Context<HttpEnv>) => Promise<Response>;

/** The handlers of the contract. */
export interface UpstashHandlers {
  readonly single: Handler;
  readonly pipeline: Handler;
  readonly transaction: Handler;
  readonly path: Handler;
}

/** Makes the handlers. */
export function upstashHandlers(door: CommandDoor, reader: BodyReader): UpstashHandlers {
  const syncTokens = new SyncTokens();

  function reply(
    c: Context<HttpEnv>,
    request: DoorRequest,
    replies: MaybeLater<DoorAnswer>,
  ): Response | Promise<Response> {
    if (replies instanceof Promise) {
      c.env?.connection?.keepOpen();
      return replies.then((answer) => reply(c, request, answer));
    }
    const answer = replies;
    if (answer.kind === "stream") throw new TypeError("only native batches are streamed");
    if (answer.kind === "refused") return fail(c, 400, answer.message);
    const headers = {
      "content-type": request.format.kind === "json" ? JSON_TYPE : BYTES_TYPE,
      [SYNC_TOKEN]: syncTokens.next(answer.hasWritten),
    };
    const hasFailed = request.isSingle === true && answer.error !== "";
    return c.body(answer.body, hasFailed ? 400 : 200, headers);
  }

  function handler(how: Pick<DoorRequest, "isSingle" | "isAtomic">, readsPath = false): Handler {
    return async (c) => {
      const format = readFormat(c);
      if (typeof format === "string") return fail(c, 400, format);
      const request: DoorRequest = {
        format,
        borrows: true,
        dialect: "upstash",
        ...senderOf(c),
        ...how,
      };
      if (!readsPath) {
        const body = await reader.read(c);
        return reply(c, request, door.runJson(body, request));
      }
      const words = await readPath(c, reader);
      if (typeof words === "string") return fail(c, 400, words);
      return reply(c, request, door.runWords(words, request));
    };
  }

  return {
    single: handler({ isSingle: true }),
    pipeline: handler({}),
    transaction: handler({ isAtomic: true }),
    path: handler({ isSingle: true }, true),
  };
}

/** @returns the format that the headers ask for, or what is wrong with them */
function readFormat(c: Context): ReplyFormat | string {
  const { headers } = c.req.raw;
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

/** The command of a path, with the body behind it and the query's parameters behind that. */
async function readPath(c: Context, reader: BodyReader): Promise<CommandArgument[] | string> {
  const url = c.req.url;
  const start = url.indexOf("/", url.indexOf("//") + 2) + 1;
  const queryAt = url.indexOf("?", start);
  const path = queryAt < 0 ? url.slice(start) : url.slice(start, queryAt);
  const words: CommandArgument[] = [];
  try {
    for (const part of path.split("/")) words.push(decodeURIComponent(part));
  } catch {
    return "ERR the path is not percent-encoded UTF-8";
  }
  if (c.req.method === "POST" || c.req.method === "PUT") {
    const body = await reader.read(c);
    if (body.length > 0) words.push(body);
  }
  for (const [name, value] of new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt))) {
    if (name === TOKEN_PARAMETER) continue;
    words.push(name);
    if (value !== "") words.push(value);
  }
  return words;
}

/** A token that changes after every write; clients send it back for reading what they wrote. */
class SyncTokens {
  #count = 0;
  #token = "0";

  next(hasWritten: boolean): string {
    if (hasWritten) this.#token = (++this.#count).toString(36);
    return this.#token;
  }
}
