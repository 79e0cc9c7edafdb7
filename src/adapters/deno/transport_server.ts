/** TCP and unix sockets by Deno.listen, TLS by node:tls. */
import type {
  ListenAddress,
  Listener,
  ListenOptions,
  TransportServer,
} from "../../ports/transport.ts";
import { listenError } from "../common/addresses.ts";
import { describeTcp, describeUnix } from "../common/connection_info.ts";
import type { ConnectionInfo } from "../common/connection_info.ts";
import { readIdentity } from "../common/tls_identity.ts";
import { Turn } from "../common/turn.ts";
import { removeSocketFile, setSocketMode } from "../common/unix_socket_file.ts";
import { denoApi } from "./api.ts";
import type { DenoConnection, DenoListener, DenoTcpAddress } from "./api.ts";
import { BufferPool } from "./buffer_pool.ts";
import { Connection } from "./connection.ts";
import type { Shared } from "./connection.ts";
import { listenTls } from "./tls_listener.ts";

/** Memory for reading and writing, above which connections get only small buffers. */
const BUFFER_LIMIT_BYTES = 128 * 1024 * 1024;

/** Pause after a connection could not be accepted, e.g. for want of file descriptors. */
const ACCEPT_PAUSE_MS = 50;

/** Makes the opener of listeners. */
export function createTransportServer(): TransportServer {
  const pool = new BufferPool(BUFFER_LIMIT_BYTES);
  return {
    listen: (options) => listen(options, pool),
    checkIdentity: (identity) => void readIdentity(identity),
  };
}

async function listen(options: ListenOptions, pool: BufferPool): Promise<Listener> {
  const { address, tls } = options;
  if (tls !== undefined && address.kind === "tcp") return await listenTls(address, options, tls);
  const failed = options.failed ?? console.error;
  const shared = { pool, failed, turn: new Turn(options.flush, queueMicrotask, failed) };
  const listener = open(address);
  let isClosed = false;
  void acceptAll(listener, options, shared, () => isClosed);
  return {
    address: boundAddress(address, listener),
    close() {
      if (isClosed) return;
      isClosed = true;
      listener.close();
      if (address.kind === "unix") removeSocketFile(address.path);
    },
  };
}

/** @throws Error that names the address */
function open(address: ListenAddress): DenoListener {
  const deno = denoApi();
  try {
    if (address.kind === "tcp") {
      return deno.listen({ transport: "tcp", hostname: address.host, port: address.port });
    }
    removeSocketFile(address.path);
    const listener = deno.listen({ transport: "unix", path: address.path });
    try {
      if (address.mode !== undefined) setSocketMode(address.path, address.mode);
    } catch (error) {
      listener.close();
      throw error;
    }
    return listener;
  } catch (error) {
    throw listenError(address, error);
  }
}

function boundAddress(asked: ListenAddress, listener: DenoListener): ListenAddress {
  if (asked.kind === "unix" || listener.addr.transport === "unix") return asked;
  return { kind: "tcp", host: asked.host, port: listener.addr.port };
}

/** Reports the first of several failures in a row. */
async function acceptAll(
  listener: DenoListener,
  options: ListenOptions,
  shared: Shared,
  isClosed: () => boolean,
): Promise<void> {
  let hasFailed = false;
  while (!isClosed()) {
    let accepted: DenoConnection;
    try {
      accepted = await listener.accept();
    } catch (error) {
      if (isClosed()) return;
      if (!hasFailed) shared.failed(error);
      hasFailed = true;
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      continue;
    }
    hasFailed = false;
    serve(accepted, options, shared);
  }
}

/** Deno can only switch keepalive on: the times of its probes are those of the system. */
function serve(accepted: DenoConnection, options: ListenOptions, shared: Shared): void {
  let connection: Connection | undefined;
  try {
    const info = infoOf(accepted, options.address);
    if (!info.isUnix) {
      accepted.setNoDelay?.(true);
      accepted.setKeepAlive?.(options.tcpKeepaliveSeconds > 0);
    }
    connection = new Connection(accepted, info, shared);
    connection.attach(options.connected(connection));
  } catch (error) {
    if (connection === undefined) accepted.close();
    else connection.destroy();
    shared.failed(error);
  }
}

function infoOf(accepted: DenoConnection, address: ListenAddress): ConnectionInfo {
  if (address.kind === "unix") return describeUnix(address.path);
  const remote = accepted.remoteAddr as DenoTcpAddress;
  const local = accepted.localAddr as DenoTcpAddress;
  return describeTcp(remote.hostname, remote.port, local.hostname, local.port);
}
