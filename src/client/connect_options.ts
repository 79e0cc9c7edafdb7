/** What `connect` is told: a URL, or options, or both. */
import type { ClientAddress, ClientTls } from "../ports/client_socket.ts";
import type { ListenAddress } from "../ports/transport.ts";
import type { ClientError } from "./client_error.ts";
import type { ConnectionOptions, ReconnectOptions } from "./connection_options.ts";
import type { HttpOptions } from "./http_sender.ts";

/** Where a server is, who is asking, and how much is borne with. */
export interface ConnectOptions {
  /**
   * redis://[user:password@]host[:port][/database], rediss:// with TLS, unix:/path for a socket file,
   * http(s)://[token@]host[:port][/path]. Other options win over what it says.
   */
  readonly url?: string | URL | undefined;
  /** Name or address of the machine, 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** 6379 by default. */
  readonly port?: number | undefined;
  /** Path of a Unix socket, in place of host and port. */
  readonly path?: string | undefined;
  /** TLS, with certificates other than the system's where they are given. */
  readonly tls?: boolean | ClientTls | undefined;
  /** "default" by default, where there is a password. */
  readonly username?: string | undefined;
  /** None by default. */
  readonly password?: string | undefined;
  /** Of HTTP, in place of a name and a password. */
  readonly token?: string | undefined;
  /** Number of the database, 0 by default; not over HTTP. */
  readonly database?: number | undefined;
  /** What is spoken: "resp", which is RESP3, the default, or "binary", the binary batch protocol. */
  readonly protocol?: "resp" | "binary" | undefined;
  /** Name of the connections, as CLIENT LIST shows it; not over HTTP. */
  readonly name?: string | undefined;
  /** Milliseconds that connecting may take, 5000 by default; not over HTTP. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that a command may take, 0 = as long as it takes, the default. */
  readonly timeoutMs?: number | undefined;
  /** How a lost connection is made anew; false = not at all. Not over HTTP. */
  readonly reconnect?: false | ReconnectOptions | undefined;
  /** Whether commands wait while there is no connection, true by default; not over HTTP. */
  readonly offlineQueue?: boolean | undefined;
  /** Commands that may wait, 1,000,000 by default; not over HTTP. */
  readonly maxQueuedCommands?: number | undefined;
  /** Bytes of these commands, 256 MiB by default; not over HTTP. */
  readonly maxQueuedBytes?: number | undefined;
  /** Connections for commands that wait, and for `watch`, at the same time; 100 by default. */
  readonly maxOwnConnections?: number | undefined;
  /** Called when a connection stands, anew after it was lost included; not over HTTP. */
  readonly onConnect?: (() => void) | undefined;
  /** Called when a connection is lost that will be made anew; not over HTTP. */
  readonly onDisconnect?: ((error: ClientError) => void) | undefined;
  /** What makes HTTP requests, the global `fetch` by default; only over HTTP. */
  readonly fetch?: typeof fetch | undefined;
}

/** How a server is reached. */
export type Target =
  | {
    readonly kind: "connection";
    readonly options: ConnectionOptions;
    readonly maxOwnConnections: number;
  }
  | { readonly kind: "http"; readonly options: HttpOptions };

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = 6379;
const DEFAULT_OWN_CONNECTIONS = 100;
const SCHEMES = "redis://, rediss://, unix:, http:// or https://";

type Name = Exclude<keyof ConnectOptions, "url">;
type Given = Partial<Record<Name, unknown>>;

interface Kind {
  readonly wanted: string;
  holds(value: unknown): boolean;
}

const TEXT: Kind = { wanted: "a string", holds: (value) => typeof value === "string" };
const FLAG: Kind = { wanted: "true or false", holds: (value) => typeof value === "boolean" };
const FUNCTION: Kind = { wanted: "a function", holds: (value) => typeof value === "function" };
const COUNT: Kind = {
  wanted: "a whole number, 0 or more",
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
const PORT: Kind = {
  wanted: "a port from 1 to 65535",
  holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) < 65536,
};
const TLS: Kind = {
  wanted: "true, false or an object",
  holds: (value) => typeof value === "boolean" || isObject(value),
};
const RECONNECT: Kind = {
  wanted: "false or an object",
  holds: (value) => value === false || isObject(value),
};
const PROTOCOL: Kind = {
  wanted: '"resp" or "binary"',
  holds: (value) => value === "resp" || value === "binary",
};

const KINDS: Readonly<Record<Name, Kind>> = {
  host: TEXT,
  port: PORT,
  path: TEXT,
  tls: TLS,
  username: TEXT,
  password: TEXT,
  token: TEXT,
  database: COUNT,
  protocol: PROTOCOL,
  name: TEXT,
  connectTimeoutMs: COUNT,
  timeoutMs: COUNT,
  reconnect: RECONNECT,
  offlineQueue: FLAG,
  maxQueuedCommands: COUNT,
  maxQueuedBytes: COUNT,
  maxOwnConnections: COUNT,
  onConnect: FUNCTION,
  onDisconnect: FUNCTION,
  fetch: FUNCTION,
};

/** Those that mean something over HTTP. */
const HTTP_NAMES: readonly Name[] = [
  ...["username", "password", "token", "protocol", "timeoutMs", "fetch"],
] as Name[];
/** Those that mean something only there. */
const ONLY_HTTP_NAMES: readonly Name[] = ["token", "fetch"];

/**
 * Reads them.
 * @param more options that win
 * @throws TypeError for an option that is unknown, of a wrong type or of no use here; RangeError for a
 * number out of its range
 */
export function readTarget(
  given: string | URL | ListenAddress | ConnectOptions,
  more: ConnectOptions = {},
): Target {
  const { url, ...rest } = { ...optionsOf(given), ...more };
  const own = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) as Given;
  for (const [name, value] of Object.entries(own)) check(name, value);
  const parsed = url === undefined ? undefined : parseUrl(url);
  if (parsed !== undefined && isHttp(parsed)) {
    return { kind: "http", options: readHttp(parsed, own) };
  }
  for (const name of ONLY_HTTP_NAMES) {
    if (name in own) throw new TypeError(`connect: ${name} needs a URL of http:// or https://`);
  }
  const { maxOwnConnections = DEFAULT_OWN_CONNECTIONS, ...all }: ConnectOptions = {
    ...parsed === undefined ? {} : readConnectionUrl(parsed),
    ...own as ConnectOptions,
  };
  return { kind: "connection", options: readConnection(all), maxOwnConnections };
}

function optionsOf(given: string | URL | ListenAddress | ConnectOptions): ConnectOptions {
  if (typeof given === "string" || given instanceof URL) return { url: given };
  if (!isObject(given)) {
    throw new TypeError(`connect: expected a URL or options, got ${typeof given}`);
  }
  if (!("kind" in given)) return given;
  if (given.kind === "unix") return { path: given.path };
  return { host: given.host, port: given.port, tls: given.isTls === true };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function check(name: string, value: unknown): void {
  if (!Object.hasOwn(KINDS, name)) {
    throw new TypeError(
      `connect: unknown option ${name}: there are url, ${Object.keys(KINDS).join(", ")}`,
    );
  }
  const { wanted, holds } = KINDS[name as Name];
  if (holds(value)) return;
  const shown = typeof value === "object" ? "an object" : JSON.stringify(value) ?? typeof value;
  const message = `connect: ${name} must be ${wanted}, got ${shown}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

function parseUrl(url: string | URL): URL {
  if (url instanceof URL) return url;
  if (URL.canParse(url)) return new URL(url);
  throw new TypeError(`connect: ${JSON.stringify(hideSecrets(url))} is no URL: use ${SCHEMES}`);
}

/** Credentials are not for error messages. */
function hideSecrets(url: string): string {
  return url.replace(/\/\/[^@]*@/, "//***@");
}

function isHttp({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

function readHttp(url: URL, own: Given): HttpOptions {
  for (const name of Object.keys(own) as Name[]) {
    if (!HTTP_NAMES.includes(name)) {
      throw new TypeError(`connect: ${name} is of no use over HTTP, where there is no connection`);
    }
  }
  const options = own as ConnectOptions;
  const username = options.username ?? decodeURIComponent(url.username);
  const password = options.password ?? decodeURIComponent(url.password);
  const token = options.token ?? (username === "" || password === "" ? username + password : "");
  const authorization = token !== ""
    ? `Bearer ${token}`
    : username !== ""
    ? `Basic ${toBase64(`${username}:${password}`)}`
    : "";
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    authorization,
    timeoutMs: options.timeoutMs ?? 0,
    protocol: options.protocol ?? "resp",
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  };
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function readConnectionUrl(url: URL): ConnectOptions {
  const { protocol, hostname, port, pathname, searchParams } = url;
  const signIn = {
    ...url.username === "" ? {} : { username: decodeURIComponent(url.username) },
    ...url.password === "" ? {} : { password: decodeURIComponent(url.password) },
  };
  if (protocol === "unix:") {
    const database = searchParams.get("db");
    const path = decodeURIComponent(pathname);
    return { ...signIn, path, ...database === null ? {} : { database: readDatabase(database) } };
  }
  if (protocol !== "redis:" && protocol !== "rediss:") {
    throw new TypeError(`connect: ${protocol}//… is of no known kind: use ${SCHEMES}`);
  }
  const database = pathname.replace(/^\//, "");
  return {
    ...signIn,
    ...hostname === "" ? {} : { host: hostname.replace(/^\[|\]$/g, "") },
    ...port === "" ? {} : { port: Number(port) },
    ...database === "" ? {} : { database: readDatabase(database) },
    tls: protocol === "rediss:",
  };
}

function readDatabase(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new TypeError(`connect: the database must be a number, got ${JSON.stringify(text)}`);
}

function readConnection(options: ConnectOptions): ConnectionOptions {
  const {
    username,
    protocol,
    timeoutMs,
    tls: _tls,
    host: _host,
    port: _port,
    path: _path,
    ...rest
  } = options;
  return {
    ...rest,
    address: readAddress(options),
    protocol: protocol === "binary" ? "binary" : "resp3",
    user: username,
    commandTimeoutMs: timeoutMs,
  };
}

function readAddress({ host, port, path, tls }: ConnectOptions): ClientAddress {
  if (path !== undefined) {
    if (tls !== undefined && tls !== false) {
      throw new TypeError("connect: tls is of no use for a Unix socket");
    }
    return { kind: "unix", path };
  }
  return {
    kind: "tcp",
    host: host ?? DEFAULT_HOST,
    port: port ?? DEFAULT_PORT,
    tls: tls === true ? {} : tls === false ? undefined : tls,
  };
}
