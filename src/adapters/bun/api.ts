/** The part of Bun's interface that the adapter uses. */

export interface BunSocket<Data> {
  data: Data;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  /** Hands bytes to the kernel, keeps none. @returns how many it took, -1 when it is closed */
  write(bytes: Uint8Array, offset: number, length: number): number;
  end(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(isOn: boolean): boolean;
  setKeepAlive(isOn: boolean, delayMs: number): boolean;
}

export interface BunSocketHandlers<Data> {
  open(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, chunk: Uint8Array): void;
  drain(socket: BunSocket<Data>): void;
  end(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>): void;
  error(socket: BunSocket<Data>, error: unknown): void;
}

export interface BunListener {
  readonly port: number;
  stop(): void;
}

type BunAddress = { readonly hostname: string; readonly port: number } | { readonly unix: string };

export interface BunApi {
  readonly version: string;
  /** Collects garbage. @param isForced true = before it returns */
  gc(isForced: boolean): number;
  listen<Data>(
    options: BunAddress & {
      readonly allowHalfOpen: boolean;
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
