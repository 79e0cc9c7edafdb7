/** Clients that speak TLS, for tests. */
import { connect as connectSocket } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { WireClient } from "./wire_client.ts";

/** @param options what to trust, and what to show. @throws Error when the handshake fails */
export function connectTls(
  address: ListenAddress,
  options: ConnectionOptions,
): Promise<WireClient> {
  if (address.kind !== "tcp") throw new TypeError("TLS is for TCP");
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, ...options });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
    socket.once("secureConnect", () => resolve(new WireClient(socket)));
  });
}

/** @returns the common name of the certificate that a client was shown */
export function shownName({ socket }: WireClient): string {
  const { getPeerCertificate } = socket as unknown as {
    getPeerCertificate(): { subject: { CN: string } };
  };
  return getPeerCertificate.call(socket).subject.CN;
}
