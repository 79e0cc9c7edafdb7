/** Ports for servers that are started to be measured or tested. */
import { createServer } from "node:net";

/**
 * Ports below those that systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere), one
 * of which could take a port between the moment it is found free and the moment a server listens there.
 */
const FIRST_PORT = 10_000;
const PORTS = 22_000;
const MOST_TRIES = 100;

/** Given out by this process; whoever has one may not listen there yet. */
const given = new Set<number>();

function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** A TCP port that nobody listens on, another one each time. @throws Error when none is found */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  // Processes that run side by side hardly ever try the same one at the same time.
  for (let tries = 1;; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    try {
      await listenOnce(host, port);
    } catch (error) {
      if (tries < MOST_TRIES) continue;
      throw error;
    }
    given.add(port);
    return port;
  }
}

/** Tells whether nobody listens on a port. */
export function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return listenOnce(host, port).then(() => true, () => false);
}
