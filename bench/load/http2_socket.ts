/** Connections of HTTP/2 by node:http2: what is written is the body of one POST /batch each. */
import { connect } from "node:http2";
import { readFileSync } from "node:fs";
import { ProtocolViolation } from "./counters.ts";
import { BATCH_PATH } from "./http_encoder.ts";
import type { LoadSocket, SocketHandlers, SocketTarget } from "./socket.ts";

const OK = 200;

/** @param headers of every request */
export function openHttp2Socket(
  { address, tls }: SocketTarget,
  headers: Readonly<Record<string, string>>,
  handlers: SocketHandlers,
): Promise<LoadSocket> {
  if ("path" in address) throw new TypeError("HTTP/2 goes over TCP only");
  const { host, port } = address;
  const authority = `${tls === undefined ? "http" : "https"}://${host}:${port}`;
  return new Promise((resolve, reject) => {
    const session = connect(authority, {
      ...tls?.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) },
      ...tls === undefined ? {} : { rejectUnauthorized: tls.insecure !== true },
    });
    let isOpen = false, isClosed = false;
    const fail = (error: Error): void => {
      if (isClosed) return;
      isClosed = isOpen;
      if (isOpen) handlers.failed(error);
      else reject(error);
    };
    const write = (bytes: Uint8Array): void => {
      const stream = session.request({ ":method": "POST", ":path": BATCH_PATH, ...headers });
      stream.on("response", (answer: { readonly ":status"?: number }) => {
        const status = answer[":status"];
        if (status !== OK) fail(new ProtocolViolation(`HTTP: status ${status}`));
      });
      stream.on("data", (chunk: Uint8Array) => handlers.data(chunk));
      stream.on("error", fail);
      stream.end(bytes);
    };
    const close = (): void => {
      isClosed = true;
      session.destroy();
    };
    session.on("error", fail);
    session.on("close", () => fail(new Error("the server closed the connection")));
    session.once("connect", () => {
      isOpen = true;
      resolve({ write, close });
    });
  });
}
