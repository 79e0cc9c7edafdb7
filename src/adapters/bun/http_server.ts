/**
 * HTTP/1.1 and HTTP/2 on one port by Bun.serve, and HTTP/3 at the UDP port of the same number.
 *
 * Certificates are those of the listening socket, so a new one takes a new socket. HTTP/3 has a
 * server of its own: its port is not free before its last request is over, and that must not keep
 * the others from theirs.
 */
import type {
  HttpConnection,
  HttpListener,
  HttpListenOptions,
  HttpServer,
} from "../../ports/http_server.ts";
import { formatHostPort, listenError } from "../common/addresses.ts";
import { alsoHttp3, LAST_ANSWER, withHeaders } from "../common/http_answers.ts";
import type { TlsIdentity } from "../../ports/tls.ts";
import { Rebinding } from "../common/rebinding.ts";
import { readIdentity } from "../common/tls_identity.ts";
import { bunApi } from "./api.ts";
import type { BunHttpServer, BunServeOptions } from "./api.ts";
import { ChunkGarbage } from "./chunk_garbage.ts";

/** Seconds without a byte after which a connection is closed. */
const IDLE_SECONDS = 60;
/** Time that requests of HTTP/3 have when its socket is replaced. */
const HTTP3_GRACE_MS = 1000;

type Identity = TlsIdentity | undefined;

/** Which protocols a server speaks. */
type Protocols = Pick<BunServeOptions, "http1" | "http2" | "http3">;

const OVER_TCP: Protocols = { http2: true };
const OVER_UDP: Protocols = { http1: false, http2: false, http3: true };

/** Makes the opener of listeners. */
export function createHttpServer(): HttpServer {
  return { listen };
}

async function listen(options: HttpListenOptions): Promise<HttpListener> {
  const { host, http3 = false } = options;
  const tcp = new RenewableServer(options, options.port, OVER_TCP);
  const { port } = tcp;
  if (!http3) return listenerOf(host, port, [tcp]);
  try {
    return listenerOf(host, port, [tcp, new RenewableServer(options, port, OVER_UDP)]);
  } catch (error) {
    await tcp.close(0);
    throw error;
  }
}

function listenerOf(
  host: string,
  port: number,
  servers: readonly RenewableServer[],
): HttpListener {
  return {
    host,
    port,
    renew(identity) {
      for (const server of servers) server.renew(identity);
    },
    async close(graceMs) {
      await Promise.all(servers.map((server) => server.close(graceMs)));
    },
  };
}

/** A server whose socket can be replaced; those before it answer their last requests. */
class RenewableServer {
  readonly port: number;
  readonly #options: HttpListenOptions;
  readonly #protocols: Protocols;
  readonly #rebinding: Rebinding<Identity>;
  readonly #retired = new Map<BunHttpServer, Promise<void>>();
  readonly #garbage = new ChunkGarbage(() => bunApi().gc(false));
  #server: BunHttpServer;

  /** @throws Error that names the address when it can't be bound */
  constructor(options: HttpListenOptions, port: number, protocols: Protocols) {
    const { host, identity, failed } = options;
    this.#options = options;
    this.#protocols = protocols;
    try {
      this.#server = this.#serve(port, identity);
    } catch (error) {
      throw listenError({ kind: "tcp", host, port }, error);
    }
    this.port = this.#server.port;
    this.#rebinding = new Rebinding<Identity>({
      first: identity,
      failed: (error) => failed(listenError({ kind: "tcp", host, port: this.port }, error)),
      isTooEarly: () => protocols.http3 === true && this.#retired.size > 0,
      release: () => this.#retire(),
      bind: (wanted) => {
        this.#server = this.#serve(this.port, wanted);
      },
    });
  }

  renew(identity: TlsIdentity): void {
    this.#rebinding.renew(identity);
    if (this.#protocols.http3) setTimeout(() => this.#cut(), HTTP3_GRACE_MS);
  }

  async close(graceMs: number): Promise<void> {
    this.#rebinding.close();
    const stopped = [...this.#retired.values()];
    const timer = setTimeout(() => this.#cut(), graceMs);
    await Promise.all(stopped);
    clearTimeout(timer);
  }

  #retire(): void {
    const server = this.#server;
    this.#retired.set(server, server.stop(false).finally(() => this.#retired.delete(server)));
  }

  #cut(): void {
    for (const server of this.#retired.keys()) void server.stop(true);
  }

  #serve(port: number, identity: Identity): BunHttpServer {
    const { host, handle, failed } = this.#options;
    return bunApi().serve({
      hostname: host,
      port,
      ...this.#protocols,
      ...identity === undefined ? {} : { tls: tlsOf(identity) },
      idleTimeout: IDLE_SECONDS,
      // Whoever handles the request bounds its body, and says so in words.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch: (request, running) => {
        this.#garbage.add(Number(request.headers.get("content-length")));
        const answer = handle(request, connectionOf(request, running));
        return identity === undefined || this.#protocols.http3
          ? answer
          : withHeaders(answer, () => this.#headers(running));
      },
      error(error) {
        failed(error);
        return new Response('{"error":"ERR internal error"}', { status: 500 });
      },
    });
  }

  #headers(running: BunHttpServer): (readonly [string, string])[] {
    const headers: (readonly [string, string])[] = [];
    if (this.#retired.has(running)) headers.push(LAST_ANSWER);
    if (this.#options.http3) headers.push(alsoHttp3(this.port));
    return headers;
  }
}

function tlsOf(identity: TlsIdentity): { cert: string; key: string } {
  const { certificate, key } = readIdentity(identity);
  return { cert: certificate, key };
}

function connectionOf(request: Request, server: BunHttpServer): HttpConnection {
  return {
    get remoteAddress() {
      const peer = server.requestIP(request);
      return peer === null ? "" : formatHostPort(peer.address, peer.port);
    },
    keepOpen: () => server.timeout(request, 0),
  };
}
