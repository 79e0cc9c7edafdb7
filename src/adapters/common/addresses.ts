/** Addresses as CLIENT LIST and error messages show them. */
import type { ListenAddress } from "../../ports/transport.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "this machine has no such address",
  EINVAL: "not a valid address",
  EISDIR: "there is a folder of that name",
  ENOENT: "no such folder",
  ENOTFOUND: "the host name cannot be resolved",
  EPERM: "operation not permitted",
};

/** The runtimes give no code to the failure of a name look-up: Bun's message, Deno's message. */
const LOOKUP_FAILURE = /^Failed to listen at |^failed to lookup address/;

const MAPPED_IPV4 = "::ffff:";

/** "127.0.0.1:6379" or "[::1]:6379"; an IPv4 address mapped into IPv6 is shown as what it is. */
export function formatHostPort(host: string, port: number): string {
  const plain = host.startsWith(MAPPED_IPV4) ? host.slice(MAPPED_IPV4.length) : host;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** "/run/crabcache.sock:0", as Redis writes both ends of a unix socket. */
export function formatUnixPath(path: string): string {
  return `${path}:0`;
}

/** Whether an IP address is one of this machine's own loopback interface. */
export function isLoopbackHost(host: string): boolean {
  const plain = host.startsWith(MAPPED_IPV4) ? host.slice(MAPPED_IPV4.length) : host;
  return plain.startsWith("127.") || plain === "::1";
}

/** Makes the error of a listener that could not be opened: names the address and the reason. */
export function listenError(address: ListenAddress, cause: unknown): Error {
  const where = address.kind === "tcp"
    ? formatHostPort(address.host, address.port)
    : `unix socket ${address.path}`;
  const { code, message = String(cause) } = cause as { code?: string; message?: string };
  const isLookup = code === undefined && LOOKUP_FAILURE.test(message);
  const reason = REASONS[isLookup ? "ENOTFOUND" : code ?? ""] ?? message;
  return new Error(`cannot listen on ${where}: ${reason}`, { cause });
}
