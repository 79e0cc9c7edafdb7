/** TCP, with and without TLS, and unix sockets by Bun.listen. */
import type {
  ListenAddress,
  Listener,
  ListenOptions,
  TransportServer,
} from "../../ports/transport.ts";
import { listenError } from "../common/addresses.ts";
import { describeTcp, describeUnix } from "../common/connection_info.ts";
import { readIdentity } from "../common/tls_identity.ts";
import type { ConnectionInfo } from "../common/connection_info.ts";
import { Turn } from "../common/turn.ts";
import { removeSocketFile, setSocketMode } from "../common/unix_socket_file.ts";
import { bunApi } from "./api.ts";
import type { BunListener, BunSocketHandlers } from "./api.ts";
import { BusyPoll } from "./busy_poll.ts";
import { ChunkGarbage } from "./chunk_garbage.ts";
import { Connection } from "./connection.ts";
import type { Socket } from "./connection.ts";
import { listenTls } from "./tls_listener.ts";

const MS_PER_SECOND = 1000;

/** Makes the opener of listeners. */
export function createTransportServer(): TransportServer {
  return { listen, checkIdentity: (identity) => void readIdentity(identity) };
}

async function listen(options: ListenOptions): Promise<Listener> {
  const { address } = options;
  const socket = handlersFor(options);
  const bun = bunApi();
  try {
    if (address.kind === "tcp") {
      if (options.tls !== undefined) return listenTls(address, options, options.tls, socket);
      const target = { hostname: address.host, port: address.port };
      const listener = bun.listen({ ...target, allowHalfOpen: true, socket });
      return {
        address: { kind: "tcp", host: address.host, port: listener.port },
        close: () => listener.stop(),
      };
    }
    removeSocketFile(address.path);
    const listener = bun.listen({ unix: address.path, allowHalfOpen: true, socket });
    return unixListener(listener, address);
  } catch (error) {
    throw listenError(address, error);
  }
}

type UnixAddress = Extract<ListenAddress, { kind: "unix" }>;

function unixListener(listener: BunListener, address: UnixAddress): Listener {
  const close = (): void => {
    listener.stop();
    removeSocketFile(address.path);
  };
  try {
    if (address.mode !== undefined) setSocketMode(address.path, address.mode);
  } catch (error) {
    close();
    throw error;
  }
  return { address, close };
}

function handlersFor(options: ListenOptions): BunSocketHandlers<Connection | undefined> {
  const { address, connected, tcpKeepaliveSeconds } = options;
  const failed = options.failed ?? console.error;
  const isTls = options.tls !== undefined;
  const busyPoll = new BusyPoll(() => performance.now(), setImmediate);
  const flush = (): void => {
    options.flush();
    busyPoll.ended();
  };
  const turn = new Turn(flush, setImmediate, failed);
  const garbage = new ChunkGarbage(() => bunApi().gc(false));
  return {
    open(socket) {
      if (address.kind === "tcp") {
        socket.setNoDelay(true);
        if (tcpKeepaliveSeconds > 0) {
          socket.setKeepAlive(true, tcpKeepaliveSeconds * MS_PER_SECOND);
        }
      }
      const connection = new Connection(socket, infoOf(socket, address), isTls);
      socket.data = connection;
      connection.attach(connected(connection));
    },
    data(socket, chunk) {
      socket.data?.onData(chunk, turn);
      busyPoll.received(socket);
      garbage.add(chunk.length);
    },
    drain: (socket) => socket.data?.onDrain(),
    end: (socket) => socket.data?.onEnd(),
    close: (socket) => socket.data?.onClose(),
    /** Comes with what one of the functions above threw. */
    error(socket, error) {
      if (socket.data === undefined) socket.terminate();
      else socket.data.destroy();
      failed(error);
    },
  };
}

function infoOf(socket: Socket, address: ListenAddress): ConnectionInfo {
  if (address.kind === "unix") return describeUnix(address.path);
  const { remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 } = socket;
  return describeTcp(remoteAddress, remotePort, localAddress, localPort);
}
