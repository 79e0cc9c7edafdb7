/**
 * The sessions that see every command of all others, as lines, when it has run.
 *
 *   +1700000000.123456 [0 127.0.0.1:50000] "set" "key" "a \"quoted\" value\r\n"
 *     seconds.us        db client address   arguments, secrets as "(redacted)"
 *
 * Source: replicationFeedMonitors of Redis's src/replication.c.
 */
import { quotedLength, writeQuoted } from "../bytes/quote.ts";
import type { SessionPort, SessionState } from "../ports/session_port.ts";
import type { Call } from "./call.ts";
import { GUARD_MONITOR } from "./guards.ts";
import { REDACTED, secretPositions } from "./shown_arguments.ts";
import type { CommandTable } from "./spec.ts";

const US_PER_SECOND = 1_000_000;
const SPACE = 0x20;
/** A monitor's place among the monitors. */
const MONITOR_BYTES = 64;

const encoder = new TextEncoder();

export class Monitors {
  readonly #commands: CommandTable;
  readonly #watch: (isWatched: boolean) => void;
  readonly #sessions = new Set<SessionPort>();
  /** Commands that are not shown, by id. */
  readonly #isHidden: Uint8Array;

  /** @param watch called when somebody monitors, and when nobody does any more */
  constructor(commands: CommandTable, watch: (isWatched: boolean) => void) {
    this.#commands = commands;
    this.#watch = watch;
    this.#isHidden = Uint8Array.from(commands.entries, ({ spec }) => {
      return spec.flags.includes("admin") || spec.flags.includes("skip_monitor") ? 1 : 0;
    });
  }

  get count(): number {
    return this.#sessions.size;
  }

  has(session: SessionPort): boolean {
    return this.#sessions.has(session);
  }

  /** From now on it sees all commands, until it is reset or gone. */
  add(session: SessionPort): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.add(session);
    session.guards |= GUARD_MONITOR;
    const state: SessionState = { sizeBytes: MONITOR_BYTES, end: () => this.#remove(session) };
    session.attach(state);
    if (this.#sessions.size === 1) this.#watch(true);
  }

  #remove(session: SessionPort): void {
    this.#sessions.delete(session);
    session.guards &= ~GUARD_MONITOR;
    if (this.#sessions.size === 0) this.#watch(false);
  }

  /** Shows the command of `call`, which has run, to all of them. */
  show(call: Call, id: number): void {
    if (this.#isHidden[id] === 1) return;
    const line = this.#lineOf(call, id);
    for (const session of this.#sessions) session.push(line);
  }

  #lineOf(call: Call, id: number): Uint8Array {
    const { batch, first, argc, session } = call;
    const { argOffsets, argLengths } = batch;
    const source = batch.input.bytes;
    const secrets = secretPositions(this.#commands.entries[id].spec, batch, first, argc);
    const us = call.engine.wallClock.nowUs();
    const seconds = Math.floor(us / US_PER_SECOND);
    const fraction = String(us % US_PER_SECOND).padStart(6, "0");
    const address = session.isUnix
      ? `unix:${session.localAddress.replace(/:0$/, "")}`
      : session.remoteAddress;
    const head = encoder.encode(`+${seconds}.${fraction} [${session.dbIndex} ${address}]`);
    let length = head.length + 2;
    for (let i = 0; i < argc; i++) {
      const start = argOffsets[first + i];
      length += 1 +
        (secrets.has(i)
          ? REDACTED.length + 2
          : quotedLength(source, start, start + argLengths[first + i]));
    }
    const line = new Uint8Array(length);
    line.set(head);
    let at = head.length;
    for (let i = 0; i < argc; i++) {
      line[at++] = SPACE;
      const start = argOffsets[first + i];
      at = secrets.has(i)
        ? writeQuoted(line, at, REDACTED, 0, REDACTED.length)
        : writeQuoted(line, at, source, start, start + argLengths[first + i]);
    }
    line[at] = 0x0d;
    line[at + 1] = 0x0a;
    return line;
  }
}
