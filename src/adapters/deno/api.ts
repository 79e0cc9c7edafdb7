/** The part of Deno's interface that the adapter uses. */

export interface DenoTcpAddress {
  readonly transport: "tcp";
  readonly hostname: string;
  readonly port: number;
}

export interface DenoUnixAddress {
  readonly transport: "unix";
  readonly path: string;
}

export interface DenoConnection {
  readonly remoteAddr: DenoTcpAddress | DenoUnixAddress;
  readonly localAddr: DenoTcpAddress | DenoUnixAddress;
  /** @returns the number of bytes read, null at the end */
  read(buffer: Uint8Array): Promise<number | null>;
  /** @returns the number of bytes written, which may be fewer than given */
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  /** For TCP only. */
  setNoDelay?(isOn: boolean): void;
  /** For TCP only. */
  setKeepAlive?(isOn: boolean): void;
}

export interface DenoListener {
  readonly addr: DenoTcpAddress | DenoUnixAddress;
  accept(): Promise<DenoConnection>;
  close(): void;
}

/** What Deno.serve answers. */
export interface DenoHttpServer {
  readonly addr: { readonly port: number };
  /** Settles when it is closed. */
  readonly finished: Promise<void>;
  /** Takes no more connections, and settles when those that are there have their answers. */
  shutdown(): Promise<void>;
}

export interface DenoServeInfo {
  /** Settles when the answer was sent; rejected when it cannot be. */
  readonly completed: Promise<void>;
  readonly remoteAddr: { readonly hostname: string; readonly port: number };
}

export interface DenoServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly cert?: string;
  readonly key?: string;
  readonly signal: AbortSignal;
  onListen(): void;
  onError(error: unknown): Response;
}

export interface DenoApi {
  readonly version: { readonly deno: string };
  serve(
    options: DenoServeOptions,
    handler: (request: Request, info: DenoServeInfo) => Response | Promise<Response>,
  ): DenoHttpServer;
  connect(
    address: (DenoTcpAddress & { readonly signal: AbortSignal }) | DenoUnixAddress,
  ): Promise<DenoConnection>;
  listen(address: DenoTcpAddress | DenoUnixAddress): DenoListener;
}

/** @returns Deno's global object @throws TypeError in any other runtime */
export function denoApi(): DenoApi {
  const { Deno } = globalThis as unknown as { Deno?: DenoApi };
  if (Deno === undefined) throw new TypeError("this adapter needs the Deno runtime");
  return Deno;
}
