/** Contract between a runtime's HTTP server and whoever answers its requests. */

import type { TlsIdentity } from "./tls.ts";

/** Where to serve HTTP. */
export interface HttpListenOptions {
  readonly host: string;
  /** 0 = one that the operating system chooses. */
  readonly port: number;
  /** HTTPS, with HTTP/2 by ALPN; without it HTTP/2 by prior knowledge. Clients show no certificates. */
  readonly identity?: TlsIdentity | undefined;
  /** HTTP/3, too, at the UDP port of the same number; needs an identity. */
  readonly http3?: boolean | undefined;
  /** Answers each request; it has to bound the body itself. */
  readonly handle: HttpHandler;
  /** Called with an error that has no request to be answered to. */
  readonly failed: (error: unknown) => void;
}

/** Answers a request. */
export type HttpHandler = (
  request: Request,
  connection: HttpConnection,
) => Response | Promise<Response>;

/** What is known of the connection that a request came on. */
export interface HttpConnection {
  /** "ip:port" of the peer. */
  readonly remoteAddress: string;
  /** The answer to this request may take as long as it likes: a stream, or a long poll. */
  keepOpen(): void;
}

export interface HttpListener {
  readonly host: string;
  /** The real port. */
  readonly port: number;
  /**
   * New connections get another certificate. Those that are there are answered what they asked and
   * then closed. Where the new one cannot be used the former stays, and `failed` is told.
   */
  renew(identity: TlsIdentity): void;
  /**
   * Takes no more connections, and settles when the requests that run are answered; those that are not
   * after `graceMs` are cut off.
   */
  close(graceMs: number): Promise<void>;
}

/** Opens listeners; one implementation per runtime. */
export interface HttpServer {
  /** @throws Error that names the address when it can't be bound */
  listen(options: HttpListenOptions): Promise<HttpListener>;
}
