/** Connections within the process: an address book of listeners, and pairs of ends. */
import type {
  ConnectionHandler,
  ListenAddress,
  ListenOptions,
  TransportServer,
} from "../../ports/transport.ts";
import { formatHostPort, formatUnixPath, listenError } from "../common/addresses.ts";
import { Turn } from "../common/turn.ts";
import { MemoryEnd } from "./connection.ts";

const CAPACITY_BYTES = 64 * 1024;

/** The first port given to who asks for port 0. */
const FIRST_PORT = 49152;

export interface MemoryTransportOptions {
  /** Bytes that may wait in each direction of a connection; 64 KiB by default. */
  readonly capacityBytes?: number;
  /** Calls its argument once all that is ready now was handled; `setImmediate` by default. */
  readonly schedule?: (run: () => void) => void;
}

export interface MemoryTransports extends TransportServer {
  /**
   * Opens a connection to a listener.
   * @param connected makes the handler of the client's end
   * @returns the client's end
   * @throws Error when nobody listens at the address
   */
  connect(address: ListenAddress, connected: (end: MemoryEnd) => ConnectionHandler): MemoryEnd;
}

/** Makes a network of its own, unseen from outside. */
export function createMemoryTransports(options: MemoryTransportOptions = {}): MemoryTransports {
  const { capacityBytes = CAPACITY_BYTES, schedule = setImmediate } = options;
  const listeners = new Map<string, ListenOptions & { readonly turn: Turn }>();
  const wake = createWaker(schedule);
  let nextPort = FIRST_PORT;

  return {
    checkIdentity() {
      throw new TypeError("connections within the process have no TLS");
    },
    async listen(asked) {
      if (asked.tls !== undefined) this.checkIdentity(asked.tls.identity);
      const address = asked.address.kind === "tcp" && asked.address.port === 0
        ? { ...asked.address, port: nextPort++ }
        : asked.address;
      const key = keyOf(address);
      if (listeners.has(key)) throw listenError(address, { code: "EADDRINUSE" });
      const turn = new Turn(asked.flush, schedule, asked.failed ?? console.error);
      listeners.set(key, { ...asked, turn });
      return { address, close: () => void listeners.delete(key) };
    },
    connect(address, connected) {
      const listener = listeners.get(keyOf(address));
      if (listener === undefined) throw new Error(`nobody listens on ${keyOf(address)}`);
      const { turn, failed = console.error } = listener;
      const isUnix = address.kind === "unix";
      const server = keyOf(address);
      const client = isUnix ? server : formatHostPort("127.0.0.1", nextPort++);
      const shared = { isUnix, capacityBytes, wake, failed };
      const near = new MemoryEnd({ ...shared, remoteAddress: server, localAddress: client });
      const far = new MemoryEnd({ ...shared, remoteAddress: client, localAddress: server, turn });
      MemoryEnd.join(near, far);
      far.attach(listener.connected(far));
      near.attach(connected(near));
      return near;
    },
  };
}

function keyOf(address: ListenAddress): string {
  return address.kind === "tcp"
    ? formatHostPort(address.host, address.port)
    : formatUnixPath(address.path);
}

/** Ends that are woken while others are served wait for the next turn. */
function createWaker(schedule: (run: () => void) => void): (end: MemoryEnd) => void {
  let woken = new Set<MemoryEnd>();
  const run = (): void => {
    const ends = woken;
    woken = new Set();
    for (const end of ends) end.deliver();
  };
  return (end) => {
    if (woken.size === 0) schedule(run);
    woken.add(end);
  };
}
