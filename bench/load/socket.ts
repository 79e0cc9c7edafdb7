/**
 * Connections of the generator: those of the runtime where it has its own, node:net and node:tls elsewhere.
 *
 * What is written belongs to the socket until its replies have come, and what is received is lent.
 */
import { openBunSocket } from "./bun_socket.ts";
import { openDenoSocket } from "./deno_socket.ts";
import { openNodeSocket } from "./node_socket.ts";
import type { LoadAddress, SocketKind, TlsSettings } from "./result.ts";

export interface LoadSocket {
  /** Sends it all, now or when there is room. */
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface SocketHandlers {
  /** Takes what came; it may be overwritten afterwards. */
  data(chunk: Uint8Array): void;
  /** The connection is lost, or was never there. */
  failed(error: Error): void;
}

export interface SocketTarget {
  readonly address: LoadAddress;
  readonly tls?: TlsSettings | undefined;
}

/** The fastest that there is for a target. */
export function socketKindFor({ tls }: SocketTarget): SocketKind {
  if (tls !== undefined) return "node";
  return "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node";
}

/** @throws Error when there is no connection */
export function openSocket(
  target: SocketTarget,
  handlers: SocketHandlers,
  kind: SocketKind = socketKindFor(target),
): Promise<LoadSocket> {
  switch (kind) {
    case "bun":
      return openBunSocket(target.address, handlers);
    case "deno":
      return openDenoSocket(target.address, handlers);
    case "node":
      return openNodeSocket(target, handlers);
  }
}
