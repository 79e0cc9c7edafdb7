/** Where a server listens, by its options. */
import type { ListenAddress } from "../ports/transport.ts";
import { FREE_PORT, type Options } from "./options_types.ts";

export interface ListenRequest {
  /** `isTls` is set where TLS is to be spoken. */
  readonly address: ListenAddress;
  /** Whether the server goes on without it when it cannot be bound. */
  readonly isOptional: boolean;
}

/**
 * Turns "*" into every IPv4 address, "::*" into every IPv6 one, and a leading "-" into
 * `isOptional`. Port 0 of an address is the one that the first of them was given.
 */
export function listenRequests(options: Options): ListenRequest[] {
  const { bind, port, tlsPort, unixsocket, unixsocketperm } = options;
  const requests: ListenRequest[] = [];
  if (port !== 0) requests.push(...tcpRequests(bind, port, {}));
  if (tlsPort !== 0) requests.push(...tcpRequests(bind, tlsPort, { isTls: true }));
  if (unixsocket !== "") {
    const mode = unixsocketperm === 0 ? {} : { mode: unixsocketperm };
    requests.push({ address: { kind: "unix", path: unixsocket, ...mode }, isOptional: false });
  }
  return requests;
}

/** As `listenRequests`, of the HTTP door. */
export function httpRequests(options: Options): ListenRequest[] {
  const { httpBind, httpPort, httpTlsPort } = options;
  return [
    ...httpPort === 0 ? [] : tcpRequests(httpBind, httpPort, {}),
    ...httpTlsPort === 0 ? [] : tcpRequests(httpBind, httpTlsPort, { isTls: true }),
  ];
}

function tcpRequests(
  bind: readonly string[],
  port: number,
  more: { readonly isTls?: true },
): ListenRequest[] {
  return bind.map((each) => {
    const isOptional = each.startsWith("-");
    const name = isOptional ? each.slice(1) : each;
    const host = name === "*" ? "0.0.0.0" : name === "::*" ? "::" : name;
    const address = { kind: "tcp", host, port: port === FREE_PORT ? 0 : port, ...more } as const;
    return { address, isOptional };
  });
}
