/**
 * Commands in their usual form, answered without a router in between: batches, pipelines, transactions
 * and single commands as JSON, and commands in the path, sent by somebody who has nothing to show, or a
 * token that is known.
 *
 * What is in any way different (another media type, a query, a page of another origin, a token that is
 * nobody's) is left to the app, which would have given the same answer to these. Bodies are read last,
 * since nobody could read them again.
 */
import type { HttpConnection } from "../../ports/http_server.ts";
import type {
  CommandDoor,
  DoorAnswer,
  DoorUser,
  MaybeLater,
  ReplyFormat,
} from "../../server/command_door.ts";
import { JSON_TYPE, jsonAnswer, jsonFailure, type Respond } from "./answers.ts";
import { type Sender, userOf } from "./auth.ts";
import { BodyError, type BodyReader } from "./body.ts";
import { firstPart, pathStart } from "./paths.ts";
import { isOwnFetch, isPlainHost } from "./strangers.ts";
import { readPath } from "./upstash.ts";
import {
  readFormat,
  type UpstashContract,
  type UpstashKind,
  type UpstashRequest,
  upstashRequest,
} from "./upstash_contract.ts";

const FORMAT: ReplyFormat = { kind: "json", version: 3, isBase64: false };
const SINGLE: UpstashKind = { isSingle: true };
/** What is asked for by which path. */
const KINDS: ReadonlyMap<string, UpstashKind> = new Map([
  ["/", SINGLE],
  ["/pipeline", {}],
  ["/multi-exec", { isAtomic: true }],
]);

type Connection = HttpConnection | undefined;

/** @returns undefined when the app is to answer */
export type DirectAnswer = (
  request: Request,
  connection: Connection,
) => MaybeLater<Response> | undefined;

export interface DirectOptions {
  readonly door: CommandDoor;
  readonly contract: UpstashContract;
  readonly reader: BodyReader;
  /** Whether requests are taken at all. */
  readonly isReady: () => boolean;
  /** Whether it matters which machine a request comes from. */
  readonly isProtected: () => boolean;
  /** Whether requests come at a port of this server's own. */
  readonly isOwnPort: boolean;
  /** First parts of paths that are no commands. */
  readonly reserved: ReadonlySet<string>;
  readonly failed: (request: Request, error: unknown) => Response;
}

/** Makes what answers them. */
export function directAnswers(options: DirectOptions): DirectAnswer {
  const { door, contract, reader, isReady, isProtected, isOwnPort, reserved, failed } = options;
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

  /** @returns undefined for those whom only the app can tell, or refuse */
  function knownUser(headers: Headers): DoorUser | undefined {
    if (door.users.isOpen && !isPlain(headers)) return undefined;
    return userOf(headers.get("authorization"), undefined, door.users);
  }

  function refused(request: Request, error: unknown): Response {
    return error instanceof BodyError
      ? jsonFailure(error.status, error.message)
      : failed(request, error);
  }

  function readThen(
    request: Request,
    use: (body: Uint8Array) => MaybeLater<Response>,
  ): Promise<Response> {
    return reader.readThen(request, use, (error) => refused(request, error));
  }

  function nativeBatch(request: Request, connection: Connection): MaybeLater<Response> | undefined {
    const { headers } = request;
    if (headers.get("content-type") !== JSON_TYPE) return undefined;
    const accept = headers.get("accept");
    if (accept !== null && accept !== "*/*" && accept !== JSON_TYPE) return undefined;
    const user = knownUser(headers);
    if (user === undefined) return undefined;
    return readThen(request, (body) => {
      const { peer, signal } = senderOf(request, user, connection);
      const reply = door.runJson(body, { format: FORMAT, borrows: true, user, peer, signal });
      if (!(reply instanceof Promise)) return answer(reply);
      connection?.keepOpen();
      return reply.then(answer);
    });
  }

  /** @returns what the contract is told, undefined = the app is to answer */
  function askContract(
    request: Request,
    connection: Connection,
    kind: UpstashKind,
  ): UpstashRequest | undefined {
    const { headers } = request;
    const format = readFormat(headers);
    if (typeof format === "string") return undefined;
    const user = knownUser(headers);
    if (user === undefined) return undefined;
    return upstashRequest(format, kind, senderOf(request, user, connection));
  }

  function upstash(
    request: Request,
    connection: Connection,
    kind: UpstashKind,
  ): MaybeLater<Response> | undefined {
    const asked = askContract(request, connection, kind);
    if (asked === undefined) return undefined;
    return readThen(request, (body) => contract.runBody(body, asked, respond));
  }

  function commandInPath(
    request: Request,
    connection: Connection,
  ): MaybeLater<Response> | undefined {
    if (!isOwnFetch(request.headers)) return undefined;
    const asked = askContract(request, connection, SINGLE);
    if (asked === undefined) return undefined;
    const words = readPath(request.url);
    if (typeof words === "string") return undefined;
    try {
      const made = contract.runWords(words, asked, respond);
      return made instanceof Promise ? made.catch((error) => refused(request, error)) : made;
    } catch (error) {
      return refused(request, error);
    }
  }

  return (request, connection) => {
    if (!isReady()) return undefined;
    const path = plainPath(request.url);
    if (request.method === "GET") {
      return reserved.has(firstPart(path)) ? undefined : commandInPath(request, connection);
    }
    if (request.method !== "POST") return undefined;
    if (path === "/batch") return nativeBatch(request, connection);
    const kind = KINDS.get(path);
    return kind === undefined ? undefined : upstash(request, connection, kind);
  };
}

const respond: Respond = (body, init) => new Response(body, init);

function senderOf(request: Request, user: DoorUser, peer: Connection): Sender {
  return { user, peer, signal: () => request.signal };
}

/** The path of an address; "" if there is a query or the like behind it. */
function plainPath(url: string): string {
  const path = url.slice(pathStart(url));
  return path.includes("?") || path.includes("#") ? "" : path;
}

function answer(reply: DoorAnswer): Response {
  if (reply.kind === "refused") return jsonFailure(400, reply.message);
  if (reply.kind === "stream") throw new TypeError("only lines are streamed");
  return jsonAnswer(reply.body);
}
