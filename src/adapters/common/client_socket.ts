/**
 * A client's connections by node:net and node:tls, which every runtime has.
 *
 * A socket keeps what it is given until the kernel has it, so bytes are copied, and only so many are
 * taken that a slow server costs no more than LIMIT_BYTES here.
 */
import { Buffer } from "node:buffer";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type {
  ClientAddress,
  ClientSocket,
  ClientSocketHandler,
  ClientSockets,
  ClientTls,
} from "../../ports/client_socket.ts";

/** Bytes of requests that may wait in a socket. */
const LIMIT_BYTES = 1024 * 1024;
const KEEPALIVE_MS = 60_000;

class NodeClientSocket implements ClientSocket {
  readonly #socket: Socket;
  readonly #handler: ClientSocketHandler;
  /** Neither end() nor destroy() was called, and it is not gone. */
  #isOpen = true;
  #wantsRoom = false;
  #cause: Error | undefined;

  constructor(socket: Socket, connectedEvent: string, handler: ClientSocketHandler) {
    this.#socket = socket;
    this.#handler = handler;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    socket.on(connectedEvent, () => {
      if (this.#isOpen) handler.connected();
    });
    socket.on("data", (chunk: Uint8Array) => {
      if (this.#isOpen) handler.received(chunk);
    });
    socket.on("drain", () => this.#offerRoom());
    socket.on("error", (error: Error) => void (this.#cause ??= error));
    // The server sends nothing more, so there is nothing to wait for.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#closed());
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#isOpen || start === end) return 0;
    if (this.#socket.writableLength >= LIMIT_BYTES) {
      this.#wantsRoom = true;
      return 0;
    }
    // What was taken beyond the limit is copied once; a part of it would only come a moment later.
    this.#socket.write(Buffer.from(bytes.slice(start, end).buffer));
    return end - start;
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.end();
  }

  destroy(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  #offerRoom(): void {
    if (!this.#wantsRoom || !this.#isOpen) return;
    this.#wantsRoom = false;
    this.#handler.writable();
  }

  #closed(): void {
    this.#isOpen = false;
    this.#handler.closed(this.#cause);
  }
}

/** Makes connections by node:net and node:tls. */
export function createNodeClientSockets(): ClientSockets {
  return { connect };
}

function connect(address: ClientAddress, handler: ClientSocketHandler): ClientSocket {
  if (address.kind === "unix") {
    return new NodeClientSocket(connectPlain({ path: address.path }), "connect", handler);
  }
  const { host, port, tls } = address;
  if (tls === undefined) {
    return new NodeClientSocket(connectPlain({ host, port }), "connect", handler);
  }
  const socket = connectTls({ host, port, ...tlsOptions(host, tls) });
  return new NodeClientSocket(socket, "secureConnect", handler);
}

function tlsOptions(host: string, tls: ClientTls): Record<string, string | boolean> {
  const { authorities, certificate, key, serverName, isChecked = true } = tls;
  return {
    rejectUnauthorized: isChecked,
    ...authorities === undefined ? {} : { ca: authorities },
    ...certificate === undefined ? {} : { cert: certificate },
    ...key === undefined ? {} : { key },
    // An address is no name that a server could be asked for.
    ...serverName !== undefined ? { servername: serverName } : isIP(host) ? {} : {
      servername: host,
    },
  };
}
