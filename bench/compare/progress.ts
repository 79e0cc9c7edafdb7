/** Tells how far a run is and how long it still takes, from what its steps were expected to take. */

const MS_PER_SECOND = 1000;
const SECONDS_PER_MINUTE = 60;
/** Until so much of the plan is done, the plan is believed more than the clock. */
const TRUSTED_SECONDS = 30;

export class Progress {
  readonly #plannedSeconds: number;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #doneSeconds = 0;

  /** @param plannedSeconds what everything is expected to take */
  constructor(plannedSeconds: number, nowMs: () => number = () => performance.now()) {
    this.#plannedSeconds = plannedSeconds;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  get elapsedSeconds(): number {
    return (this.#nowMs() - this.#startMs) / MS_PER_SECOND;
  }

  /** Seconds that are left: the rest of the plan, at the pace so far. */
  get leftSeconds(): number {
    const pace = (this.elapsedSeconds + TRUSTED_SECONDS) / (this.#doneSeconds + TRUSTED_SECONDS);
    return Math.max(0, this.#plannedSeconds - this.#doneSeconds) * pace;
  }

  /** Seconds by which it is behind the plan; negative when it is ahead. */
  get behindSeconds(): number {
    return this.elapsedSeconds - this.#doneSeconds;
  }

  /** Something is done that was expected to take so long. */
  done(plannedSeconds: number): void {
    this.#doneSeconds += plannedSeconds;
  }

  /** E.g. "[ 42 %, 10:31 left] what". */
  line(what: string): string {
    const share = Math.min(1, this.#doneSeconds / Math.max(1e-9, this.#plannedSeconds));
    const percent = Math.floor(share * 100).toString().padStart(3);
    return `[${percent} %, ${clockTime(this.leftSeconds)} left] ${what}`;
  }
}

/** Minutes and seconds, e.g. "9:05". */
export function clockTime(seconds: number): string {
  const whole = Math.round(seconds);
  const rest = (whole % SECONDS_PER_MINUTE).toString().padStart(2, "0");
  return `${Math.floor(whole / SECONDS_PER_MINUTE)}:${rest}`;
}
