/**
 * Values as resources: the bytes of a key under an address of their own.
 *
 *   PUT    /v1/values/{key}   Content-Type, Cache-Control: max-age=60    201, 204; ETag
 *   GET    /v1/values/{key}   If-None-Match, Range                       200, 206, 304; ETag, Age
 *   DELETE /v1/values/{key}   If-Match                                   204, 404
 *
 * The key is percent-encoded and may be any bytes. Source: RFC 9110, RFC 9111
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { CommandDoor } from "../../server/command_door.ts";
import {
  MAX_TYPE_LENGTH,
  type StoredValue,
  type ValueAnswer,
  type ValueRequest,
} from "../../server/value_door.ts";
import { BYTES_TYPE, fail } from "./answers.ts";
import type { HttpEnv } from "./app.ts";
import { senderOf } from "./auth.ts";
import type { BodyReader } from "./body.ts";
import { decodePercent, rawPath } from "./paths.ts";
import { databaseNumber } from "./schemas.ts";
import {
  matches,
  matchesWeakly,
  readMaxAge,
  readRange,
  readTags,
  type TagList,
} from "./value_headers.ts";

const PATH = "/v1/values/";
const METHODS = "GET, HEAD, PUT, DELETE";
/** A value is whatever somebody put there: no browser is to take it for a page of this server. */
const UNTRUSTED = {
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
};
const STATUS_OF_CODE: Readonly<Record<string, ContentfulStatusCode>> = {
  NOAUTH: 401,
  NOPERM: 403,
  READONLY: 403,
  WRONGTYPE: 409,
  RATELIMIT: 429,
  BUSY: 503,
  LOADING: 503,
  MISCONF: 503,
  OOM: 503,
};

/** The conditions of a request. */
interface Conditions {
  readonly match: TagList | undefined;
  readonly noneMatch: TagList | undefined;
}

type Wanted = ValueRequest & Conditions;

/** Makes the handler of all methods. */
export function valueHandler(
  door: CommandDoor,
  body: BodyReader,
): (c: Context<HttpEnv>) => Response | Promise<Response> {
  return (c) => {
    if (!rawPath(c.req.raw).includes(PATH)) return fail(c, 404, "there is no key in the path");
    const wanted = readRequest(c);
    if (typeof wanted === "string") return fail(c, 400, wanted);
    switch (c.req.method) {
      case "GET":
      case "HEAD":
        return read(c, door, wanted);
      case "PUT":
        return write(c, door, wanted, body);
      case "DELETE":
        return answer(c, door.values.remove({ ...wanted, condition: conditionOf(wanted) }));
      default:
        c.header("allow", METHODS);
        return fail(c, 405, `the method ${c.req.method} is not allowed here`);
    }
  };
}

/** @returns the request, or what is wrong with it */
function readRequest(c: Context<HttpEnv>): Wanted | string {
  const path = rawPath(c.req.raw);
  const key = decodePercent(path.slice(path.indexOf(PATH) + PATH.length));
  if (key === undefined) return "the key is not percent-encoded";
  const db = databaseNumber.safeParse(readNumber(c.req.query("db") ?? "0"));
  if (!db.success) return "db must be the number of a database";
  const match = readCondition(c.req.header("if-match"));
  const noneMatch = readCondition(c.req.header("if-none-match"));
  if (match === null) return 'if-match must be "*" or a list of quoted tags';
  if (noneMatch === null) return 'if-none-match must be "*" or a list of quoted tags';
  return { ...senderOf(c), db: db.data, key, match, noneMatch };
}

function readNumber(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** @returns undefined if there is none, null if it cannot be read */
function readCondition(header: string | undefined): TagList | undefined | null {
  return header === undefined ? undefined : readTags(header) ?? null;
}

/** What has to hold of what is there, for it to be changed. */
function conditionOf({ match, noneMatch }: Conditions): ValueRequest["condition"] {
  if (match === undefined && noneMatch === undefined) return undefined;
  return (tag) =>
    (match === undefined || matches(match, tag)) &&
    (noneMatch === undefined || !matchesWeakly(noneMatch, tag));
}

function read(c: Context<HttpEnv>, door: CommandDoor, wanted: Wanted): Response {
  const found = door.values.read(wanted);
  if (found.kind === "absent" && wanted.match !== undefined) return fail(c, 412, UNMATCHED);
  if (found.kind !== "value") return answer(c, found);
  const { value } = found;
  const { bytes, tag, type } = value;
  if (wanted.match !== undefined && !matches(wanted.match, tag)) return fail(c, 412, UNMATCHED);
  const headers: Record<string, string> = { etag: `"${tag}"`, ...lifetime(value) };
  if (wanted.noneMatch !== undefined && matchesWeakly(wanted.noneMatch, tag)) {
    return c.body(null, 304, headers);
  }
  Object.assign(headers, UNTRUSTED, {
    "accept-ranges": "bytes",
    "content-type": type === "" ? BYTES_TYPE : type,
  });
  if (c.req.method === "HEAD") {
    return c.body(null, 200, { ...headers, "content-length": `${bytes.length}` });
  }
  const range = wantedRange(c, value);
  if (range === undefined) return c.body(bytes, 200, headers);
  if (range === "none") {
    c.header("content-range", `bytes */${bytes.length}`);
    return fail(c, 416, `the value has ${bytes.length} bytes`);
  }
  headers["content-range"] = `bytes ${range.start}-${range.end - 1}/${bytes.length}`;
  return c.body(bytes.subarray(range.start, range.end), 206, headers);
}

/** How long the value is good for, as caches on the way and browsers reckon it. */
function lifetime({ ageSeconds, lifetimeSeconds }: StoredValue): Record<string, string> {
  if (lifetimeSeconds === undefined) return { "cache-control": "no-cache, no-transform" };
  return { "cache-control": `max-age=${lifetimeSeconds}, no-transform`, age: `${ageSeconds}` };
}

function wantedRange(
  c: Context,
  { bytes, tag }: StoredValue,
): ReturnType<typeof readRange> {
  const header = c.req.header("range");
  if (header === undefined) return undefined;
  const condition = c.req.header("if-range");
  if (condition !== undefined && condition.trim() !== `"${tag}"`) return undefined;
  return readRange(header, bytes.length);
}

async function write(
  c: Context<HttpEnv>,
  door: CommandDoor,
  wanted: Wanted,
  body: BodyReader,
): Promise<Response> {
  const type = c.req.header("content-type")?.trim() ?? "";
  if (type.length > MAX_TYPE_LENGTH) {
    return fail(c, 400, `content-type must not be longer than ${MAX_TYPE_LENGTH} characters`);
  }
  const encoding = c.req.header("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") {
    c.header("accept-encoding", "identity");
    return fail(c, 415, "values are kept as they are: content-encoding is not kept beside them");
  }
  if (c.req.header("content-range") !== undefined) {
    return fail(c, 400, "a value can only be put as a whole, without content-range");
  }
  const ttlSeconds = readMaxAge(c.req.header("cache-control"));
  if (ttlSeconds === -1) return fail(c, 400, "max-age must be a number of seconds, at least 1");
  const value = await body.read(c);
  const condition = conditionOf(wanted);
  return answer(c, door.values.write({ ...wanted, condition, value, type, ttlSeconds }));
}

const UNMATCHED = "the value is not the one that the condition names";

function answer(c: Context, answer: ValueAnswer): Response {
  switch (answer.kind) {
    case "stored":
      return c.body(null, answer.isNew ? 201 : 204, { etag: `"${answer.tag}"` });
    case "removed":
      return c.body(null, 204);
    case "absent":
      return fail(c, 404, "there is no value under this key");
    case "unmatched":
      return fail(c, 412, UNMATCHED);
    case "too-long":
      return fail(c, 413, "the value is longer than proto-max-bulk-len");
    case "refused":
      return fail(c, statusOf(answer.message), answer.message);
    default:
      throw new TypeError(`no answer to ${answer.kind}`);
  }
}

function statusOf(message: string): ContentfulStatusCode {
  const code = message.slice(0, message.indexOf(" "));
  return STATUS_OF_CODE[code] ?? 400;
}
