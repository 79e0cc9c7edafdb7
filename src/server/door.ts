/** Doors into a server beside its sockets: who opens them, and what they get. */
import type { TlsIdentity } from "../ports/tls.ts";
import type { Log } from "../ports/log.ts";
import type { Clock } from "../ports/clock.ts";
import type { CommandDoor } from "./command_door.ts";
import type { Options } from "./options_types.ts";
import type { Renewable } from "./tls.ts";

/** What a door is opened with. */
export interface DoorContext {
  readonly commands: CommandDoor;
  readonly options: Options;
  readonly clock: Clock;
  readonly log: Log;
  /** What TLS is spoken with. @throws Error that says what is wrong with the files */
  identity(): TlsIdentity;
  /** Keeps the certificate of a listener up to date. */
  keepRenewed(listener: Renewable): void;
}

export interface OpenDoor {
  /** Where it is, for people, e.g. "http://127.0.0.1:8079". */
  readonly addresses: readonly string[];
  /** Lets nobody in any more; settles when all that is under way is answered, or cut off. */
  close(graceMs: number): Promise<void>;
}

/** Opens a door. @throws Error that names the address when it can't be bound */
export type DoorOpener = (context: DoorContext) => Promise<OpenDoor>;
