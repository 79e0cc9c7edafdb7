/** The commands to publish messages and to subscribe to them. */
import { PUBLISH, SPUBLISH } from "./publish.ts";
import { PUBSUB } from "./pubsub.ts";
import { PSUBSCRIBE, SSUBSCRIBE, SUBSCRIBE } from "./subscribe.ts";
import { PUNSUBSCRIBE, SUNSUBSCRIBE, UNSUBSCRIBE } from "./unsubscribe.ts";
import type { CommandSpec } from "../spec.ts";

export const PUBSUB_COMMANDS = [
  PSUBSCRIBE,
  PUBLISH,
  PUBSUB,
  PUNSUBSCRIBE,
  SPUBLISH,
  SSUBSCRIBE,
  SUBSCRIBE,
  SUNSUBSCRIBE,
  UNSUBSCRIBE,
] as const satisfies readonly CommandSpec[];
