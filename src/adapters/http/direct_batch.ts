/**
 * POST /batch in its usual form, answered without a router in between: one array of commands as JSON, by
 * somebody who has nothing to show, or a token that is known.
 *
 * What is in any way different (another media type, a query, a page of another origin, a token that is
 * nobody's) is left to the app, which would have given the same answer to these. Bodies are read last,
 * since nobody could read them again.
 */
import type { HttpConnection } from "../../ports/http_server.ts";
import type { CommandDoor, DoorAnswer, DoorUser, ReplyFormat } from "../../server/command_door.ts";
import { JSON_TYPE, jsonAnswer, jsonFailure } from "./answers.ts";
import { userOf } from "./auth.ts";
import { BodyError, type BodyReader } from "./body.ts";
import { isPlainHost } from "./strangers.ts";

const FORMAT: ReplyFormat = { kind: "json", version: 3, isBase64: false };
const PATH = "/batch";

type Peer = HttpConnection | undefined;

/** @returns undefined when the app is to answer */
export type DirectAnswer = (
  request: Request,
  connection: Peer,
) => Promise<Response> | undefined;

export interface DirectOptions {
  /** Whether requests are taken at all. */
  readonly isReady: () => boolean;
  /** Whether it matters which machine a request comes from. */
  readonly isProtected: () => boolean;
  /** Whether requests come at a port of this server's own. */
  readonly isOwnPort: boolean;
  readonly failed: (error: unknown) => Response;
}

/** Makes what answers them. */
export function directBatch(
  door: CommandDoor,
  reader: BodyReader,
  { isReady, isProtected, isOwnPort, failed }: DirectOptions,
): DirectAnswer {
  // Nearly all requests name the same host.
  let lastPlain = "localhost";

  /** Whether no page of another origin can have sent it. */
  function isPlain(headers: Headers): boolean {
    if (isProtected() || headers.get("origin") !== null) return false;
    const host = headers.get("host");
    if (!isOwnPort || host === lastPlain) return true;
    if (host === null || !isPlainHost(host)) return false;
    lastPlain = host;
    return true;
  }

  function refused(error: unknown): Response {
    return error instanceof BodyError ? jsonFailure(error.status, error.message) : failed(error);
  }

  function run(request: Request, user: DoorUser, peer: Peer): Promise<Response> {
    const signal = (): AbortSignal => request.signal;
    return reader.readThen(request, (body) => {
      const reply = door.runJson(body, { format: FORMAT, borrows: true, user, peer, signal });
      if (!(reply instanceof Promise)) return answer(reply);
      peer?.keepOpen();
      return reply.then(answer);
    }, refused);
  }

  return (request, connection) => {
    if (request.method !== "POST" || !isBatch(request.url) || !isReady()) return undefined;
    const { headers } = request;
    if (headers.get("content-type") !== JSON_TYPE) return undefined;
    const accept = headers.get("accept");
    if (accept !== null && accept !== "*/*" && accept !== JSON_TYPE) return undefined;
    if (door.users.isOpen && !isPlain(headers)) return undefined;
    const user = userOf(headers.get("authorization"), undefined, door.users);
    return user === undefined ? undefined : run(request, user, connection);
  };
}

/** Whether an address is that of the batch, without a query. */
function isBatch(url: string): boolean {
  return url.endsWith(PATH) && url.indexOf("/", url.indexOf("//") + 2) === url.length - PATH.length;
}

function answer(reply: DoorAnswer): Response {
  if (reply.kind === "refused") return jsonFailure(400, reply.message);
  if (reply.kind === "stream") throw new TypeError("only lines are streamed");
  return jsonAnswer(reply.body);
}
