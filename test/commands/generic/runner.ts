/** A server without a network: the key and string commands, run through a session as RESP bytes. */
import { createRandom } from "../../../src/bytes/prng.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { Stats } from "../../../src/engine/stats.ts";
import { Executor } from "../../../src/session/executor.ts";
import { Session } from "../../../src/session/session.ts";
import { testSettings } from "../../support/test_settings.ts";
import type { Services } from "../../../src/commands/call.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import type { Transport } from "../../../src/ports/transport.ts";

/** "+OK" a status, "-ERR …" an error, a string a bulk (as Latin-1), null the null reply. */
export type Reply = string | number | bigint | null | Reply[];

export const START_MS = 1_700_000_000_000;
const CAPACITY_BYTES = 64 * 1024 * 1024;
/** The invariants are checked after each command while there are fewer keys, then in proportion seldomer. */
const CHECKED_KEYS = 500;

export interface Runner {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly session: Session;
  /** Runs what the session received. */
  flush(): void;
  /** What the session was sent since the last reply that was taken. @returns undefined if nothing was */
  later(): Reply | undefined;
  /** Where the peer is, "ip:port". */
  remoteAddress: string;
  /** Wall clock; moved by hand, and by DEBUG SLEEP. */
  nowMs: number;
  /**
   * Runs one command and checks the keyspace's invariants, with many keys not each time.
   * @param words of the command, or one text with blanks between them; each char a byte
   */
  run(...words: string[]): Reply;
}

/** @param changes of the settings' defaults */
export function createRunner(changes: Partial<Settings> = {}): Runner {
  const settings = testSettings(changes);
  const registry = createCommandTable([GENERIC_COMMANDS, STRING_COMMANDS]);
  let nowMs = START_MS;
  let uncheckedRuns = 0;
  const engine = new Engine({
    settings,
    clock: {
      nowMs: () => nowMs,
      monotonicUs: () => nowMs * 1000,
      after: () => () => {},
      soon() {},
      sleepSync: (ms) => {
        nowMs += ms;
      },
    },
    random: createRandom([1, 2, 3, 4]),
    stats: new Stats(registry.entries.length),
    capacityBytes: CAPACITY_BYTES,
  });
  const log = (line: string): void => {
    throw new Error(line);
  };
  const executor = new Executor(engine, registry, {} as Services, log);
  const transport = new CapturingTransport();
  const session = new Session(1, transport, { engine, registry, executor, ended() {}, log });
  return {
    engine,
    settings,
    session,
    get remoteAddress() {
      return transport.remoteAddress;
    },
    set remoteAddress(address: string) {
      transport.remoteAddress = address;
    },
    get nowMs() {
      return nowMs;
    },
    set nowMs(value: number) {
      nowMs = value;
    },
    flush: () => executor.flush(),
    later() {
      const text = transport.take();
      return text === "" ? undefined : decode(text);
    },
    run(...words) {
      session.received(encode(words.length === 1 ? words[0].split(" ") : words));
      executor.flush();
      const { size } = engine.keyspace.databases[0];
      if (size < CHECKED_KEYS || ++uncheckedRuns * CHECKED_KEYS > size) {
        engine.keyspace.checkInvariants();
        uncheckedRuns = 0;
      }
      return decode(transport.take());
    },
  };
}

class CapturingTransport implements Transport {
  remoteAddress = "127.0.0.1:50000";
  readonly localAddress = "127.0.0.1:6379";
  readonly isLoopback = true;
  readonly isUnix = false;
  #written = "";

  take(): string {
    const written = this.#written;
    this.#written = "";
    return written;
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) this.#written += String.fromCharCode(bytes[i]);
    return end - start;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

function encode(words: readonly string[]): Uint8Array {
  const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
  const text = `*${words.length}\r\n${parts.join("")}`;
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** @throws Error unless the text is exactly one reply of RESP2 */
function decode(text: string): Reply {
  let at = 0;
  const line = (): string => {
    const end = text.indexOf("\r\n", at);
    if (end < 0) throw new Error(`no whole reply: ${JSON.stringify(text)}`);
    const start = at;
    at = end + 2;
    return text.slice(start, end);
  };
  const next = (): Reply => {
    const head = line();
    const size = Number(head.slice(1));
    switch (head[0]) {
      case "+":
      case "-":
        return head;
      case ":":
        return Number.isSafeInteger(size) ? size : BigInt(head.slice(1));
      case "$":
        if (size < 0) return null;
        at += size + 2;
        return text.slice(at - size - 2, at - 2);
      case "*":
        return size < 0 ? null : Array.from({ length: size }, next);
      default:
        throw new Error(`no reply: ${JSON.stringify(text)}`);
    }
  };
  const reply = next();
  if (at !== text.length) throw new Error(`more than one reply: ${JSON.stringify(text)}`);
  return reply;
}
