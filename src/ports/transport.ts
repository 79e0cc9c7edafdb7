/** Contracts between connections of a runtime (TCP, TLS, unix socket, in memory) and sessions. */
import type { TlsIdentity, TlsOptions } from "./tls.ts";

/** One connection, as its session sees it. */
export interface Transport {
  /** "ip:port" of the peer, or "path:0" for a unix socket, as in CLIENT LIST. */
  readonly remoteAddress: string;
  /** "ip:port" of this end, or "path:0" for a unix socket. */
  readonly localAddress: string;
  /** Whether the peer is on this machine: a unix socket or a loopback address. */
  readonly isLoopback: boolean;
  /** Whether this is a unix socket. */
  readonly isUnix: boolean;
  /**
   * Sends `bytes[start..end)`.
   * @returns how many bytes were taken: sent, or copied for sending. The buffer may be used again at once.
   * When fewer than asked were taken, `writable` of the connection's handler is called once there is room.
   */
  write(bytes: Uint8Array, start: number, end: number): number;
  /** Stops, and starts again, the calls of `received`. At most one chunk may still come after `pause`. */
  pause(): void;
  resume(): void;
  /** Sends what was taken, then closes. No call of the handler follows but `closed`. */
  end(): void;
  /** Closes at once and drops what was not sent. */
  destroy(): void;
}

/** What a session gives to its connection. */
export interface ConnectionHandler {
  /** A chunk came. It is valid only during the call. */
  received(chunk: Uint8Array): void;
  /** There is room again after a short write. */
  writable(): void;
  /** The peer ended its direction; replies may still be sent. */
  ended(): void;
  /** The connection is gone. Called exactly once, last. */
  closed(): void;
}

/** Where to listen. */
export type ListenAddress =
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    /** Whether TLS is spoken there. */
    readonly isTls?: boolean;
  }
  | { readonly kind: "unix"; readonly path: string; readonly mode?: number };

export interface ListenOptions {
  readonly address: ListenAddress;
  /** Makes a TCP listener speak TLS: `connected` is called once a handshake is done. */
  readonly tls?: TlsOptions;
  /** Seconds between TCP keepalive probes, 0 = off. */
  readonly tcpKeepaliveSeconds: number;
  /** Called for each new connection; what it returns receives the connection's events. */
  readonly connected: (transport: Transport) => ConnectionHandler;
  /** Called once per turn of the event loop in which anything was received, after all of it was. */
  readonly flush: () => void;
  /**
   * Called with an error that has no connection to be told to: a connection could not be accepted, or a
   * handler threw (its connection is then destroyed). Default: written to the console.
   */
  readonly failed?: (error: unknown) => void;
}

export interface Listener {
  /** The address bound, with the real port when 0 was asked for. */
  readonly address: ListenAddress;
  /** Stops accepting; existing connections go on. */
  close(): void;
  /**
   * Shows another certificate to connections that come from now on, by binding the address anew, which
   * may refuse connections for a moment. Existing ones go on. Only of listeners that speak TLS.
   * @param identity one that `checkIdentity` accepts
   */
  renew?(identity: TlsIdentity): void;
}

/** Opens listeners; one implementation per runtime. @throws Error that names the address when it can't be bound */
export interface TransportServer {
  listen(options: ListenOptions): Promise<Listener>;
  /** @throws Error that says why no listener could use this identity */
  checkIdentity(identity: TlsIdentity): void;
}
