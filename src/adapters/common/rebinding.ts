/** Binds an address anew with something else behind it, and does not give the address up. */

/** Pause after the address could not be bound. */
const RETRY_MS = 100;
/** How often an address that is being let go is tried, every `SOON_MS`, before that is a failure. */
const PATIENT_TRIES = 1000;
const SOON_MS = 2;

export interface RebindingOptions<T> {
  /** What is bound now. */
  readonly first: T;
  /** Lets the address go. */
  release(): void;
  /** @throws when the address can't be bound */
  bind(what: T): void;
  /** Told of the first of several failures in a row. */
  failed(error: unknown): void;
  /** Whether an error only says that what was released is not gone yet; by default none does. */
  isTooEarly?(error: unknown): boolean;
}

export class Rebinding<T> {
  readonly #options: RebindingOptions<T>;
  #bound: T;
  #wanted: T;
  #isBound = true;
  #isClosed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RebindingOptions<T>) {
    this.#options = options;
    this.#bound = this.#wanted = options.first;
  }

  /** The last one that was asked for wins. */
  renew(wanted: T): void {
    this.#wanted = wanted;
    if (!this.#isBound || this.#isClosed) return;
    this.#isBound = false;
    this.#options.release();
    this.#bindFirst(PATIENT_TRIES);
  }

  /** Lets the address go for good. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    if (this.#isBound) this.#options.release();
  }

  #bindFirst(tries: number): void {
    const error = this.#tryToBind(this.#wanted);
    if (error === undefined) return;
    if (tries > 0 && this.#options.isTooEarly?.(error)) {
      this.#retry = setTimeout(() => this.#bindFirst(tries - 1), SOON_MS);
      return;
    }
    this.#options.failed(error);
    this.#fallBack();
  }

  #bindLater(): void {
    if (this.#tryToBind(this.#wanted) !== undefined) this.#fallBack();
  }

  /** What was good before is better than nothing. */
  #fallBack(): void {
    if (this.#tryToBind(this.#bound) === undefined) return;
    this.#retry = setTimeout(() => this.#bindLater(), RETRY_MS);
  }

  #tryToBind(what: T): unknown {
    try {
      this.#options.bind(what);
    } catch (error) {
      return error ?? new TypeError("nothing was thrown");
    }
    this.#bound = what;
    this.#isBound = true;
    return undefined;
  }
}
