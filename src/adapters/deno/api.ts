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

export interface DenoApi {
  readonly version: { readonly deno: string };
  listen(address: DenoTcpAddress | DenoUnixAddress): DenoListener;
}

/** @returns Deno's global object @throws TypeError in any other runtime */
export function denoApi(): DenoApi {
  const { Deno } = globalThis as unknown as { Deno?: DenoApi };
  if (Deno === undefined) throw new TypeError("this adapter needs the Deno runtime");
  return Deno;
}
