/**
 * A TCP listener that speaks TLS, by node:tls.
 *
 * Deno.listenTls takes less time for a message, but it can neither ask for a client's certificate, nor
 * end a handshake that the peer does not go on with, nor send small replies without waiting (Nagle).
 * Here each connection gets the certificate that is current when it comes.
 */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Server as TlsServer, TLSSocket } from "node:tls";
import type { ListenAddress, Listener, ListenOptions } from "../../ports/transport.ts";
import type {
  ClientCertificates,
  HandshakeFailure,
  TlsIdentity,
  TlsOptions,
} from "../../ports/tls.ts";
import { formatHostPort, listenError } from "../common/addresses.ts";
import { describeTcp } from "../common/connection_info.ts";
import { handshakeFailure } from "../common/tls_failure.ts";
import { readIdentity } from "../common/tls_identity.ts";
import { Turn } from "../common/turn.ts";
import { TlsConnection } from "./tls_connection.ts";

type TcpAddress = Extract<ListenAddress, { kind: "tcp" }>;

const MS_PER_SECOND = 1000;
/** Connections that may wait to be accepted, as in Redis. */
const BACKLOG = 511;

/**
 * Does the handshakes of connections that come now; it listens at nothing itself. Who shows a wrong
 * certificate gets through it unauthorized, so that the reason is known here.
 */
interface Current {
  readonly secure: TlsServer;
  readonly clients: ClientCertificates;
}

/** @throws Error that names the address */
export async function listenTls(
  address: TcpAddress,
  options: ListenOptions,
  tls: TlsOptions,
): Promise<Listener> {
  const failed = options.failed ?? console.error;
  const turn = new Turn(options.flush, setImmediate, failed);
  const pending = new Pending();
  let current = prepare(tls.identity, pending);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!tls.handshakes.begin()) return void socket.destroy();
    const key = keyOf(socket);
    const handshake = new Handshake(socket, current.clients, tls, () => pending.delete(key));
    pending.set(key, handshake);
    pending.bySocket.set(socket, handshake);
    handshake.established = (secured) => serve(secured, socket, options, turn, failed);
    current.secure.emit("connection", socket);
  });
  await bind(server, address);
  server.on("error", failed);
  const bound = server.address();
  const port = bound !== null && typeof bound === "object" ? bound.port : address.port;
  return {
    address: { ...address, port },
    renew: (identity) => void (current = prepare(identity, pending)),
    close() {
      server.close();
      for (const handshake of [...pending.values()]) handshake.giveUp("ended by the client");
    },
  };
}

/** Handshakes under way, by what `keyOf` answers. */
class Pending extends Map<string, Handshake> {
  /** The same, for sockets that have lost their addresses. */
  readonly bySocket = new WeakMap<Socket, Handshake>();
}

/** What tells connections of a listener apart: both of their ends. */
function keyOf(socket: Socket): string {
  return `${remoteOf(socket)} ${socket.localAddress}`;
}

function remoteOf({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return formatHostPort(remoteAddress, remotePort);
}

function prepare(identity: TlsIdentity, pending: Pending): Current {
  const { certificate, key, authorities } = readIdentity(identity);
  const secure = createTlsServer({
    cert: certificate,
    key,
    ...authorities.length === 0 ? {} : { ca: [...authorities] },
    requestCert: identity.clients !== "no",
    rejectUnauthorized: false,
  });
  secure.on("secureConnection", (secured) => {
    // Not before: who ends during the handshake is to be gone.
    secured.allowHalfOpen = true;
    const handshake = pending.get(keyOf(secured));
    if (handshake === undefined) secured.destroy();
    else handshake.done(secured);
  });
  secure.on("tlsClientError", (error, secured) => {
    // Without the socket that it had, the reason would be less exact, and nothing else.
    const socket = (secured as { _parent?: Socket })._parent ?? secured;
    pending.bySocket.get(socket)?.giveUp(handshakeFailure(error));
    secured.destroy();
  });
  return { secure, clients: identity.clients };
}

function bind(server: Server, address: TcpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: unknown): void => reject(listenError(address, error));
    server.once("error", refused);
    server.listen({ host: address.host, port: address.port, backlog: BACKLOG }, () => {
      server.off("error", refused);
      resolve();
    });
  });
}

function serve(
  secured: TLSSocket,
  socket: Socket,
  options: ListenOptions,
  turn: Turn,
  failed: (error: unknown) => void,
): void {
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
  const info = describeTcp(remoteAddress, remotePort, localAddress, localPort);
  const { tcpKeepaliveSeconds } = options;
  if (tcpKeepaliveSeconds > 0) socket.setKeepAlive(true, tcpKeepaliveSeconds * MS_PER_SECOND);
  const connection = new TlsConnection(secured, info, turn, failed);
  try {
    connection.attach(options.connected(connection));
  } catch (error) {
    connection.destroy();
    failed(error);
  }
}

/** A handshake that is under way. */
class Handshake {
  /** Takes the connection when it stands. */
  established: (secured: TLSSocket) => void = () => {};
  readonly #socket: Socket;
  readonly #clients: ClientCertificates;
  readonly #tls: TlsOptions;
  readonly #over: () => void;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #remoteAddress: string;
  #isOver = false;

  constructor(socket: Socket, clients: ClientCertificates, tls: TlsOptions, over: () => void) {
    this.#socket = socket;
    this.#clients = clients;
    this.#tls = tls;
    this.#over = over;
    this.#remoteAddress = remoteOf(socket);
    const giveUp = (): void => this.giveUp("not finished in time");
    this.#timer = setTimeout(giveUp, tls.handshakeTimeoutMs);
    socket.on("error", (error) => this.giveUp(handshakeFailure(error)));
    socket.on("end", () => this.giveUp("ended by the client"));
    socket.on("close", () => this.giveUp("ended by the client"));
  }

  /** The handshake is done, with or without a certificate of the client's. */
  done(secured: TLSSocket): void {
    secured.on("error", () => secured.destroy());
    const failure = this.#whyNot(secured);
    if (failure !== undefined) {
      this.giveUp(failure);
      secured.destroy();
    } else if (this.#end(undefined)) {
      this.established(secured);
    } else {
      secured.destroy();
    }
  }

  #whyNot(secured: TLSSocket): HandshakeFailure | undefined {
    if (this.#clients === "no" || secured.authorized) return undefined;
    const isShown = Object.keys(secured.getPeerCertificate() ?? {}).length > 0;
    if (isShown) return "client certificate not accepted";
    return this.#clients === "yes" ? "no client certificate" : undefined;
  }

  giveUp(failure: HandshakeFailure): void {
    if (this.#end(failure)) this.#socket.destroy();
  }

  /** @returns whether it was not over before */
  #end(failure: HandshakeFailure | undefined): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#over();
    this.#tls.handshakes.end(failure, this.#remoteAddress);
    return true;
  }
}
