/** Where a server listens, by its options. */
import type { ListenAddress } from "../ports/transport.ts";
import { FREE_PORT, type Options } from "./options_types.ts";

export interface ListenRequest {
  readonly address: ListenAddress;
  /** Whether the server goes on without it when it cannot be bound. */
  readonly isOptional: boolean;
}

/**
 * Turns "*" into every IPv4 address, "::*" into every IPv6 one, and a leading "-" into
 * `isOptional`. Port 0 of an address is the one that the first of them was given.
 */
export function listenRequests(options: Options): ListenRequest[] {
  const { bind, port, unixsocket, unixsocketperm } = options;
  const requests: ListenRequest[] = [];
  for (const each of port === 0 ? [] : bind) {
    const isOptional = each.startsWith("-");
    const name = isOptional ? each.slice(1) : each;
    const host = name === "*" ? "0.0.0.0" : name === "::*" ? "::" : name;
    requests.push({
      address: { kind: "tcp", host, port: port === FREE_PORT ? 0 : port },
      isOptional,
    });
  }
  if (unixsocket !== "") {
    const mode = unixsocketperm === 0 ? {} : { mode: unixsocketperm };
    requests.push({ address: { kind: "unix", path: unixsocket, ...mode }, isOptional: false });
  }
  return requests;
}
