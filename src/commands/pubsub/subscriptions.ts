/** The subscriptions of a session, and how changes of them are confirmed. */
import type { TopicKind } from "../../engine/pubsub.ts";
import { Subscriptions } from "../../engine/pubsub_subscriptions.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { SessionPort } from "../../ports/session_port.ts";
import { mayUseChannel } from "../acl/denials.ts";
import type { User } from "../acl/user.ts";
import type { Call } from "../call.ts";
import { GUARD_SUBSCRIBER } from "../guards.ts";

const encoder = new TextEncoder();

/** @returns undefined while there are none */
export function subscriptionsOf(session: SessionPort): Subscriptions | undefined {
  const { subscriptions } = session;
  return subscriptions instanceof Subscriptions ? subscriptions : undefined;
}

/** Those of the session that a command runs for, made when there are none. */
export function ensureSubscriptions({ session, engine }: Call): Subscriptions {
  const existing = subscriptionsOf(session);
  if (existing !== undefined) return existing;
  const made = new Subscriptions(engine.pubsub, session);
  session.subscriptions = made;
  session.attach(made);
  return made;
}

/** To be called when the last one went: the session is a normal one again. */
export function dropSubscriptions(session: SessionPort, subscriptions: Subscriptions): void {
  session.guards &= ~GUARD_SUBSCRIBER;
  session.detach(subscriptions);
  session.subscriptions = undefined;
}

/**
 * Tells a client about one subscription that came or went.
 * @param kind what happened, e.g. "subscribe" @param name undefined = there was none
 */
export function confirm(
  call: Call,
  reply: ReplyWriter,
  kind: string,
  name: Uint8Array | undefined,
  count: number,
): void {
  if (call.session.replyMode !== "on" || call.session.answersEach) {
    // CLIENT REPLY hides replies, but not these, and they are not the reply where there is one.
    const words = [encoder.encode(kind), name === undefined ? null : name.slice(), count];
    return call.session.share({ words });
  }
  reply.push(3);
  reply.text(kind);
  if (name === undefined) reply.nil();
  else reply.bytes(name);
  reply.integer(count);
}

/** Whether a session is subscribed to a channel or pattern that a user may not use. */
export function usesOtherChannels(session: SessionPort, user: User): boolean {
  const subscriptions = subscriptionsOf(session);
  if (subscriptions === undefined) return false;
  const isDenied = (kind: TopicKind): boolean =>
    subscriptions.names(kind).some((name) => !mayUseChannel(user, name, kind === "patterns"));
  return isDenied("patterns") || isDenied("channels") || isDenied("shards");
}
