/** Connections by node:net, and those with TLS by node:tls. */
import { readFileSync } from "node:fs";
import { connect as connectNet, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { LoadSocket, SocketHandlers, SocketTarget } from "./socket.ts";

class NodeSocket implements LoadSocket {
  readonly #socket: Socket;
  isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.isClosed = true;
    this.#socket.destroy();
  }
}

export function openNodeSocket(
  { address, tls }: SocketTarget,
  handlers: SocketHandlers,
): Promise<LoadSocket> {
  return new Promise((resolve, reject) => {
    let opened: NodeSocket | undefined;
    const socket: Socket = tls === undefined ? connectNet(address) : connectTls({
      ...address,
      ...tls.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) },
      rejectUnauthorized: tls.insecure !== true,
      ...tls.serverName === undefined ? {} : { servername: tls.serverName },
    });
    const fail = (error: Error): void => {
      if (opened === undefined) reject(error);
      else if (!opened.isClosed) handlers.failed(error);
    };
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      socket.setNoDelay(true);
      opened = new NodeSocket(socket);
      resolve(opened);
    });
    socket.on("data", (chunk: Uint8Array) => handlers.data(chunk));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the server closed the connection")));
  });
}
