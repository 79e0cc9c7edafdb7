/**
 * The same commands to both servers, and the events of keys that each of them caused.
 *
 * Behind every command comes a SET of a key that no other command names: its event ends the events of
 * the command before it.
 */
import { Buffer } from "node:buffer";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { elementsOf, encodeCommand, valueOf } from "../support/frames.ts";
import { connect, type WireClient } from "../support/wire_client.ts";
import { DATABASES, type Text } from "./pools.ts";

export const MARKER = "{marker}";
const EVENT_CHANNEL = /^__keyevent@(\d+)__:(.*)$/s;
/** How many earlier commands a report shows. */
const HISTORY_SHOWN = 12;
const SHOWN_TEXT = 200;

/** What happened to which key of which database, as one line. */
export type KeyEvent = string;

function line(db: string | number, event: string, key: string): KeyEvent {
  return `${event} ${db} ${JSON.stringify(key)}`;
}

/** A difference of events that is meant, and why. */
export interface EventException {
  readonly reason: string;
  readonly covers: (
    args: readonly Text[],
    real: readonly KeyEvent[],
    ours: readonly KeyEvent[],
  ) => boolean;
}

/** Where a server's events come from, up to each marker. */
interface EventSource {
  /** The events of the next `count` commands, one list for each. */
  take(count: number): Promise<KeyEvent[][]>;
}

/** Cuts a stream of events at the markers. */
class EventCutter {
  readonly #done: KeyEvent[][] = [];
  #current: KeyEvent[] = [];

  get count(): number {
    return this.#done.length;
  }

  add(db: string | number, event: string, key: string): void {
    if (key !== MARKER) {
      this.#current.push(line(db, event, key));
    } else if (event === "set") {
      this.#done.push(this.#current);
      this.#current = [];
    }
  }

  take(count: number): KeyEvent[][] {
    return this.#done.splice(0, count);
  }
}

/** Events as a subscriber receives them. */
export async function subscribeToEvents(address: ListenAddress): Promise<EventSource> {
  const client = await connect(address);
  const reply = await client.call("CONFIG", "SET", "notify-keyspace-events", "KEAmn");
  if (reply !== "+OK\r\n") throw new Error(`notify-keyspace-events: ${reply}`);
  await client.call("PSUBSCRIBE", "__keyevent@*__:*");
  const cutter = new EventCutter();
  return {
    take: async (count) => {
      while (cutter.count < count) {
        const [, , channel, key] = elementsOf(await client.read()).map((each) =>
          valueOf(each)!.toString("latin1")
        );
        const [, db, event] = EVENT_CHANNEL.exec(channel)!;
        cutter.add(db, event, key);
      }
      return cutter.take(count);
    },
  };
}

interface Side {
  readonly client: WireClient;
  readonly events: EventSource;
}

export class EventDuel {
  readonly #seed: number;
  readonly #real: Side;
  readonly #ours: Side;
  readonly #exceptions: readonly EventException[];
  readonly #history: string[] = [];
  /** Commands sent so far. */
  count = 0;
  /** How many of each event there were, by its name. */
  readonly seen: Map<string, number> = new Map();

  constructor(seed: number, real: Side, ours: Side, exceptions: readonly EventException[]) {
    this.#seed = seed;
    this.#real = real;
    this.#ours = ours;
    this.#exceptions = exceptions;
  }

  /** Sends the commands as one pipeline to both and compares the events of each. */
  async exchange(commands: readonly (readonly Text[])[]): Promise<void> {
    const bytes = Buffer.concat(
      commands.flatMap((args) => [encodeCommand(args), encodeCommand(["SET", MARKER, "1"])]),
    );
    const [real, ours] = await Promise.all([
      this.#eventsOf(this.#real, bytes, commands.length),
      this.#eventsOf(this.#ours, bytes, commands.length),
    ]);
    for (const [i, args] of commands.entries()) {
      const shown = show(args);
      if (real[i].join("\n") !== ours[i].join("\n")) {
        if (!this.#exceptions.some(({ covers }) => covers(args, real[i], ours[i]))) {
          throw new Error(this.#report(shown, real[i], ours[i]));
        }
      }
      for (const event of ours[i]) {
        const name = event.slice(0, event.indexOf(" "));
        this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
      }
      this.#history.push(shown);
      this.count++;
    }
  }

  async #eventsOf(side: Side, bytes: Buffer, count: number): Promise<KeyEvent[][]> {
    side.client.send(bytes);
    await side.client.readAll(2 * count);
    return await side.events.take(count);
  }

  #report(shown: string, real: readonly KeyEvent[], ours: readonly KeyEvent[]): string {
    const words = shown.split(" ").slice(1).filter((each) => each.length > 3);
    const touching = this.#history.filter((each) => words.some((word) => each.includes(word)));
    return [
      `seed ${this.#seed}: the events of command ${this.count} differ`,
      shown,
      `redis-server: ${real.join(", ")}`,
      `crabcache:    ${ours.join(", ")}`,
      "before it:",
      ...touching.slice(-HISTORY_SHOWN),
    ].join("\n");
  }
}

/** Ends what both keep for themselves: time must pass for nobody. */
export async function stopActiveExpiry(client: WireClient): Promise<void> {
  const reply = await client.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  if (reply !== "+OK\r\n") throw new Error(`DEBUG SET-ACTIVE-EXPIRE: ${reply}`);
}

/** Whether it is one of the commands that change or read keys, not the server or the connection. */
export function isAboutKeys(args: readonly Text[]): boolean {
  const name = String(args[0]).toLowerCase();
  const isSelectOfNone = name === "select" && !DATABASES.some((each) => each === args[1]);
  return !/^(?:auth|client|command|config|debug|echo|hello|info|memory|ping|reset)$/.test(name) &&
    !isSelectOfNone;
}

function show(args: readonly Text[]): string {
  return args.map((each) => {
    const text = typeof each === "string" ? each : each.toString("latin1");
    const shown = JSON.stringify(text.slice(0, SHOWN_TEXT));
    return text.length > SHOWN_TEXT ? `${shown}...(${text.length})` : shown;
  }).join(" ");
}
