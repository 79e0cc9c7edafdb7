/** How late the timers of the event loop come: what every client waits when the loop is busy. */

/** Samples that are looked back on: some two seconds. */
const SAMPLES = 20;

export class LoopLag {
  readonly #lagsUs = new Float64Array(SAMPLES);
  #next = 0;
  #dueUs = -1;

  /**
   * To be called by a timer that is set anew each time.
   * @param nowUs microseconds of a clock that never goes back
   * @param delayUs what the timer is set to
   */
  sample(nowUs: number, delayUs: number): void {
    if (this.#dueUs >= 0) {
      this.#lagsUs[this.#next] = Math.max(0, nowUs - this.#dueUs);
      this.#next = (this.#next + 1) % SAMPLES;
    }
    this.#dueUs = nowUs + delayUs;
  }

  /** The longest of the last samples, in seconds. */
  get seconds(): number {
    return Math.max(...this.#lagsUs) / 1e6;
  }
}
