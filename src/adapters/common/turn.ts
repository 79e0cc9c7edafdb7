/** Gathers what all connections receive in one turn of the event loop, then calls `flush` once. */
export class Turn {
  readonly #schedule: (run: () => void) => void;
  readonly #run: () => void;
  #isScheduled = false;

  /**
   * @param schedule calls its argument once everything else that is ready now was handled
   * @param failed takes what `flush` throws
   */
  constructor(
    flush: () => void,
    schedule: (run: () => void) => void,
    failed: (error: unknown) => void,
  ) {
    this.#schedule = schedule;
    this.#run = () => {
      this.#isScheduled = false;
      try {
        flush();
      } catch (error) {
        failed(error);
      }
    };
  }

  /** Says that something is being received. */
  begin(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.#run);
  }
}
