/**
 * HTTP/1.1 and HTTP/2 on one port by Deno.serve.
 *
 * Certificates are those of the listening socket, so a new one takes a new socket. One that was
 * shut down cannot be aborted any more: its last requests end by themselves.
 */
import type {
  HttpConnection,
  HttpListener,
  HttpListenOptions,
  HttpServer,
} from "../../ports/http_server.ts";
import { formatHostPort, listenError } from "../common/addresses.ts";
import { LAST_ANSWER, withHeaders } from "../common/http_answers.ts";
import type { TlsIdentity } from "../../ports/tls.ts";
import { Rebinding } from "../common/rebinding.ts";
import { readIdentity } from "../common/tls_identity.ts";
import { denoApi } from "./api.ts";
import type { DenoHttpServer, DenoServeInfo } from "./api.ts";

/** Deno says that an answer is sent a moment before its socket has it. */
const LINGER_MS = 20;

type Identity = TlsIdentity | undefined;

/** Makes the opener of listeners. */
export function createHttpServer(): HttpServer {
  return { listen };
}

async function listen(options: HttpListenOptions): Promise<HttpListener> {
  const { host, failed } = options;
  if (options.http3) {
    throw new Error("HTTP/3 (http3 yes) needs the Bun runtime: Deno has no server for it");
  }
  const running = new RunningRequests();
  let serving: Serving;
  try {
    serving = new Serving(options, options.port, options.identity, running);
  } catch (error) {
    throw listenError({ kind: "tcp", host, port: options.port }, error);
  }
  const { port } = serving;
  let isClosing = false;
  const rebinding = new Rebinding<Identity>({
    first: options.identity,
    failed: (error) => failed(listenError({ kind: "tcp", host, port }, error)),
    // The socket is gone a moment later.
    isTooEarly: (error) => (error as Error).name === "AddrInUse",
    release() {
      if (!isClosing) serving.retire(failed);
    },
    bind(identity) {
      serving = new Serving(options, port, identity, running);
    },
  });
  return {
    host,
    port,
    renew: (identity) => rebinding.renew(identity),
    // Deno's own shutdown waits for connections that are kept alive, and cannot be cut short.
    async close(graceMs) {
      isClosing = true;
      rebinding.close();
      await running.over(graceMs);
      await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
      await serving.abort();
    },
  };
}

/** One listening socket with its connections. */
class Serving {
  readonly port: number;
  readonly #server: DenoHttpServer;
  readonly #aborter = new AbortController();
  #isRetired = false;

  /** @throws when the address can't be bound */
  constructor(
    { host, handle, failed }: HttpListenOptions,
    port: number,
    identity: Identity,
    running: RunningRequests,
  ) {
    const headers = () => this.#isRetired ? [LAST_ANSWER] : [];
    this.#server = denoApi().serve({
      hostname: host,
      port,
      ...identity === undefined ? {} : tlsOf(identity),
      signal: this.#aborter.signal,
      onListen() {},
      onError(error) {
        failed(error);
        return new Response('{"error":"ERR internal error"}', { status: 500 });
      },
    }, (request, info) => {
      running.add(info.completed);
      const answer = handle(request, new Connection(info));
      return identity === undefined ? answer : withHeaders(answer, headers);
    });
    this.port = this.#server.addr.port;
  }

  /** Takes no more connections; each of those that are there gets the answers it waits for. */
  retire(failed: (error: unknown) => void): void {
    this.#isRetired = true;
    this.#server.shutdown().catch(failed);
  }

  /** Cuts all connections off, unless it is retired. */
  async abort(): Promise<void> {
    if (this.#isRetired) return;
    this.#aborter.abort();
    await this.#server.finished;
  }
}

/** Knows when all requests are answered. */
class RunningRequests {
  #count = 0;
  #whenOver: () => void = () => {};
  readonly #over = (): void => {
    this.#count--;
    if (this.#count === 0) this.#whenOver();
  };

  /** @param completed settles when the answer was sent, or cannot be */
  add(completed: Promise<void>): void {
    this.#count++;
    completed.then(this.#over, this.#over);
  }

  /** Settles once none runs, or after `graceMs`. */
  over(graceMs: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cut = setTimeout(resolve, graceMs);
      this.#whenOver = () => {
        clearTimeout(cut);
        resolve();
      };
    });
  }
}

function tlsOf(identity: TlsIdentity): { cert: string; key: string } {
  const { certificate, key } = readIdentity(identity);
  return { cert: certificate, key };
}

class Connection implements HttpConnection {
  readonly #info: DenoServeInfo;
  #remoteAddress = "";

  constructor(info: DenoServeInfo) {
    this.#info = info;
  }

  get remoteAddress(): string {
    if (this.#remoteAddress === "") {
      const { hostname, port } = this.#info.remoteAddr;
      this.#remoteAddress = formatHostPort(hostname, port);
    }
    return this.#remoteAddress;
  }

  keepOpen(): void {
    // Nobody knows it any more once the peer is gone.
    void this.remoteAddress;
  }
}
