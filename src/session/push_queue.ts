/** The messages that wait to be sent to one session, in their order. */
import type { LateMessage, SharedMessage } from "../ports/session_port.ts";

/** An array that grew beyond this is not kept for the next messages. */
const KEPT_LENGTH = 64;
const NOTHING = new Uint8Array(0);

/** Counts the messages that wait, over all sessions. */
export interface PushAccount {
  /** A message waits for one more session. */
  added(message: SharedMessage): void;
  /** A message waits for one session less. */
  removed(message: SharedMessage): void;
}

/** The place of a message that is not written yet. */
class LatePlace implements SharedMessage {
  readonly bytes = NOTHING;
  waiting = 0;
  readonly late: LateMessage;

  constructor(late: LateMessage) {
    this.late = late;
  }
}

export class PushQueue {
  readonly #account: PushAccount;
  #messages: SharedMessage[] = [];
  #sizeBytes = 0;
  #hasLate = false;

  constructor(account: PushAccount) {
    this.#account = account;
  }

  get length(): number {
    return this.#messages.length;
  }

  /** What they will take on the wire, whether others wait for them, too, or not. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** All that wait. Those that are written late are written by this. */
  get messages(): readonly SharedMessage[] {
    if (this.#hasLate) this.#writeLate();
    return this.#messages;
  }

  /** @returns whether it is the only one */
  add(message: SharedMessage): boolean {
    this.#account.added(message);
    this.#sizeBytes += message.bytes.length;
    return this.#messages.push(message) === 1;
  }

  /** @returns whether it is the only one */
  addLate(late: LateMessage): boolean {
    this.#hasLate = true;
    return this.add(new LatePlace(late));
  }

  #writeLate(): void {
    this.#hasLate = false;
    const messages = this.#messages;
    for (let i = 0; i < messages.length; i++) {
      const place = messages[i];
      if (!(place instanceof LatePlace)) continue;
      this.#account.removed(place);
      const message = { bytes: place.late.take(), waiting: 0 };
      this.#account.added(message);
      this.#sizeBytes += message.bytes.length;
      messages[i] = message;
    }
  }

  /** Drops all of them: they were sent, or never will be. */
  clear(): void {
    // Whoever made a late message is told that way that it is gone.
    if (this.#hasLate) this.#writeLate();
    for (const message of this.#messages) this.#account.removed(message);
    if (this.#messages.length > KEPT_LENGTH) this.#messages = [];
    else this.#messages.length = 0;
    this.#sizeBytes = 0;
    this.#hasLate = false;
  }
}
