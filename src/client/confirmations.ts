/** Pushes that confirm a subscription, or its end, and those that are messages. */
import type { ReplyValue } from "../protocol/value_writer.ts";

const CONFIRMING: ReadonlySet<string> = new Set([
  "subscribe",
  "psubscribe",
  "ssubscribe",
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
]);

const MESSAGES: ReadonlySet<string> = new Set(["message", "pmessage", "smessage"]);

const LONGEST = 12;

/** @returns the first word of a push, "" where it is none */
export function kindOf(push: readonly ReplyValue[]): string {
  const [word] = push;
  if (typeof word === "string") return word;
  if (!(word instanceof Uint8Array) || word.length > LONGEST) return "";
  return String.fromCharCode(...word);
}

/** @param kind first word of a push */
export function isConfirmation(kind: string): boolean {
  return CONFIRMING.has(kind);
}

/** Whether an array in RESP2, where there are no pushes, is one. */
export function isPushOfResp2(kind: string): boolean {
  return CONFIRMING.has(kind) || MESSAGES.has(kind);
}
