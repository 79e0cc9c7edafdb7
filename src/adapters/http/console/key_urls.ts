/** Addresses of the key browser. Keys are bytes, so that they stand in base64url. */
import { BASE } from "./access.ts";
import type { KeyQuery } from "./key_list.ts";
import { toBase64Url } from "./text.ts";

/** @param at page of the value, "" = the first */
export function keyUrl(db: number, key: Uint8Array, at = ""): string {
  const page = at === "" ? "" : `&at=${encodeURIComponent(at)}`;
  return `${BASE}/key?db=${db}&key=${toBase64Url(key)}${page}`;
}

export function deleteUrl(db: number, key: Uint8Array): string {
  return `${BASE}/key/delete?db=${db}&key=${toBase64Url(key)}`;
}

export function listUrl(query: Partial<KeyQuery>): string {
  const parameters = Object.entries(query)
    .filter(([name, value]) => value !== "" && !(name === "cursor" && value === "0"))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${BASE}/keys${parameters.length === 0 ? "" : `?${parameters.join("&")}`}`;
}
