/**
 * One session that tracks keys: its options, who gets its messages, and the message that is being made.
 *
 * Keys that change in one batch go into one message, which is written when it is delivered: behind the
 * replies to all commands that ran before.
 */
import { GUARD_SUBSCRIBER } from "../commands/guards.ts";
import type { Region } from "../ports/region.ts";
import type { ClientDirectory, SessionPort, SessionState } from "../ports/session_port.ts";
import type { TrackingOptions, TrackingState } from "../ports/tracking_port.ts";
import { BrokenRedirect, Invalidation, type WaitingKeys } from "./invalidations.ts";
import type { TrackedPrefix } from "./tracking_prefixes.ts";

/** Memory of a client without its prefixes, for accounting. */
const CLIENT_BYTES = 256;
/** Memory of a prefix beyond its bytes. */
const PREFIX_BYTES = 256;
/** What a client that holds no number has. */
export const NO_NUMBER = -1;

export class TrackingClient implements TrackingState, SessionState {
  readonly session: SessionPort;
  redirectId = 0;
  isBroadcast = false;
  isOptIn = false;
  isOptOut = false;
  isNoLoop = false;
  /** Whether it remembers whatever it reads: neither OPTIN nor OPTOUT nor BCAST. */
  isPlain = false;
  isBroken = false;
  isCaching = false;
  /** What was added to the engine's count of buffers. */
  countedBytes = 0;
  /** In the tracking table; NO_NUMBER until it reads a key. */
  number = NO_NUMBER;
  readonly tracked: TrackedPrefix[] = [];
  readonly #clients: ClientDirectory;
  readonly #account: WaitingKeys;
  readonly #ended: () => void;
  #prefixBytes = 0;
  #message: Invalidation | undefined;
  #broken: BrokenRedirect | undefined;

  /** @param ended called when the session ends, or is reset */
  constructor(
    session: SessionPort,
    clients: ClientDirectory,
    account: WaitingKeys,
    ended: () => void,
  ) {
    this.session = session;
    this.#clients = clients;
    this.#account = account;
    this.#ended = ended;
  }

  /** Takes the options over, but for the prefixes. */
  configure(options: TrackingOptions): void {
    this.redirectId = options.redirectId;
    this.isBroadcast = options.isBroadcast;
    this.isOptIn = options.isOptIn;
    this.isOptOut = options.isOptOut;
    this.isNoLoop = options.isNoLoop;
    this.isPlain = !options.isBroadcast && !options.isOptIn && !options.isOptOut;
    this.isBroken = false;
    this.#broken = undefined;
  }

  /** It tracks one more prefix. */
  addPrefix(prefix: TrackedPrefix): void {
    this.tracked.push(prefix);
    this.#prefixBytes += PREFIX_BYTES + prefix.bytes.length;
  }

  get prefixes(): readonly Uint8Array[] {
    return this.tracked.map(({ bytes }) => bytes).sort(compareTexts);
  }

  get sizeBytes(): number {
    return CLIENT_BYTES + this.#prefixBytes;
  }

  end(): void {
    this.#ended();
  }

  /** Whether what is read now is to be remembered. */
  get remembers(): boolean {
    if (this.isBroadcast) return false;
    if (this.isOptIn) return this.isCaching;
    return !(this.isOptOut && this.isCaching);
  }

  /** A key that the client may have changed. */
  invalidate(region: Region, offset: number, length: number): void {
    this.#open()?.add(region, offset, length);
  }

  /** All keys that the client may have changed. */
  invalidateAll(): void {
    this.#open()?.addAll();
  }

  /** The message that waits for whoever gets it, a new one if there is none. */
  #open(): Invalidation | undefined {
    const receiver = this.receiver();
    if (receiver === undefined) return undefined;
    let message = this.#message;
    if (message !== undefined && !message.isTaken && message.receiver === receiver) return message;
    message = new Invalidation(receiver, this.#account);
    this.#message = message;
    receiver.push(message);
    return message;
  }

  /**
   * Who gets a message now, if anybody can: RESP2 has none but for subscribers that it is redirected to.
   * Notes that a redirection is broken, and tells the client so.
   */
  receiver(): SessionPort | undefined {
    if (this.redirectId === 0) {
      const { session } = this;
      return session.protocolVersion === 3 && !session.isClosing ? session : undefined;
    }
    const receiver = this.#clients.byId(this.redirectId);
    if (receiver === undefined) {
      this.#tellBroken();
      return undefined;
    }
    if (receiver.isClosing) return undefined;
    const isReached = receiver.protocolVersion === 3 || (receiver.guards & GUARD_SUBSCRIBER) !== 0;
    return isReached ? receiver : undefined;
  }

  #tellBroken(): void {
    this.isBroken = true;
    if (this.session.protocolVersion === 2 || this.#broken?.isTaken === false) return;
    this.#broken = new BrokenRedirect(this.session, this.redirectId);
    this.session.push(this.#broken);
  }
}

function compareTexts(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
