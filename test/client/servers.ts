/** A server for the client's tests, in this process. */
import { httpDoor } from "../../src/adapters/http/door.ts";
import { connect } from "../../src/adapters/connect.ts";
import type { Client } from "../../src/client/commands.ts";
import type { ConnectOptions } from "../../src/client/connect_options.ts";
import { loadOptions } from "../../src/server/options.ts";
import { startServer } from "../../src/server/server.ts";
import { START_MS } from "../server/cache_support.ts";
import { freePort, runtimeUnderTest } from "../support/test_server.ts";

/** What a client may speak. */
export type Door = "resp" | "binary" | "http" | "binary http";

export const DOORS: readonly Door[] = ["resp", "binary", "http", "binary http"];

export function isHttp(door: Door): boolean {
  return door.endsWith("http");
}

export interface ClientServer {
  readonly port: number;
  /** Where it serves HTTP, the token in front: "http://secret@127.0.0.1:…". */
  readonly httpUrl: string;
  open(door: Door, options?: ConnectOptions): Promise<Client>;
  close(): Promise<void>;
}

/** Starts one. @param isFrozen whether its wall clock shows what the cache's tests expect, all the time */
export async function startClientServer(isFrozen = false): Promise<ClientServer> {
  const runtime = runtimeUnderTest();
  const { files, system } = runtime;
  const [port, httpPort] = [await freePort(), await freePort()];
  const args = [
    ...["--port", String(port), "--bind", "127.0.0.1", "--maxmemory", "256mb"],
    ...["--http-port", String(httpPort), "--http-bind", "127.0.0.1", "--http-token", "secret"],
  ];
  const loaded = await loadOptions({ args, env: {}, files, system });
  if (loaded.kind !== "run") throw new Error("the options are not those of a server");
  const clock = isFrozen ? { ...runtime.clock, nowMs: () => START_MS } : runtime.clock;
  const server = await startServer({ ...runtime, clock }, loaded.options, "", [
    httpDoor(runtime.http),
  ]);
  const httpUrl = `http://secret@127.0.0.1:${httpPort}`;
  return {
    port,
    httpUrl,
    open(door, options = {}) {
      const protocol = door.startsWith("binary") ? "binary" : "resp";
      if (isHttp(door)) return connect({ url: httpUrl, protocol, ...options });
      return connect({ port, protocol, ...options });
    },
    close: () => server.close(),
  };
}
