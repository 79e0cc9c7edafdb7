/** What the options of a server are once they were read. */
import type { ClientCertificates } from "../ports/tls.ts";
import type { Settings } from "../ports/settings.ts";

/**
 * Limits of what may wait for a client: hard bytes, soft bytes, seconds above the soft ones; 0 =
 * none.
 */
export type OutputLimit = readonly [hardBytes: number, softBytes: number, softSeconds: number];

/** Stands for a TCP port that the operating system chooses. */
export const FREE_PORT: number = -1;

/** The options of a server. `settings` is the live part, which CONFIG SET changes in place. */
export interface Options {
  /** TCP port, 0 = none, FREE_PORT until one was chosen. */
  port: number;
  /**
   * Addresses to listen at, as given: "*" is every IPv4 address, "::*" every IPv6 one, "-" in front
   * = try.
   */
  bind: readonly string[];
  /** TCP port for TLS, 0 = none, FREE_PORT until one was chosen. */
  tlsPort: number;
  /** Paths of files in PEM, "" = none. */
  tlsCertFile: string;
  tlsKeyFile: string;
  tlsCaCertFile: string;
  /** Passphrase of the key, "" = it is not encrypted. */
  tlsKeyFilePass: string;
  tlsAuthClients: ClientCertificates;
  /** Ports of the HTTP door, 0 = none, FREE_PORT until one was chosen. */
  httpPort: number;
  httpTlsPort: number;
  /** Whether HTTP/3 is served at the number of `httpTlsPort`. */
  http3: boolean;
  /** As `bind`. */
  httpBind: readonly string[];
  /** Tokens that requests must show, "" = none. */
  httpToken: string;
  httpReadonlyToken: string;
  /** Bytes of a body that are taken. */
  httpMaxBody: number;
  /** Seconds that a command may wait. */
  httpMaxWait: number;
  /** Seconds that the body of a request may take. */
  httpBodyTimeout: number;
  /** Requests per second and token, 0 = any number. */
  httpRateLimit: number;
  /** Whether each request is logged. */
  httpAccessLog: boolean;
  /** Origins whose pages may use the HTTP door, by commas; "*" = all. */
  httpCors: string;
  /** Path of the unix socket, "" = none. */
  unixsocket: string;
  /** Mode of the unix socket's file, 0 = as the process's umask leaves it. */
  unixsocketperm: number;
  /** Path of the file of users, "" = none. */
  aclfile: string;
  /** Users that configuration files describe: name and rules of each. */
  users: readonly (readonly string[])[];
  /** Commands with another name, "" = with none, in the order in which they get it. */
  renamedCommands: readonly (readonly [name: string, newName: string])[];
  /** Path of the file that the log goes to, "" = the standard output. */
  logfile: string;
  /** Path of the file that slices of work are traced to, "" = none. */
  sliceTrace: string;
  /** Microseconds from which on a slice is traced. */
  sliceTraceSlowerThan: number;
  /**
   * There are no replicas; kept because CONFIG GET shows it among the limits of the other classes.
   */
  clientOutputBufferLimitReplica: OutputLimit;
  /**
   * Bytes that the store may ever take: maxmemory, or a share of the machine's memory where that is
   * 0.
   */
  storeCapacityBytes: number;
  readonly settings: Settings;
}

/** What bounds the values of parameters from outside. */
export interface Bounds {
  /** The largest maxmemory. */
  readonly maxmemoryBytes: number;
  /** Why it may not be larger, e.g. "the most that a store can hold". */
  readonly maxmemoryReason: string;
}

/** Thrown when a server cannot start with the options given; the message is ready to be printed. */
export class OptionsError extends Error {
  override name = "OptionsError";
}
