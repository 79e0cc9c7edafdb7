/**
 * Words of the server that a reply holds among keys and values: when those are asked for as bytes, these
 * are strings all the same, as they are in process.
 */
import type { ReplyValue } from "../protocol/value_writer.ts";

const decoder = new TextDecoder();

type Mend = (reply: ReplyValue) => ReplyValue;

const cursorFirst: Mend = (reply) => {
  if (Array.isArray(reply)) reply[0] = asText(reply[0]);
  return reply;
};

const namedParts: Mend = (reply) => {
  if (!(reply instanceof Map)) return reply;
  return new Map([...reply].map(([name, part]) => [asText(name), part]));
};

const MENDED: ReadonlyMap<string, Mend> = new Map([
  ["scan", cursorFirst],
  ["sscan", cursorFirst],
  ["hscan", cursorFirst],
  ["zscan", cursorFirst],
  ["digest", asText],
  ["lcs", namedParts],
]);

function asText(value: ReplyValue): ReplyValue {
  return value instanceof Uint8Array ? decoder.decode(value) : value;
}

/** @param name of the command, in any case */
export function mendBytes(name: string, reply: ReplyValue): ReplyValue {
  const mend = MENDED.get(name.toLowerCase());
  return mend === undefined ? reply : mend(reply);
}
