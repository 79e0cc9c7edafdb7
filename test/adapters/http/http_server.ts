/** A server with an HTTP door, for tests. */
import { type EmbeddedServer, startServer } from "../../../mod.ts";
import type { ServerOptions } from "../../../mod.ts";

export interface HttpTestServer {
  readonly url: string;
  readonly server: EmbeddedServer;
  /** What it logged. */
  readonly lines: string[];
  /** A request; a body that is no text or bytes goes as JSON. */
  ask(path: string, body?: unknown, init?: RequestInit): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, undefined if it is none. */
  // deno-lint-ignore no-explicit-any -- what a test expects it to be
  readonly json: any;
}

export async function startHttpServer(options: ServerOptions = {}): Promise<HttpTestServer> {
  const lines: string[] = [];
  const server = await startServer({
    port: 0,
    httpPort: "free",
    httpBind: "127.0.0.1",
    maxmemory: "64mb",
    log: (line) => void lines.push(line),
    ...options,
  });
  const [url] = server.urls;
  return {
    url,
    server,
    lines,
    async ask(path, body, init = {}) {
      const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
      const response = await fetch(url + path, {
        ...body === undefined ? {} : {
          method: "POST",
          body: (isRaw ? body : JSON.stringify(body)) as string | Uint8Array<ArrayBuffer>,
          headers: { "content-type": "application/json" },
        },
        ...init,
      });
      const text = await response.text();
      const { status, headers } = response;
      return { status, headers, text, json: parse(text) };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
