/** POST /batch: an array of commands in, an array of replies in the same order out. */
import type { Context } from "hono";
import type { CommandDoor, DoorAnswer, ReplyFormat } from "../../server/command_door.ts";
import type { HttpEnv } from "./app.ts";
import { senderOf } from "./auth.ts";
import type { BodyReader } from "./body.ts";
import {
  BINARY_TYPE,
  BYTES_TYPE,
  fail,
  JSON_TYPE,
  mediaType,
  NDJSON_TYPE,
  RESP_TYPE,
} from "./answers.ts";
import { batchQuery } from "./schemas.ts";

/** What curl and fetch call a body unless they are told otherwise is taken for JSON, too. */
const JSON_TYPES: readonly string[] = [
  JSON_TYPE,
  "",
  "application/x-www-form-urlencoded",
  "text/plain",
];
const JSON_FORMAT: ReplyFormat = { kind: "json", version: 3, isBase64: false };
const BINARY_FORMAT: ReplyFormat = { kind: "binary", version: 3 };
const VERSION_PARAMETER = /;\s*version\s*=\s*"?([^";\s]*)"?/i;

/** Makes the handler. */
export function nativeBatch(
  door: CommandDoor,
  reader: BodyReader,
): (c: Context<HttpEnv>) => Promise<Response> {
  return async (c) => {
    const { headers } = c.req.raw;
    const type = mediaType(headers.get("content-type"));
    const isBinary = type === BINARY_TYPE;
    const format = chooseFormat(headers.get("accept"), isBinary ? BINARY_FORMAT : JSON_FORMAT);
    if (format === undefined) {
      const types = `${JSON_TYPE}, ${NDJSON_TYPE}, ${RESP_TYPE};version=2|3 or ${BINARY_TYPE}`;
      return fail(c, 406, `replies are ${types}`);
    }
    const isResp = type === RESP_TYPE || type === BYTES_TYPE;
    if (!isResp && !isBinary && !JSON_TYPES.includes(type)) {
      const types = `${JSON_TYPE}, ${RESP_TYPE} or ${BINARY_TYPE}`;
      return fail(c, 415, `the body must be ${types}, not ${type}`);
    }
    const isAtomic = c.req.raw.url.includes("?") ? readFlag(c.req.query("atomic")) : false;
    if (isAtomic === undefined) return fail(c, 400, "atomic must be true or false");
    const body = await reader.read(c);
    const request = { format, isAtomic, borrows: true, ...senderOf(c) };
    const replies = isBinary
      ? door.runFrame(body, request)
      : isResp
      ? door.runResp(body, request)
      : door.runJson(body, request);
    if (!(replies instanceof Promise)) return answer(c, replies, format);
    c.env?.connection?.keepOpen();
    return answer(c, await replies, format);
  };
}

function readFlag(text: string | undefined): boolean | undefined {
  if (text === undefined) return false;
  const flag = batchQuery.shape.atomic.safeParse(text);
  return flag.success ? flag.data === "true" : undefined;
}

function answer(c: Context, answer: DoorAnswer, format: ReplyFormat): Response {
  if (answer.kind === "refused") return fail(c, 400, answer.message);
  const type = format.kind === "json"
    ? JSON_TYPE
    : format.kind === "ndjson"
    ? NDJSON_TYPE
    : format.kind === "binary"
    ? BINARY_TYPE
    : `${RESP_TYPE};version=${format.version}`;
  if (answer.kind === "stream") c.env?.connection?.keepOpen();
  return c.body(answer.body, 200, { "content-type": type });
}

/** The first of the accepted types that there is. @param usual if anything will do */
function chooseFormat(accept: string | null, usual: ReplyFormat): ReplyFormat | undefined {
  if (accept === null || accept === "") return usual;
  if (accept === JSON_TYPE) return JSON_FORMAT;
  for (const range of accept.split(",")) {
    switch (mediaType(range)) {
      case JSON_TYPE:
        return JSON_FORMAT;
      case "application/*":
      case "*/*":
        return usual;
      case BINARY_TYPE:
        return BINARY_FORMAT;
      case NDJSON_TYPE:
        return { kind: "ndjson", version: 3 };
      case RESP_TYPE:
      case BYTES_TYPE: {
        const version = VERSION_PARAMETER.exec(range)?.[1] ?? "2";
        if (version === "2" || version === "3") {
          return { kind: "resp", version: version === "2" ? 2 : 3 };
        }
      }
    }
  }
  return undefined;
}
