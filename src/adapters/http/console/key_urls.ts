/** Addresses of the key browser, beside those of its pages. Keys are bytes, so they stand in base64url. */
import type { KeyQuery } from "./key_list.ts";
import { toBase64Url } from "./text.ts";

/** @param at page of the value, "" = the first */
export function keyUrl(db: number, key: Uint8Array, at = ""): string {
  const page = at === "" ? "" : `&at=${encodeURIComponent(at)}`;
  return `key?db=${db}&key=${toBase64Url(key)}${page}`;
}

export function deleteUrl(db: number, key: Uint8Array): string {
  return `delete-key?db=${db}&key=${toBase64Url(key)}`;
}

export function listUrl(query: Partial<KeyQuery>): string {
  const parameters = Object.entries(query)
    .filter(([name, value]) => value !== "" && !(name === "cursor" && value === "0"))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `keys${parameters.length === 0 ? "" : `?${parameters.join("&")}`}`;
}
