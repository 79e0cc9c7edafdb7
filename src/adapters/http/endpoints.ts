/** What the HTTP door answers to, endpoint by endpoint: the source of /openapi.json and /docs. */
import type { z } from "zod";
import { BINARY_TYPE, BYTES_TYPE, JSON_TYPE, NDJSON_TYPE, RESP_TYPE } from "./answers.ts";
import * as schemas from "./schemas.ts";

export type Method = "get" | "head" | "post" | "put" | "delete";

/** A body of a request or of an answer, by its media type. */
export type Content = Readonly<Record<string, z.ZodType>>;

export interface Answer {
  readonly description: string;
  readonly content?: Content;
  /** What its headers say, by their names. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Endpoint {
  readonly methods: readonly Method[];
  /** As the app names it. */
  readonly route: string;
  /** As the document names it. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: {
    readonly path?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly header?: z.ZodObject;
  };
  readonly body?: { readonly content: Content; readonly isRequired: boolean };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Whether it is for everybody, without a token. */
  readonly isPublic?: boolean;
  /** A way to try it in a shell; $URL and $TOKEN are the server's. */
  readonly example: string;
}

const EVENTS_TYPE = "text/event-stream";
const TEXT_TYPE = "text/plain";
const HTML_TYPE = "text/html";

/** Groups of endpoints. */
export const TAGS = {
  commands: "Commands in batches",
  upstash: "The REST contract of @upstash/redis",
  streams: "Streams of events",
  values: "Values as resources",
  operations: "Operations",
} as const;

const json = (schema: z.ZodType): Content => ({ [JSON_TYPE]: schema });
const error = (description: string): Answer => ({ description, content: json(schemas.failure) });

const MALFORMED = error("The request cannot be read; nothing was run.");
const TOO_LARGE = error("The body is larger than http-max-body.");
const TOO_SLOW = error("The body took longer than http-body-timeout.");
const BODY_ERRORS = { 400: MALFORMED, 408: TOO_SLOW, 413: TOO_LARGE };

const SYNC_HEADERS = { "Upstash-Sync-Token": "Changes with every write." };
const upstashBody = (schema: z.ZodType, description: string): Answer => ({
  description,
  content: { [JSON_TYPE]: schema, [BYTES_TYPE]: schemas.frames },
  headers: SYNC_HEADERS,
});
const COMMAND_FAILED = error("The command failed, or cannot be read.");

const CURL = 'curl -H "Authorization: Bearer $TOKEN"';

const BATCH: Endpoint = {
  methods: ["post"],
  route: "/batch",
  path: "/batch",
  tag: TAGS.commands,
  summary: "Runs commands, and answers with a reply for each",
  description:
    "One command's error is the error of its element, and stops nothing. Replies come as " +
    "JSON, as lines of JSON, as RESP frames or as one frame of the binary batch protocol, as the Accept " +
    "header asks. Blocking commands wait for http-max-wait at most.",
  parameters: { query: schemas.batchQuery },
  body: {
    isRequired: true,
    content: {
      [JSON_TYPE]: schemas.commands,
      [RESP_TYPE]: schemas.frames,
      [BINARY_TYPE]: schemas.binaryFrame,
    },
  },
  answers: {
    200: {
      description: "The replies.",
      content: {
        [JSON_TYPE]: schemas.results,
        [NDJSON_TYPE]: schemas.lines,
        [RESP_TYPE]: schemas.frames,
        [BINARY_TYPE]: schemas.binaryFrame,
      },
    },
    ...BODY_ERRORS,
    406: error("Replies of the accepted types are not to be had."),
    415: error("The body is neither JSON nor RESP nor a binary frame."),
  },
  example: `${CURL} $URL/batch -d '[["SET","user:1","Ada"],["GET","user:1"]]'`,
};

const UPSTASH: readonly Endpoint[] = [
  {
    methods: ["post"],
    route: "/",
    path: "/",
    tag: TAGS.upstash,
    summary: "Runs one command",
    parameters: { header: schemas.upstashHeaders },
    body: { isRequired: true, content: json(schemas.command) },
    answers: {
      200: upstashBody(schemas.success, "The reply."),
      ...BODY_ERRORS,
      400: COMMAND_FAILED,
    },
    example: `${CURL} $URL/ -d '["INCR","visits"]'`,
  },
  {
    methods: ["post"],
    route: "/pipeline",
    path: "/pipeline",
    tag: TAGS.upstash,
    summary: "Runs commands one behind the other",
    description: "An error is the error of its element, and stops nothing.",
    parameters: { header: schemas.upstashHeaders },
    body: { isRequired: true, content: json(schemas.commands) },
    answers: { 200: upstashBody(schemas.results, "The replies."), ...BODY_ERRORS },
    example: `${CURL} $URL/pipeline -d '[["SET","user:1","Ada"],["GET","user:1"]]'`,
  },
  {
    methods: ["post"],
    route: "/multi-exec",
    path: "/multi-exec",
    tag: TAGS.upstash,
    summary: "Runs commands as one transaction",
    description: "All of them run, with nothing in between, or none.",
    parameters: { header: schemas.upstashHeaders },
    body: { isRequired: true, content: json(schemas.commands) },
    answers: { 200: upstashBody(schemas.results, "The replies."), ...BODY_ERRORS },
    example: `${CURL} $URL/multi-exec -d '[["INCR","a"],["INCR","b"]]'`,
  },
  {
    methods: ["get", "post", "put"],
    route: "/*",
    path: "/{command}",
    tag: TAGS.upstash,
    summary: "Runs a command that has no arguments in the path",
    description: "A body is its last argument; parameters of the query come behind that.",
    parameters: { path: schemas.commandPath, header: schemas.upstashHeaders },
    body: { isRequired: false, content: { [BYTES_TYPE]: schemas.valueBytes } },
    answers: {
      200: upstashBody(schemas.success, "The reply."),
      ...BODY_ERRORS,
      400: COMMAND_FAILED,
    },
    example: `${CURL} $URL/ping`,
  },
  {
    methods: ["get", "post", "put"],
    route: "/*",
    path: "/{command}/{arguments}",
    tag: TAGS.upstash,
    summary: "Runs a command whose arguments are in the path",
    description:
      "A body is its last argument; parameters of the query come behind that: a PUT to " +
      "/set/user:1?EX=60 stores its body for a minute.",
    parameters: { path: schemas.commandWordsPath, header: schemas.upstashHeaders },
    body: { isRequired: false, content: { [BYTES_TYPE]: schemas.valueBytes } },
    answers: {
      200: upstashBody(schemas.success, "The reply."),
      ...BODY_ERRORS,
      400: COMMAND_FAILED,
    },
    example: `${CURL} "$URL/set/user:1/Ada?EX=60"`,
  },
];

function stream(
  route: string,
  path: string,
  summary: string,
  parameters: Endpoint["parameters"],
  example: string,
): Endpoint {
  return {
    methods: ["get", "post"],
    route,
    path,
    tag: TAGS.streams,
    summary,
    ...parameters === undefined ? {} : { parameters },
    answers: {
      200: {
        description: "The events, as long as the connection is open.",
        content: { [EVENTS_TYPE]: schemas.eventStream },
      },
      400: error("The stream cannot be opened."),
    },
    example: `${CURL} -N $URL/${example}`,
  };
}

const STREAMS: readonly Endpoint[] = [
  stream(
    "/subscribe/*",
    "/subscribe/{names}",
    "Sends the messages of channels",
    { path: schemas.streamPath("channel") },
    "subscribe/news",
  ),
  stream(
    "/psubscribe/*",
    "/psubscribe/{names}",
    "Sends the messages of all channels that match a pattern",
    { path: schemas.streamPath("pattern") },
    '"psubscribe/news.*"',
  ),
  stream("/monitor", "/monitor", "Sends every command that is run", undefined, "monitor"),
];

const VALUE_HEADERS = {
  "ETag": "A tag of content and media type.",
  "Cache-Control": "max-age, less Age, is what is left of its time to live; no-cache: it has none.",
};
const AGE = { "Age": "Seconds since it was put here." };
const valueErrors = {
  400: error("The request cannot be read."),
  403: error("The user may not do this with the key."),
  409: error("The key holds something else than a string."),
  412: error("The value is not the one that the condition names."),
};
const VALUE_CONTENT: Content = { [BYTES_TYPE]: schemas.valueBytes };
const VALUE = { route: "/v1/values/*", path: "/v1/values/{key}", tag: TAGS.values } as const;

const VALUES: readonly Endpoint[] = [
  {
    ...VALUE,
    methods: ["get", "head"],
    summary: "Gets a value",
    parameters: {
      path: schemas.valuePath,
      query: schemas.valueQuery,
      header: schemas.valueReadHeaders,
    },
    answers: {
      200: {
        description: "The value, with the media type that it was put with.",
        content: VALUE_CONTENT,
        headers: { ...VALUE_HEADERS, ...AGE },
      },
      206: {
        description: "The range of it that was asked for.",
        content: VALUE_CONTENT,
        headers: { ...VALUE_HEADERS, ...AGE, "Content-Range": "Which part of it this is." },
      },
      304: {
        description: "The value is the one that If-None-Match names.",
        headers: VALUE_HEADERS,
      },
      ...valueErrors,
      404: error("There is no value under this key."),
      416: error("Nothing of the value lies in the range."),
    },
    example: `${CURL} -i $URL/v1/values/user:1`,
  },
  {
    ...VALUE,
    methods: ["put"],
    summary: "Puts a value, or replaces it",
    description:
      "The Content-Type is kept beside the value until a command sets the key anew. With " +
      "If-Match it replaces only the value that was seen; with If-None-Match: * it replaces nothing.",
    parameters: {
      path: schemas.valuePath,
      query: schemas.valueQuery,
      header: schemas.valueWriteHeaders,
    },
    body: { isRequired: true, content: { "*/*": schemas.valueBytes } },
    answers: {
      201: { description: "There was none.", headers: { ETag: VALUE_HEADERS.ETag } },
      204: { description: "It is replaced.", headers: { ETag: VALUE_HEADERS.ETag } },
      ...valueErrors,
      408: TOO_SLOW,
      413: TOO_LARGE,
      415: error("Bodies with a Content-Encoding are not taken."),
      503: error("There is no memory left for it."),
    },
    example: `${CURL} -T photo.jpg -H "Content-Type: image/jpeg" -H "Cache-Control: max-age=60" ` +
      "$URL/v1/values/photo",
  },
  {
    ...VALUE,
    methods: ["delete"],
    summary: "Removes a value",
    parameters: {
      path: schemas.valuePath,
      query: schemas.valueQuery,
      header: schemas.valueConditions,
    },
    answers: {
      204: { description: "It is gone." },
      ...valueErrors,
      404: error("There is no value under this key."),
    },
    example: `${CURL} -X DELETE $URL/v1/values/user:1`,
  },
];

function page(path: string, summary: string, content: Content, isPublic: boolean): Endpoint {
  return {
    methods: ["get"],
    route: path,
    path,
    tag: TAGS.operations,
    summary,
    answers: { 200: { description: "As it is now.", content } },
    isPublic,
    example: isPublic ? `curl $URL${path}` : `${CURL} $URL${path}`,
  };
}

const READY = page("/readyz", "Whether it takes requests", json(schemas.readiness), true);

const OPERATIONS: readonly Endpoint[] = [
  page("/healthz", "Whether the server lives", json(schemas.health), true),
  {
    ...READY,
    answers: {
      ...READY.answers,
      503: { description: "It takes none now.", content: json(schemas.unreadiness) },
    },
  },
  page("/metrics", "Figures for Prometheus", { [TEXT_TYPE]: schemas.figures }, false),
  page("/openapi.json", "This document", json(schemas.anything), true),
  page("/docs", "This document as a page", { [HTML_TYPE]: schemas.text }, true),
];

export const ENDPOINTS: readonly Endpoint[] = [
  BATCH,
  ...VALUES,
  ...UPSTASH,
  ...STREAMS,
  ...OPERATIONS,
];
