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
import type { CommandArgument } from "../../server/command_door.ts";
import { fail, type Respond } from "./answers.ts";
import type { HttpEnv } from "./app.ts";
import { senderOf, TOKEN_PARAMETER } from "./auth.ts";
import type { BodyReader } from "./body.ts";
import { pathStart } from "./paths.ts";
import {
  readFormat,
  type UpstashContract,
  type UpstashKind,
  upstashRequest,
} from "./upstash_contract.ts";

type Handler = (c: Context<HttpEnv>) => Promise<Response>;

/** The handlers of the contract. */
export interface UpstashHandlers {
  readonly single: Handler;
  readonly pipeline: Handler;
  readonly transaction: Handler;
  readonly path: Handler;
}

/** Makes the handlers. */
export function upstashHandlers(contract: UpstashContract, reader: BodyReader): UpstashHandlers {
  function handler(kind: UpstashKind, readsPath = false): Handler {
    return async (c) => {
      const format = readFormat(c.req.raw.headers);
      if (typeof format === "string") return fail(c, 400, format);
      const request = upstashRequest(format, kind, senderOf(c));
      const respond: Respond = (body, init) => c.newResponse(body, init);
      if (!readsPath) return contract.runBody(await reader.read(c), request, respond);
      const hasBody = c.req.method === "POST" || c.req.method === "PUT";
      const words = readPath(c.req.url, hasBody ? await reader.read(c) : undefined);
      if (typeof words === "string") return fail(c, 400, words);
      return contract.runWords(words, request, respond);
    };
  }

  return {
    single: handler({ isSingle: true }),
    pipeline: handler({}),
    transaction: handler({ isAtomic: true }),
    path: handler({ isSingle: true }, true),
  };
}

/**
 * The command of a path, with the body behind it and the query's parameters behind that.
 * @returns its words, or what is wrong with them
 */
export function readPath(url: string, body?: Uint8Array): CommandArgument[] | string {
  const start = pathStart(url) + 1;
  const queryAt = url.indexOf("?", start);
  const path = queryAt < 0 ? url.slice(start) : url.slice(start, queryAt);
  const words: CommandArgument[] = [];
  try {
    for (const part of path.split("/")) {
      words.push(part.includes("%") ? decodeURIComponent(part) : part);
    }
  } catch {
    return "ERR the path is not percent-encoded UTF-8";
  }
  if (body !== undefined && body.length > 0) words.push(body);
  if (queryAt < 0) return words;
  for (const [name, value] of new URLSearchParams(url.slice(queryAt))) {
    if (name === TOKEN_PARAMETER) continue;
    words.push(name);
    if (value !== "") words.push(value);
  }
  return words;
}
