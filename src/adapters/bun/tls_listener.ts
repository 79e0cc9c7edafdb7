/**
 * A TCP listener that speaks TLS, by Bun.listen.
 *
 * Bun opens a socket before its handshake. Until that is done the socket is only known here, with a
 * timer; then it becomes a connection like any other. Certificates are those of the listening socket,
 * so new ones take a new listening socket.
 */
import type { ListenAddress, Listener, ListenOptions } from "../../ports/transport.ts";
import type { HandshakeFailure, TlsIdentity, TlsOptions } from "../../ports/tls.ts";
import { formatHostPort, listenError } from "../common/addresses.ts";
import { handshakeFailure } from "../common/tls_failure.ts";
import { readIdentity } from "../common/tls_identity.ts";
import { bunApi } from "./api.ts";
import type { BunListener, BunSocketHandlers, BunTls } from "./api.ts";
import type { Connection, Socket } from "./connection.ts";
import { Rebinding } from "../common/rebinding.ts";

type Handlers = BunSocketHandlers<Connection | undefined>;
type TcpAddress = Extract<ListenAddress, { kind: "tcp" }>;

/** @param handlers of connections whose handshake is done */
export function listenTls(
  address: TcpAddress,
  options: ListenOptions,
  tls: TlsOptions,
  handlers: Handlers,
): Listener {
  const pending = new PendingHandshakes(tls);
  const socket = withHandshakes(handlers, pending);
  const open = (port: number, identity: TlsIdentity): BunListener =>
    bunApi().listen({
      hostname: address.host,
      port,
      allowHalfOpen: true,
      socket,
      tls: bunTls(identity),
    });
  let listener = open(address.port, tls.identity);
  const bound: TcpAddress = { ...address, port: listener.port };
  const rebinding = new Rebinding<TlsIdentity>({
    first: tls.identity,
    failed: (error) => (options.failed ?? console.error)(listenError(bound, error)),
    release: () => listener.stop(),
    bind(identity) {
      listener = open(bound.port, identity);
    },
  });
  return {
    address: bound,
    renew: (identity) => rebinding.renew(identity),
    close() {
      rebinding.close();
      pending.destroyAll();
    },
  };
}

function bunTls(identity: TlsIdentity): BunTls {
  const { certificate, key, authorities } = readIdentity(identity);
  return {
    cert: certificate,
    key,
    ...authorities.length > 0 ? { ca: authorities } : {},
    requestCert: identity.clients !== "no",
    rejectUnauthorized: identity.clients === "yes",
  };
}

/** Sockets whose handshake is not done, each with the timer that ends it. */
class PendingHandshakes {
  readonly #tls: TlsOptions;
  readonly #timers = new Map<Socket, ReturnType<typeof setTimeout>>();

  constructor(tls: TlsOptions) {
    this.#tls = tls;
  }

  begin(socket: Socket): void {
    if (!this.#tls.handshakes.begin()) return socket.terminate();
    const giveUp = (): void => {
      this.end(socket, "not finished in time");
      socket.terminate();
    };
    this.#timers.set(socket, setTimeout(giveUp, this.#tls.handshakeTimeoutMs));
  }

  /** @returns whether it was pending */
  end(socket: Socket, failure: HandshakeFailure | undefined): boolean {
    const timer = this.#timers.get(socket);
    if (timer === undefined) return false;
    clearTimeout(timer);
    this.#timers.delete(socket);
    const { remoteAddress = "", remotePort = 0 } = socket;
    this.#tls.handshakes.end(failure, formatHostPort(remoteAddress, remotePort));
    return true;
  }

  destroyAll(): void {
    for (const socket of [...this.#timers.keys()]) {
      this.end(socket, "ended by the client");
      socket.terminate();
    }
  }
}

function withHandshakes(handlers: Handlers, pending: PendingHandshakes): Handlers {
  return {
    ...handlers,
    open: (socket) => pending.begin(socket),
    handshake(socket, isDone, error) {
      const failure = isDone ? undefined : handshakeFailure(error);
      const isRefused = isDone && error !== null && showsOne(socket);
      if (!pending.end(socket, isRefused ? "client certificate not accepted" : failure)) return;
      if (isRefused) socket.terminate();
      else if (isDone) handlers.open(socket);
    },
    close(socket) {
      if (!pending.end(socket, "ended by the client")) handlers.close(socket);
    },
  };
}

/** Whether the peer has a certificate; who need not show one may not show a wrong one either. */
function showsOne(socket: Socket): boolean {
  return Object.keys(socket.getPeerCertificate?.() ?? {}).length > 0;
}
