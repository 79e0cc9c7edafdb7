/** The little of memcached's text protocol that is needed to load keys into it. */
import { createConnection } from "node:net";
import { writeDigits } from "../support/commands.ts";
import { type LoadKeysOptions, PipelineClient } from "../wire/client.ts";

const DEPTH = 500;
/** Pipelines under way at once. */
const WINDOW = 4;
const ANSWER_MS = 1000;
const PLACEHOLDER = "#".repeat(12);

const encoder = new TextEncoder();

/** Tells whether a memcached answers at a port. */
export function answersMemcache(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const settle = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(ANSWER_MS, () => settle(false));
    socket.on("error", () => settle(false));
    socket.on("connect", () => socket.write("version\r\n"));
    socket.on(
      "data",
      (chunk: Uint8Array) => settle(new TextDecoder().decode(chunk).startsWith("VERSION ")),
    );
  });
}

/** Sets the keys `prefix` + number, from 0 on, over one connection. @throws Error when one was not stored */
export async function loadMemcacheKeys(options: LoadKeysOptions): Promise<void> {
  const { port, count, value, prefix = "key:", distinct = count } = options;
  const one = `set ${prefix}${PLACEHOLDER} 0 0 ${encoder.encode(value).length}\r\n${value}\r\n`;
  const keyAt = one.indexOf(PLACEHOLDER);
  const most = Math.min(DEPTH, count);
  const whole = encoder.encode(one.repeat(most));
  const bytesPerCommand = whole.length / most;
  const client = await PipelineClient.connect(port);
  const underway: Promise<void>[] = [];
  try {
    for (let first = 0; first < count; first += most) {
      const depth = Math.min(most, count - first);
      for (let i = 0; i < depth; i++) {
        writeDigits(whole, i * bytesPerCommand + keyAt, (first + i) % distinct);
      }
      underway.push(client.send(whole.slice(0, depth * bytesPerCommand), depth));
      if (underway.length >= WINDOW) await underway.shift();
    }
    await Promise.all(underway);
    const stored = Number(/^STAT curr_items (\d+)/m.exec(await statsOf(port))?.[1]);
    if (!(stored >= Math.min(distinct, count))) {
      throw new Error(`memcached kept ${stored} keys of ${distinct}`);
    }
  } finally {
    client.close();
  }
}

function statsOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    let text = "";
    socket.on("error", reject);
    socket.on("connect", () => socket.write("stats\r\n"));
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (!text.endsWith("END\r\n")) return;
      socket.destroy();
      resolve(text);
    });
  });
}
