/** CLIENT TRACKING, CACHING, TRACKINGINFO and GETREDIR: client-side caching of a connection. */
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { overlappingPrefixes } from "./tracking_overlaps.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { TrackingOptions, TrackingState } from "../../ports/tracking_port.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";

const NOT_REMOTE = "ERR CLIENT TRACKING is not allowed for in-process use";
const REDIRECTED_TWICE = "ERR A client can only redirect to a single other client";
const NO_RECEIVER = "ERR The client ID you want redirect to does not exist";
const PREFIX_WITHOUT_BCAST = "ERR PREFIX option requires BCAST mode to be enabled";
const SWITCHED_BCAST =
  "ERR You can't switch BCAST mode on/off before disabling tracking for this " +
  "client, and then re-enabling it with a different mode.";
const OPTIONS_WITH_BCAST = "ERR OPTIN and OPTOUT are not compatible with BCAST";
const OPTIN_AND_OPTOUT = "ERR You can't specify both OPTIN mode and OPTOUT mode";
const SWITCHED_OPTION =
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this " +
  "client, and then re-enabling it with a different mode.";
const NOT_TRACKING = "ERR CLIENT CACHING can be called only when the client is in tracking mode " +
  "with OPTIN or OPTOUT mode enabled";
const NOT_OPTIN = "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.";
const NOT_OPTOUT = "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.";

export const CLIENT_TRACKING = {
  name: "tracking",
  arity: -3,
  flags: ["noscript", "loading", "stale"],
  since: "6.0.0",
  group: "connection",
  complexity: "O(1). Some options may introduce additional complexity.",
  summary: "Controls server-assisted client-side caching for the connection.",
  syntax: "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] " +
    "[OPTOUT] [NOLOOP]",
  run(call, reply) {
    const { tracking } = call.services;
    const options = readOptions(call);
    if (typeof options === "string") return reply.error(options);
    if (call.is(2, "OFF")) {
      tracking.disable(call.session);
      return reply.ok();
    }
    if (!call.is(2, "ON")) return reply.error(SYNTAX_ERROR);
    if (!call.session.isRemote) return reply.error(NOT_REMOTE);
    const refusal = refuse(call.session.tracking, options);
    if (refusal !== undefined) return reply.error(refusal);
    tracking.enable(call.session, options);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const CLIENT_CACHING = {
  name: "caching",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  since: "6.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Instructs the server whether to track the keys in the next request.",
  syntax: "<YES | NO>",
  run(call, reply) {
    const { tracking } = call.session;
    if (tracking === undefined) return reply.error(NOT_TRACKING);
    if (call.is(2, "YES")) {
      if (!tracking.isOptIn) return reply.error(NOT_OPTIN);
    } else if (!call.is(2, "NO")) {
      return reply.error(SYNTAX_ERROR);
    } else if (!tracking.isOptOut) {
      return reply.error(NOT_OPTOUT);
    }
    tracking.isCaching = true;
    reply.ok();
  },
} as const satisfies CommandSpec;

export const CLIENT_TRACKINGINFO = {
  name: "trackinginfo",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  since: "6.2.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns information about server-assisted client-side caching for the connection.",
  syntax: "",
  run(call, reply) {
    const { tracking } = call.session;
    reply.map(3);
    reply.text("flags");
    replyFlags(tracking, reply);
    reply.text("redirect");
    reply.integer(tracking?.redirectId ?? -1);
    reply.text("prefixes");
    const prefixes = tracking?.prefixes ?? [];
    reply.array(prefixes.length);
    for (const prefix of prefixes) reply.bytes(prefix);
  },
} as const satisfies CommandSpec;

export const CLIENT_GETREDIR = {
  name: "getredir",
  arity: 2,
  flags: ["noscript", "loading", "stale"],
  since: "6.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Returns the client ID to which the connection's tracking notifications are redirected.",
  syntax: "",
  /** 0 = they are not redirected, -1 = no keys are tracked. */
  run(call, reply) {
    reply.integer(call.session.tracking?.redirectId ?? -1);
  },
} as const satisfies CommandSpec;

function replyFlags(tracking: TrackingState | undefined, reply: ReplyWriter): void {
  const flags = [tracking === undefined ? "off" : "on"];
  if (tracking?.isBroadcast === true) flags.push("bcast");
  if (tracking?.isOptIn === true) {
    flags.push("optin");
    if (tracking.isCaching) flags.push("caching-yes");
  }
  if (tracking?.isOptOut === true) {
    flags.push("optout");
    if (tracking.isCaching) flags.push("caching-no");
  }
  if (tracking?.isNoLoop === true) flags.push("noloop");
  if (tracking?.isBroken === true) flags.push("broken_redirect");
  reply.set(flags.length);
  for (const flag of flags) reply.text(flag);
}

/** @returns the text of an error reply when the arguments are wrong; they are read with OFF, too */
function readOptions(call: Call): TrackingOptions | string {
  const prefixes: Uint8Array[] = [];
  let redirectId = 0;
  let isBroadcast = false, isOptIn = false, isOptOut = false, isNoLoop = false;
  for (let i = 3; i < call.argc; i++) {
    const hasMore = i + 1 < call.argc;
    if (call.is(i, "REDIRECT") && hasMore) {
      i++;
      if (redirectId !== 0) return REDIRECTED_TWICE;
      const id = call.int64(i);
      if (id === undefined) return NOT_AN_INTEGER;
      if (typeof id === "bigint" || call.services.clients.byId(id) === undefined) {
        return NO_RECEIVER;
      }
      redirectId = id;
    } else if (call.is(i, "PREFIX") && hasMore) {
      prefixes.push(call.bytes(++i));
    } else if (call.is(i, "BCAST")) {
      isBroadcast = true;
    } else if (call.is(i, "OPTIN")) {
      isOptIn = true;
    } else if (call.is(i, "OPTOUT")) {
      isOptOut = true;
    } else if (call.is(i, "NOLOOP")) {
      isNoLoop = true;
    } else {
      return SYNTAX_ERROR;
    }
  }
  return { redirectId, prefixes, isBroadcast, isOptIn, isOptOut, isNoLoop };
}

/** @returns why tracking can't be switched on that way, as far as it is on already */
function refuse(before: TrackingState | undefined, options: TrackingOptions): string | undefined {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = options;
  if (!isBroadcast && prefixes.length > 0) return PREFIX_WITHOUT_BCAST;
  if (before !== undefined && before.isBroadcast !== isBroadcast) return SWITCHED_BCAST;
  if (isBroadcast && (isOptIn || isOptOut)) return OPTIONS_WITH_BCAST;
  if (isOptIn && isOptOut) return OPTIN_AND_OPTOUT;
  if ((isOptIn && before?.isOptOut === true) || (isOptOut && before?.isOptIn === true)) {
    return SWITCHED_OPTION;
  }
  return isBroadcast ? overlappingPrefixes(before?.prefixes ?? [], prefixes) : undefined;
}
