/**
 * Against guessing of passwords: who fails to sign in again and again is answered later and later.
 *
 *   failures of an address   1 … 5    6      7      8     …
 *   delay of its answers     none     100    200    400   … up to 10 s
 *
 * It is the address that counts, so that new connections do not help, of IPv6 the network of 64 bits.
 * Right answers are delayed, too: else one that does not come at once would tell that a guess was wrong.
 * The session is parked meanwhile; nothing else waits. Addresses are remembered for a few minutes, and
 * so many of them, the latest to fail: a flood of addresses takes no more memory than that.
 */
import type { Clock } from "../../ports/clock.ts";
import type { SessionPort } from "../../ports/session_port.ts";
import type { Settings } from "../../ports/settings.ts";

/** Failures of an address that cost nothing: people mistype. */
export const FREE_FAILURES = 5;
export const MAX_DELAY_MS = 10_000;
/** How long an address is remembered after it failed last. */
export const MEMORY_MS = 300_000;
export const MAX_ADDRESSES = 4096;
/** Of 16 bits each. */
const IPV6_GROUPS = 8;
const NETWORK_GROUPS = 4;

interface Failures {
  count: number;
  lastMs: number;
}

export interface SignInDelaysOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export class SignInDelays {
  readonly #options: SignInDelaysOptions;
  /** In the order of the last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(options: SignInDelaysOptions) {
    this.#options = options;
  }

  /** Number of addresses that are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /** @returns how long an answer to the session's next attempt takes, in ms */
  delayMs({ remoteAddress }: Pick<SessionPort, "remoteAddress">): number {
    const failures = this.#failures.get(networkOf(remoteAddress));
    if (failures === undefined || failures.count < FREE_FAILURES) return 0;
    const { clock, settings } = this.#options;
    if (clock.nowMs() - failures.lastMs > MEMORY_MS) return 0;
    return Math.min(settings.authFailDelayMs * 2 ** (failures.count - FREE_FAILURES), MAX_DELAY_MS);
  }

  /** An attempt failed. @param user whom it named */
  failed({ remoteAddress, id }: Pick<SessionPort, "remoteAddress" | "id">, user: string): void {
    const { clock, log } = this.#options;
    const network = networkOf(remoteAddress);
    const nowMs = clock.nowMs();
    let failures = this.#failures.get(network);
    if (failures === undefined || nowMs - failures.lastMs > MEMORY_MS) {
      failures = { count: 0, lastMs: nowMs };
    }
    failures.count++;
    failures.lastMs = nowMs;
    this.#failures.delete(network);
    this.#failures.set(network, failures);
    this.#forget(nowMs);
    // A line for each would let whoever guesses fill the log.
    if ((failures.count & (failures.count - 1)) === 0) {
      const name = JSON.stringify(user.slice(0, 64));
      const times = failures.count === 1 ? "" : `, ${failures.count} failures in a row from there`;
      log(`Failed sign-in as ${name} by ${remoteAddress} id=${id}${times}`);
    }
  }

  /** Drops those that are too old, or one too many. */
  #forget(nowMs: number): void {
    for (const [network, { lastMs }] of this.#failures) {
      if (this.#failures.size <= MAX_ADDRESSES && nowMs - lastMs <= MEMORY_MS) return;
      this.#failures.delete(network);
    }
  }
}

/** @param address "ip:port", "[ip]:port" or "path:0" @returns what counts as one guesser */
export function networkOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(":"));
  if (!host.startsWith("[")) return host;
  const [left, right] = host.slice(1, -1).split("::").map((part) => part.split(":"));
  const groups = left[0] === "" ? [] : left;
  const rest = right === undefined || right[0] === "" ? [] : right;
  // A double colon stands for as many groups of zeros as are missing.
  while (groups.length + rest.length < IPV6_GROUPS) groups.push("0");
  return [...groups, ...rest].slice(0, NETWORK_GROUPS).join(":");
}
