/** What a connection of a client is told, and what it does where it is not told. */
import type { ClientAddress } from "../ports/client_socket.ts";
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { ClientError } from "./client_error.ts";

/** "resp3" falls back to RESP2 where the server knows no HELLO; "binary" is the batch protocol. */
export type ClientProtocol = "resp3" | "resp2" | "binary";

/** How lost connections are made anew. */
export interface ReconnectOptions {
  /** Longest wait before the first attempt; doubled for each one. 50 by default. */
  readonly minDelayMs?: number | undefined;
  /** Longest wait of all. 2000 by default. */
  readonly maxDelayMs?: number | undefined;
  /** Attempts in a row that may fail before what waits fails, too; 20 by default. They go on after it. */
  readonly attempts?: number | undefined;
}

export interface ConnectionOptions {
  readonly address: ClientAddress;
  /** "resp3" by default. */
  readonly protocol?: ClientProtocol | undefined;
  /** "default" by default, where there is a password. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** As CLIENT SETNAME takes it. */
  readonly name?: string | undefined;
  /** 0 by default. */
  readonly database?: number | undefined;
  /** For a connection and its opening; 5000 by default, 0 = no limit. */
  readonly connectTimeoutMs?: number | undefined;
  /** For each command that does not say otherwise; 0 = no limit, the default. */
  readonly commandTimeoutMs?: number | undefined;
  /** Commands that may wait, for a connection or for their replies; 1,000,000 by default. */
  readonly maxQueuedCommands?: number | undefined;
  /** Bytes of these commands; 256 MiB by default. */
  readonly maxQueuedBytes?: number | undefined;
  /** Whether commands wait while there is no connection; true by default. */
  readonly offlineQueue?: boolean | undefined;
  /** False = a connection that is lost is not made anew, and this is its end. */
  readonly reconnect?: false | ReconnectOptions | undefined;
  /** What bulk strings of pushes become; "text" by default. */
  readonly pushesAs?: "text" | "bytes" | undefined;
  /** Takes messages and whatever else the server sends without being asked. */
  readonly onPush?: ((push: ReplyValue[]) => void) | undefined;
  /** A connection stands: the first one, or a later one. Commands given here go before those that wait. */
  readonly onConnect?: (() => void) | undefined;
  /** A connection that stood is lost. */
  readonly onDisconnect?: ((error: ClientError) => void) | undefined;
}

/** The numbers among them, all there. */
export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly maxQueuedCommands: number;
  readonly maxQueuedBytes: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly attempts: number;
}

const MIB = 1024 * 1024;

/** Longest wait that may be asked for; beyond, milliseconds leave the range of timers. */
const MAX_MS = 2 ** 31 - 1;

/** @throws RangeError for a number that is out of its range */
export function limitsOf(options: ConnectionOptions): ConnectionLimits {
  const { reconnect } = options;
  const delays = reconnect === false || reconnect === undefined ? {} : reconnect;
  const minDelayMs = checked("minDelayMs", delays.minDelayMs ?? 50, 1, MAX_MS);
  return {
    connectTimeoutMs: checked("connectTimeoutMs", options.connectTimeoutMs ?? 5000, 0, MAX_MS),
    commandTimeoutMs: checked("commandTimeoutMs", options.commandTimeoutMs ?? 0, 0, MAX_MS),
    maxQueuedCommands: checked("maxQueuedCommands", options.maxQueuedCommands ?? 1_000_000, 1),
    maxQueuedBytes: checked("maxQueuedBytes", options.maxQueuedBytes ?? 256 * MIB, 1),
    minDelayMs,
    maxDelayMs: checked(
      "maxDelayMs",
      delays.maxDelayMs ?? Math.max(2000, minDelayMs),
      minDelayMs,
      MAX_MS,
    ),
    attempts: checked("attempts", delays.attempts ?? 20, 1),
  };
}

/** @returns the value @throws RangeError when it is out of its range */
export function checked(
  name: string,
  value: number,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new RangeError(`${name} must be a number from ${min} to ${max}, got ${String(value)}`);
}
