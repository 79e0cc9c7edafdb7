/** Answers of the HTTP door that are not replies to commands: errors, always as JSON. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Failure } from "./schemas.ts";

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";
export const RESP_TYPE = "application/x-resp";
export const BINARY_TYPE = "application/vnd.crabcache.batch";
export const BYTES_TYPE = "application/octet-stream";

/** What an answer begins with. */
export interface AnswerInit {
  readonly headers: Headers | Record<string, string>;
  /** 200 by default. */
  readonly status?: ContentfulStatusCode;
}

/** Makes an answer. */
export type Respond = (body: Uint8Array<ArrayBuffer> | string, init: AnswerInit) => Response;

/** An error as HTTP means it. @param message for whoever made the request */
export function fail(c: Context, status: ContentfulStatusCode, message: string): Response {
  return c.json({ error: message } satisfies Failure, status);
}

/** Body of an error. */
export function failureText(message: string): string {
  return JSON.stringify({ error: message } satisfies Failure);
}

/** Media type of a header's value, in lower case and without parameters; "" if there is none. */
export function mediaType(value: string | null | undefined): string {
  if (value === JSON_TYPE) return value;
  if (value === null || value === undefined) return "";
  const end = value.indexOf(";");
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** Headers of many answers: prepared ones save Bun some microseconds, and cost Deno some. */
export function preparedHeaders(headers: Record<string, string>): AnswerInit["headers"] {
  return "Bun" in globalThis ? new Headers(headers) : headers;
}

export const JSON_INIT: AnswerInit = { headers: preparedHeaders({ "content-type": JSON_TYPE }) };

/** Replies as JSON. */
export function jsonAnswer(body: Uint8Array<ArrayBuffer>): Response {
  return new Response(body, JSON_INIT);
}

/** As `fail`, where there is no context. */
export function jsonFailure(status: ContentfulStatusCode, message: string): Response {
  return new Response(failureText(message), { ...JSON_INIT, status });
}
