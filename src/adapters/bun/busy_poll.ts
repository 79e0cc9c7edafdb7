/**
 * Polls the sockets a little longer before the process sleeps, where the next commands are about to come.
 *
 * To be woken costs the one who sends and the one who sleeps more than a small command does, and a client
 * that waits for one reply before it sends the next command pays for it each time. So while few
 * connections send, the event loop is kept awake for up to `BUSY_POLL_MS` after a turn that came soon after
 * the one before. Where that was in vain (the clients need this very core, or have no more to ask), ever
 * more turns pass until it is tried again. While many connections send, there is mostly one that is ready.
 */

/** The longest that the event loop is kept awake after a turn, in milliseconds. */
export const BUSY_POLL_MS = 0.05;
/** The most connections that are few. */
export const FEW_CONNECTIONS = 4;
/** Chunks in a row that came from few connections, before it is done. */
export const CALM_CHUNKS = 64;
/** At most so many doublings of the turns that pass without polling after one in vain. */
export const MAX_DOUBLINGS = 10;

export class BusyPoll {
  readonly #now: () => number;
  readonly #schedule: (run: () => void) => void;
  readonly #poll: () => void;
  /** When the last turn ended. */
  #endedAtMs = -Infinity;
  #hasReceived = false;
  /** Whether this turn began within `BUSY_POLL_MS` of the last one's end. */
  #isSoon = false;
  #isPolling = false;
  /** Polls in vain since the last one that was not. */
  #failures = 0;
  #turnsToPass = 0;
  /** The last ones that sent something and were not among these. */
  readonly #senders: unknown[] = new Array(FEW_CONNECTIONS).fill(undefined);
  #nextSender = 0;
  /** Chunks since one of these was replaced. */
  #calmChunks = 0;

  /**
   * @param now in milliseconds, with fractions
   * @param schedule calls its argument once the event loop has looked for what is ready, without sleeping
   */
  constructor(now: () => number, schedule: (run: () => void) => void) {
    this.#now = now;
    this.#schedule = schedule;
    this.#poll = () => {
      const isInTime = this.#now() - this.#endedAtMs < BUSY_POLL_MS;
      if (!this.#hasReceived && isInTime) return schedule(this.#poll);
      this.#isPolling = false;
      this.#failures = this.#hasReceived ? 0 : Math.min(this.#failures + 1, MAX_DOUBLINGS);
      this.#turnsToPass = 2 ** this.#failures - 1;
    };
  }

  /** Says that a chunk was received. @param sender the connection */
  received(sender: unknown): void {
    if (this.#senders.includes(sender)) this.#calmChunks++;
    else {
      this.#senders[this.#nextSender] = sender;
      this.#nextSender = (this.#nextSender + 1) % FEW_CONNECTIONS;
      this.#calmChunks = 0;
    }
    if (this.#hasReceived) return;
    this.#hasReceived = true;
    this.#isSoon = this.#now() - this.#endedAtMs < BUSY_POLL_MS;
  }

  /** Says that what was received is answered. */
  ended(): void {
    this.#hasReceived = false;
    this.#endedAtMs = this.#now();
    if (this.#isPolling || !this.#isSoon || this.#calmChunks < CALM_CHUNKS) return;
    if (this.#turnsToPass > 0) {
      this.#turnsToPass--;
      return;
    }
    this.#isPolling = true;
    this.#schedule(this.#poll);
  }
}
