/** What a session may ask a connection about itself. */
import type { Transport } from "../../ports/transport.ts";
import { formatHostPort, formatUnixPath, isLoopbackHost } from "./addresses.ts";

export type ConnectionInfo = Pick<
  Transport,
  "remoteAddress" | "localAddress" | "isLoopback" | "isUnix"
>;

/** Describes a TCP connection. @param remote the peer's IP address @param local that of this end */
export function describeTcp(
  remote: string,
  remotePort: number,
  local: string,
  localPort: number,
): ConnectionInfo {
  return {
    remoteAddress: formatHostPort(remote, remotePort),
    localAddress: formatHostPort(local, localPort),
    isLoopback: isLoopbackHost(remote),
    isUnix: false,
  };
}

/** Describes a connection to the unix socket at `path`. */
export function describeUnix(path: string): ConnectionInfo {
  const address = formatUnixPath(path);
  return { remoteAddress: address, localAddress: address, isLoopback: true, isUnix: true };
}
