/** What a client needs of the runtime that it runs on. */
import type { ClientHost } from "../ports/client_socket.ts";
import { createClientSockets as createBunSockets } from "./bun/client_socket.ts";
import { createWakefulClock } from "./common/clock.ts";
import { createSystemRandom } from "./common/random.ts";
import { createClientSockets as createDenoSockets } from "./deno/client_socket.ts";
import { createClientSockets as createNodeSockets } from "./node/client_socket.ts";

/** Finds out which runtime the program woke up in. */
export function createClientHost(): ClientHost {
  const createSockets = "Bun" in globalThis
    ? createBunSockets
    : "Deno" in globalThis
    ? createDenoSockets
    : createNodeSockets;
  return { sockets: createSockets(), clock: createWakefulClock(), random: createSystemRandom() };
}
