/**
 * TLS of a server: its certificate, read from files at the start and whenever it changes, and what
 * becomes of handshakes.
 */
import type { Stats } from "../engine/stats.ts";
import type { FileStore } from "../ports/file_store.ts";
import type { Log } from "../ports/log.ts";
import type { HandshakeFailure, Handshakes, TlsIdentity, TlsOptions } from "../ports/tls.ts";
import type { TransportServer } from "../ports/transport.ts";
import { findTlsName } from "./options_tls.ts";
import type { Options } from "./options_types.ts";

const HANDSHAKE_TIMEOUT_MS = 10_000;
const NOT_UPDATED = "Unable to update TLS configuration. Check server logs.";

export interface ServerTlsContext {
  readonly options: Options;
  readonly files: FileStore;
  readonly transports: TransportServer;
  readonly stats: Stats;
  readonly log: Log;
  /** Connections that are there, of every kind. */
  readonly clientCount: () => number;
}

/** What can go on with another certificate. */
export interface Renewable {
  /** @param identity one that was checked */
  renew?(identity: TlsIdentity): void;
}

export class ServerTls implements Handshakes {
  readonly #context: ServerTlsContext;
  readonly #listeners: Renewable[] = [];
  /** Kinds of failures that were logged. */
  readonly #logged = new Set<HandshakeFailure>();
  #pending = 0;

  constructor(context: ServerTlsContext) {
    this.#context = context;
  }

  begin(): boolean {
    const { options, stats, clientCount } = this.#context;
    if (clientCount() + this.#pending >= options.settings.maxclients) {
      stats.rejectedConnections++;
      return false;
    }
    this.#pending++;
    return true;
  }

  end(failure: HandshakeFailure | undefined, remoteAddress: string): void {
    this.#pending--;
    if (failure === undefined) return;
    const { stats, log } = this.#context;
    stats.tlsHandshakeFailures++;
    if (this.#logged.has(failure)) return;
    this.#logged.add(failure);
    log(
      `TLS handshake with ${remoteAddress} failed: ${failure}. ` +
        `Further failures of this kind are only counted (INFO stats, tls_handshake_failures).`,
      "warning",
      { address: remoteAddress, failure },
    );
  }

  /** What a listener needs to speak TLS. @throws Error that says what is wrong */
  listenOptions(): TlsOptions {
    const identity = this.#read();
    return { identity, handshakes: this, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS };
  }

  /** A listener whose certificate is to be kept up to date. */
  add(listener: Renewable): void {
    this.#listeners.push(listener);
  }

  /** Reads the files again; new connections get what is in them. @returns false = all is as it was */
  reload(): boolean {
    if (this.#listeners.length === 0) return true;
    try {
      const identity = this.#read();
      for (const listener of this.#listeners) listener.renew?.(identity);
    } catch (error) {
      const reason = (error as Error).message;
      this.#context.log(`The TLS configuration stays as it was: ${reason}`, "warning");
      return false;
    }
    this.#context.log("The TLS certificate was read again; new connections get it");
    return true;
  }

  /**
   * Follows CONFIG SET. A file may hold something else under the same name, so it is read in any case.
   * @returns what cannot be as it was set
   */
  apply(names: readonly string[]): { name: string; reason: string } | undefined {
    const name = findTlsName(names);
    return name === undefined || this.reload() ? undefined : { name, reason: NOT_UPDATED };
  }

  /** @throws Error that says what is wrong */
  #read(): TlsIdentity {
    const { options, transports } = this.#context;
    // Clients of the HTTP door show no certificates.
    const clients = options.tlsPort === 0 ? "no" : options.tlsAuthClients;
    const identity: TlsIdentity = {
      certificate: this.#readFile("tls-cert-file", options.tlsCertFile),
      key: this.#readFile("tls-key-file", options.tlsKeyFile),
      passphrase: options.tlsKeyFilePass,
      authorities: options.tlsCaCertFile === ""
        ? ""
        : this.#readFile("tls-ca-cert-file", options.tlsCaCertFile),
      clients,
    };
    try {
      transports.checkIdentity(identity);
    } catch (error) {
      const files = `${options.tlsCertFile}, ${options.tlsKeyFile}`;
      throw new Error(`TLS (${files}): ${(error as Error).message}`, { cause: error });
    }
    return identity;
  }

  #readFile(name: string, path: string): string {
    if (path === "") throw new Error(`${name} is missing`);
    let text: string | undefined;
    try {
      text = this.#context.files.readTextNow(path);
    } catch (error) {
      throw new Error(`${name} ${path} cannot be read: ${(error as Error).message}`);
    }
    if (text === undefined) throw new Error(`${name} ${path}: no such file`);
    return text;
  }
}
