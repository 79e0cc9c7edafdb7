/**
 * HTTP/1.1, HTTP/2 and HTTP/3 on one port by Bun.serve.
 *
 * Certificates are those of the listening socket, so a new one takes a new socket.
 */
import type {
  HttpConnection,
  HttpListener,
  HttpListenOptions,
  HttpServer,
} from "../../ports/http_server.ts";
import { formatHostPort, listenError } from "../common/addresses.ts";
import { closeAfter } from "../common/http_answers.ts";
import type { TlsIdentity } from "../../ports/tls.ts";
import { Rebinding } from "../common/rebinding.ts";
import { readIdentity } from "../common/tls_identity.ts";
import { bunApi } from "./api.ts";
import type { BunHttpServer } from "./api.ts";

/** Seconds without a byte after which a connection is closed. */
const IDLE_SECONDS = 60;

type Identity = TlsIdentity | undefined;

/** Makes the opener of listeners. */
export function createHttpServer(): HttpServer {
  return { listen };
}

async function listen(options: HttpListenOptions): Promise<HttpListener> {
  const { host, failed } = options;
  const retired = new Map<BunHttpServer, Promise<void>>();
  const isRetired = (each: BunHttpServer): boolean => retired.has(each);
  let server: BunHttpServer;
  try {
    server = serve(options, options.port, options.identity, isRetired);
  } catch (error) {
    throw listenError({ kind: "tcp", host, port: options.port }, error);
  }
  const { port } = server;
  const rebinding = new Rebinding<Identity>({
    first: options.identity,
    failed: (error) => failed(listenError({ kind: "tcp", host, port }, error)),
    release() {
      const old = server;
      retired.set(old, old.stop(false).finally(() => retired.delete(old)));
    },
    bind(identity) {
      server = serve(options, port, identity, isRetired);
    },
  });
  return {
    host,
    port,
    renew: (identity) => rebinding.renew(identity),
    async close(graceMs) {
      rebinding.close();
      const open = [...retired];
      const cut = setTimeout(() => open.forEach(([each]) => void each.stop(true)), graceMs);
      await Promise.all(open.map(([, stopped]) => stopped));
      clearTimeout(cut);
    },
  };
}

/** @param isRetired whether a server answers the last requests of its connections */
function serve(
  { host, http3 = false, handle, failed }: HttpListenOptions,
  port: number,
  identity: Identity,
  isRetired: (server: BunHttpServer) => boolean,
): BunHttpServer {
  return bunApi().serve({
    hostname: host,
    port,
    http2: true,
    http3,
    ...identity === undefined ? {} : { tls: tlsOf(identity) },
    idleTimeout: IDLE_SECONDS,
    // Whoever handles the request bounds its body, and says so in words.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch(request, running) {
      const answer = handle(request, connectionOf(request, running));
      return identity === undefined ? answer : closeAfter(answer, () => isRetired(running));
    },
    error(error) {
      failed(error);
      return new Response('{"error":"ERR internal error"}', { status: 500 });
    },
  });
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
