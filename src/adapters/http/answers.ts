/** Answers of the HTTP door that are not replies to commands: errors, always as JSON. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Failure } from "./schemas.ts";

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";
export const RESP_TYPE = "application/x-resp";
export const BYTES_TYPE = "application/octet-stream";

/** An error as HTTP means it. @param message for whoever made the request */
export function fail(c: Context, status: ContentfulStatusCode, message: string): Response {
  return c.json({ error: message } satisfies Failure, status);
}

/** Media type of a header's value, in lower case and without parameters; "" if there is none. */
export function mediaType(value: string | null | undefined): string {
  if (value === JSON_TYPE) return value;
  if (value === null || value === undefined) return "";
  const end = value.indexOf(";");
  return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
}
