/** The part of Bun's interface that the adapter uses. */

export interface BunSocket<Data> {
  data: Data;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  /** Hands bytes to the kernel, keeps none. @returns how many it took, -1 when it is closed */
  write(bytes: Uint8Array, offset: number, length: number): number;
  /** Ends this direction; one of TLS then waits for its peer to do so, too. */
  end(): void;
  /** Sends what was taken, then closes. */
  close(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(isOn: boolean): boolean;
  setKeepAlive(isOn: boolean, delayMs: number): boolean;
  /** Of TLS: what the peer showed, without any member where it showed none. */
  getPeerCertificate?(): object | undefined;
}

export interface BunSocketHandlers<Data> {
  open(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, chunk: Uint8Array): void;
  drain(socket: BunSocket<Data>): void;
  end(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>): void;
  error(socket: BunSocket<Data>, error: unknown): void;
  /**
   * Of TLS: the handshake is over.
   * @param isDone false = it failed, and the socket is about to be closed
   * @param error why it failed, or what is wrong with the peer's certificate
   */
  handshake?(socket: BunSocket<Data>, isDone: boolean, error: unknown): void;
}

/** Of sockets that this process connects. */
export interface BunClientHandlers<Data> extends BunSocketHandlers<Data> {
  connectError(socket: BunSocket<Data>, error: unknown): void;
}

/** All in PEM. */
export interface BunTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: readonly string[];
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

export interface BunListener {
  readonly port: number;
  stop(): void;
}

/** What Bun.serve answers. */
export interface BunHttpServer {
  readonly port: number;
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
  /** @param seconds without a byte after which the request's connection is closed, 0 = never */
  timeout(request: Request, seconds: number): void;
  /** @param isForced whether connections that are open are cut off */
  stop(isForced: boolean): Promise<void>;
}

export interface BunServeOptions {
  readonly hostname: string;
  readonly port: number;
  /** True by default. */
  readonly http1?: boolean;
  readonly http2: boolean;
  /** At the UDP port of the same number. False by default. */
  readonly http3?: boolean;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly idleTimeout: number;
  readonly maxRequestBodySize: number;
  fetch(request: Request, server: BunHttpServer): Response | Promise<Response>;
  error(error: unknown): Response;
}

type BunAddress = { readonly hostname: string; readonly port: number } | { readonly unix: string };

export interface BunApi {
  readonly version: string;
  /** Collects garbage. @param isForced true = before it returns */
  gc(isForced: boolean): number;
  serve(options: BunServeOptions): BunHttpServer;
  /** Rejected when it can't be connected. */
  connect<Data>(
    options: BunAddress & { readonly data: Data; readonly socket: BunClientHandlers<Data> },
  ): Promise<BunSocket<Data>>;
  listen<Data>(
    options: BunAddress & {
      readonly allowHalfOpen: boolean;
      readonly tls?: BunTls;
      readonly socket: BunSocketHandlers<Data>;
    },
  ): BunListener;
}

/** @returns Bun's global object @throws TypeError in any other runtime */
export function bunApi(): BunApi {
  const { Bun } = globalThis as unknown as { Bun?: BunApi };
  if (Bun === undefined) throw new TypeError("this adapter needs the Bun runtime");
  return Bun;
}
