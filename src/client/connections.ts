/** Contract of what a client is put together from: senders for each kind of use. */
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { Sender } from "./sender.ts";

/** What takes commands. */
export type Carrier = Pick<Sender, "one" | "all" | "atomic">;

/** Senders that one use at a time has to itself. */
export interface OwnSenders {
  /** @throws ClientError when there are too many already, or it is closed */
  take(): Sender;
  /** Gives one back, for the next use if nothing is under way on it, else to be closed. */
  give(sender: Sender, isReusable: boolean): void;
  /** Closes all of them: what is under way fails. */
  destroy(): void;
}

/** What a sender for messages tells. */
export interface MessageEvents {
  /** Something was pushed: its kind, then as that has it, strings as bytes. */
  onPush(push: ReplyValue[]): void;
  /** It is connected, for the first time or again: nothing is subscribed. */
  onConnect(): void;
}

export interface Connections {
  /** Takes all that does not wait. */
  readonly shared: Sender;
  /** For commands that wait. */
  readonly own: OwnSenders;
  /** Whether keys can be watched on those of `own`. */
  readonly canWatch: boolean;
  /** Makes a sender for messages; undefined = there are none. */
  readonly openMessages: ((events: MessageEvents) => Sender) | undefined;
}
