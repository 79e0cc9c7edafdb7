/** Contracts of TLS between the server and the listeners of a runtime. */

/** What a listener proves itself with, and what it asks of its peers. Certificates and keys are PEM. */
export interface TlsIdentity {
  /** The certificate, followed by those that lead from it to an authority. */
  readonly certificate: string;
  readonly key: string;
  /** What the key is encrypted with, "" = nothing. */
  readonly passphrase: string;
  /** Certificates of the authorities that vouch for clients, "" = none. */
  readonly authorities: string;
  readonly clients: ClientCertificates;
}

/** Whether a client must show a certificate, is not asked for one, or may show one. */
export type ClientCertificates = "yes" | "no" | "optional";

/** Why a handshake failed. */
export type HandshakeFailure =
  | "bytes that are not TLS"
  | "no client certificate"
  | "client certificate not accepted"
  | "no protocol or cipher in common"
  | "refused by the client"
  | "ended by the client"
  | "not finished in time"
  | "unknown reason";

/** Counts the handshakes of a server's listeners, and bounds them. */
export interface Handshakes {
  /** A connection came. @returns whether its handshake may begin; it is closed at once where not */
  begin(): boolean;
  /**
   * A handshake that began is over.
   * @param failure undefined = the connection stands
   * @param remoteAddress "ip:port" of the peer
   */
  end(failure: HandshakeFailure | undefined, remoteAddress: string): void;
}

/** What makes a listener speak TLS. */
export interface TlsOptions {
  readonly identity: TlsIdentity;
  readonly handshakes: Handshakes;
  /** After which a connection is closed whose handshake is not finished. */
  readonly handshakeTimeoutMs: number;
}
