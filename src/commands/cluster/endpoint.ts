/** Where a client that asks for the cluster's nodes is to find this one. */
import type { Call } from "../call.ts";

export interface Endpoint {
  /** "" = where the client is connected already. */
  readonly host: string;
  readonly port: number;
}

/** The address at which the session reached this server; without TCP, only the TCP port. */
export function endpointOf(call: Call): Endpoint {
  const { session } = call;
  const isTcp = session.isRemote && !session.isUnix;
  const match = isTcp ? /^\[?(.*?)\]?:(\d+)$/.exec(session.localAddress) : null;
  if (match === null) return { host: "", port: call.services.server.tcpPort };
  return { host: match[1], port: Number(match[2]) };
}
