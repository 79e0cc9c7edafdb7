/**
 * Streams of server-sent events: /subscribe/channel…, /psubscribe/pattern…, /monitor.
 *
 *   data: subscribe,news,1
 *   data: message,news,hello
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html; the events are those of
 * https://upstash.com/docs/redis/features/restapi
 */
import type { Context } from "hono";
import type { Clock } from "../../ports/clock.ts";
import type { CommandDoor } from "../../server/command_door.ts";
import type { StreamKind } from "../../server/door_stream.ts";
import { fail } from "./answers.ts";
import type { HttpEnv } from "./app.ts";

/** Proxies close connections on which nothing comes for about a minute. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = ": keep-alive\n\n";
const LINE_BREAK = /\r\n|\r|\n/g;

const encoder = new TextEncoder();

/** Bytes that may wait for a reader before its stream is cut off. */
export type StreamLimit = () => number;

export class EventStreams {
  readonly #door: CommandDoor;
  readonly #clock: Clock;
  readonly #limit: StreamLimit;
  readonly #open = new Set<() => void>();

  constructor(door: CommandDoor, clock: Clock, limit: StreamLimit) {
    this.#door = door;
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Ends all of them. */
  close(): void {
    for (const end of [...this.#open]) end();
  }

  /** Makes the handler of one kind. */
  handler(kind: StreamKind): (c: Context<HttpEnv>) => Response {
    return (c) => {
      const names = namesOf(c);
      if (names === undefined) return fail(c, 400, "ERR the path is not percent-encoded UTF-8");
      if (kind !== "monitor" && names.length === 0) {
        return fail(c, 400, `ERR wrong number of arguments for '${kind}' command`);
      }
      const events = this.#start(c, kind, kind === "monitor" ? [] : names);
      if (typeof events === "string") return fail(c, 400, events);
      c.env?.connection?.keepOpen();
      return c.body(events, 200, {
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
    };
  }

  /** @returns the body, or why there is none */
  #start(
    c: Context<HttpEnv>,
    kind: StreamKind,
    names: readonly string[],
  ): ReadableStream<Uint8Array> | string {
    const waiting: string[] = [];
    let write = (text: string): void => void waiting.push(text);
    const stream = this.#door.stream({
      kind,
      names,
      user: c.get("user"),
      remoteAddress: c.env?.connection?.remoteAddress ?? "local:0",
      event: (text) => write(`data: ${text.replace(LINE_BREAK, "\ndata: ")}\n\n`),
    });
    if (typeof stream === "string") return stream;
    let leave = (): boolean => false;
    let end = (): void => {};
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        let cancelKeepAlive = (): void => {};
        leave = () => {
          if (!this.#open.delete(end)) return false;
          cancelKeepAlive();
          stream.close();
          return true;
        };
        end = () => {
          if (leave()) controller.close();
        };
        this.#open.add(end);
        write = (text) => {
          if (!this.#open.has(end)) return;
          controller.enqueue(encoder.encode(text));
          // Who does not read is cut off, as subscribers with a connection are.
          if ((controller.desiredSize ?? 0) < 0) end();
        };
        const keepAlive = (): void => {
          write(KEEP_ALIVE);
          cancelKeepAlive = this.#clock.after(KEEP_ALIVE_MS, keepAlive);
        };
        // What is sent first lets the headers go out.
        for (const text of waiting) write(text);
        keepAlive();
      },
      // Whoever cancelled has closed it.
      cancel: () => void leave(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: this.#limit() }));
  }
}

/** What stands in the path behind the command's name. */
function namesOf(c: Context<HttpEnv>): string[] | undefined {
  const { pathname } = new URL(c.req.url);
  try {
    return pathname.split("/").slice(2).filter((name) => name !== "").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
