/** Replies as values, for tests of what reads them: drawn at random, and written as a server writes them. */
import fc from "fast-check";
import type { ReplyWriter } from "../../src/ports/reply_writer.ts";
import { ReplyError, type ReplyValue } from "../../src/protocol/value_writer.ts";

const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ minLength: 100, maxLength: 400 }),
);

const line = fc.string({ maxLength: 60 }).map((each) => `ERR ${each.replace(/[\r\n]/g, "")}`);

const scalar: fc.Arbitrary<ReplyValue> = fc.oneof(
  { arbitrary: text, weight: 5 },
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.double({ noInteger: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constant("OK"),
  line.map((message) => new ReplyError(message)),
);

/** Any reply but pushes, a few levels deep. */
export const replyValues: fc.Arbitrary<ReplyValue> = fc.letrec<{ value: ReplyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    { arbitrary: scalar, weight: 4 },
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.array(text, { maxLength: 5 }).map((members) => new Set<ReplyValue>(members)),
  ),
})).value;

/** Writes a reply as a server does. */
export function writeValue(writer: ReplyWriter, value: ReplyValue): void {
  if (value === null) writer.nil();
  else if (value instanceof ReplyError) writer.error(value.message);
  else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const element of value) writeValue(writer, element);
  } else if (value instanceof Map) {
    writer.map(value.size);
    for (const [key, element] of value) {
      writeValue(writer, key);
      writeValue(writer, element);
    }
  } else if (value instanceof Set) {
    writer.set(value.size);
    for (const member of value) writeValue(writer, member);
  } else writeScalar(writer, value);
}

function writeScalar(writer: ReplyWriter, value: string | Uint8Array | number | bigint | boolean) {
  if (value instanceof Uint8Array) writer.bytes(value);
  else if (typeof value === "string") writer.text(value);
  else if (typeof value === "boolean") writer.boolean(value);
  else if (typeof value === "bigint" || Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writer.integer(value);
  } else writer.double(value as number);
}

/** The same with bulk strings as bytes in hexadecimal, so that values with bytes can be compared. */
export function shown(value: ReplyValue): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof ReplyError) return { error: value.message, code: value.code };
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map) return { map: [...value].map((pair) => pair.map(shown)) };
  if (value instanceof Set) return { set: [...value].map(shown) };
  return value;
}

/** Texts with lone surrogates can't be written; they become what they are read as. */
export function wellFormed(value: ReplyValue): ReplyValue {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value instanceof Map) {
    return new Map([...value].map(([key, each]) => [wellFormed(key), wellFormed(each)]));
  }
  if (value instanceof Set) return new Set([...value].map(wellFormed));
  return value;
}
