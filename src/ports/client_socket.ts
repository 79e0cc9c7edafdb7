/** Contracts between a client and the connections that a runtime makes to a server. */
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** What a client trusts, and what it shows. Certificates and keys are PEM. */
export interface ClientTls {
  /** Certificates of the authorities that vouch for the server; those of the system by default. */
  readonly authorities?: string | undefined;
  /** The client's own certificate, where the server asks for one. */
  readonly certificate?: string | undefined;
  /** Its key. */
  readonly key?: string | undefined;
  /** Name that the server's certificate must be for; the host by default. */
  readonly serverName?: string | undefined;
  /** False = the server's certificate is not checked, so anybody may be at the other end. */
  readonly isChecked?: boolean | undefined;
}

/** Where a server is. */
export type ClientAddress =
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    readonly tls?: ClientTls | undefined;
  }
  | { readonly kind: "unix"; readonly path: string };

/** What a connection tells its client. Nothing is told during a call of the connection's own methods. */
export interface ClientSocketHandler {
  /** It stands, the handshake of TLS included. */
  connected(): void;
  /** A chunk came. It is valid only during the call. */
  received(chunk: Uint8Array): void;
  /** There is room again after a short write. */
  writable(): void;
  /**
   * It is gone, or was never made. Called exactly once, last.
   * @param cause why, where that is known
   */
  closed(cause: Error | undefined): void;
}

/** One connection, from the attempt on. */
export interface ClientSocket {
  /**
   * Sends `bytes[start..end)`; only while it is connected.
   * @returns how many bytes were taken: sent, or copied for sending. The buffer may be used again at once.
   * When fewer than asked were taken, `writable` is called once there is room.
   */
  write(bytes: Uint8Array, start: number, end: number): number;
  /** Sends what was taken, then closes. No call of the handler follows but `closed`. */
  end(): void;
  /** Closes at once, and drops what was not sent, or gives the attempt up. Only `closed` follows. */
  destroy(): void;
}

/** Makes connections; one implementation per runtime. */
export interface ClientSockets {
  /** Begins to connect. */
  connect(address: ClientAddress, handler: ClientSocketHandler): ClientSocket;
}

/** Everything that a runtime gives to a client. */
export interface ClientHost {
  readonly sockets: ClientSockets;
  /** Its timers keep the process alive. */
  readonly clock: Clock;
  readonly random: Random;
}
