/** What the methods of a client take and answer that a cache in process does not have. */
import type { ListEnd, Scored } from "./collections.ts";
import type { CommandMethods } from "./commands.ts";
import type { StreamEntry, StreamReadOptions } from "./special.ts";
import type { Key, Value } from "./types.ts";

/** Several at once. */
export interface CountOption {
  /** At most so many. */
  readonly count?: number | undefined;
}

/** How long is waited for entries. */
export interface BlockOption {
  /** Milliseconds, 0 = as long as it takes; without it nothing is waited for. */
  readonly block?: number | undefined;
}

/**
 * The commands that wait, at most for the seconds that they are told; 0 = as long as it takes. Each
 * runs on a connection of its own, so that nothing else waits for it.
 */
export interface WaitingMethods<Text> {
  /** Takes the first element out of the first list that has any. @returns null when the time is over */
  blpop(keys: Key | readonly Key[], seconds: number): [key: Text, element: Text] | null;
  /** As `blpop`, the last element. */
  brpop(keys: Key | readonly Key[], seconds: number): [key: Text, element: Text] | null;
  /** Moves an element from one end to another. @returns it, null when the time is over */
  blmove(
    source: Key,
    destination: Key,
    from: ListEnd,
    to: ListEnd,
    seconds: number,
  ): Text | null;
  /** The older form of `blmove` from the right to the left. */
  brpoplpush(source: Key, destination: Key, seconds: number): Text | null;
  /** Takes elements out of the first of the lists that has any. */
  blmpop(
    seconds: number,
    keys: readonly Key[],
    where: ListEnd,
    options?: CountOption,
  ): [key: Text, elements: Text[]] | null;
  /** Takes the member with the lowest score out of the first sorted set that has any. */
  bzpopmin(
    keys: Key | readonly Key[],
    seconds: number,
  ): [key: Text, member: Text, score: number] | null;
  /** As `bzpopmin`, the highest score. */
  bzpopmax(
    keys: Key | readonly Key[],
    seconds: number,
  ): [key: Text, member: Text, score: number] | null;
  /** Takes members out of the first of the sorted sets that has any. */
  bzmpop(
    seconds: number,
    keys: readonly Key[],
    where: "MIN" | "MAX",
    options?: CountOption,
  ): [key: Text, members: Scored<Text>] | null;
  /**
   * Entries behind given ids: `xread({ block: 5000, streams: { k: "$" } })`; null if there are none.
   */
  xread(options: StreamReadOptions & BlockOption): Map<Text, StreamEntry<Text>[]> | null;
  /** As `xread`, for a consumer of a group: `xreadgroup("GROUP", "g", "c", { streams: { k: ">" } })`. */
  xreadgroup(
    word: "GROUP",
    group: Key,
    consumer: Key,
    options: StreamReadOptions & BlockOption & { readonly noack?: boolean | undefined },
  ): Map<Text, StreamEntry<Text>[]> | null;
  /** Waits for replicas. @returns how many have what its own connection wrote */
  wait(replicas: number, milliseconds: number): number;
}

/** The commands on the server itself that are needed most; all others take words. */
export interface ServerMethods<Text> {
  /** Asks whether the server is there. */
  ping(): "PONG";
  /** Asks whether the server is there. @returns the message */
  ping(message: Value): Text;
  /** Answers what it is told. */
  echo(message: Value): Text;
  /** Sends a message to a channel. @returns how many got it */
  publish(channel: Key, message: Value): number;
  /** Sends a message to a shard channel. @returns how many got it */
  spublish(channel: Key, message: Value): number;
  /** What the server says about itself. */
  info(...sections: string[]): string;
  /** The server's time. */
  time(): [seconds: Text, microseconds: Text];
}

/** All methods whose arguments and replies are known. */
export interface TypedMethods<Text>
  extends
    Omit<CommandMethods<Text>, keyof WaitingMethods<Text>>,
    WaitingMethods<Text>,
    ServerMethods<Text> {}
