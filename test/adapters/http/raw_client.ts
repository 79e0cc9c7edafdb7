/** Sends bytes to a port as they are, for tests of requests that no client would send. */
import { connect } from "node:net";

/** What came back, as Latin-1 text. */
export interface RawAnswer {
  readonly text: string;
  /** Whether the other side ended the connection. */
  readonly isClosed: boolean;
}

export interface RawOptions {
  /** Ends the wait once the text has it. */
  readonly until?: RegExp;
  readonly waitMs?: number;
  /** Parts to be sent by and by behind the first. */
  readonly drips?: readonly string[];
  readonly dripMs?: number;
}

const WAIT_MS = 10_000;
const DRIP_MS = 30;

/** Sends text, and waits for `until`, for the end of the connection, or for so long. */
export function sendRaw(url: string, text: string, options: RawOptions = {}): Promise<RawAnswer> {
  const { until, waitMs = WAIT_MS, drips = [], dripMs = DRIP_MS } = options;
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let received = "";
    let sent = 0;
    const timers: { stop(): void }[] = [];
    const end = (isClosed: boolean): void => {
      for (const timer of timers) timer.stop();
      socket.destroy();
      resolve({ text: received, isClosed });
    };
    const late = setTimeout(() => end(false), waitMs);
    timers.push({ stop: () => clearTimeout(late) });
    socket.on("data", (chunk: Uint8Array) => {
      received += String.fromCharCode(...chunk.subarray(0, 4096));
      if (until?.test(received)) end(false);
    });
    socket.on("error", () => end(true));
    socket.on("close", () => end(true));
    socket.write(text, "latin1");
    if (drips.length === 0) return;
    const drip = setInterval(() => {
      if (sent < drips.length) socket.write(drips[sent++], "latin1");
    }, dripMs);
    timers.push({ stop: () => clearInterval(drip) });
  });
}
