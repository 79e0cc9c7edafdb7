/** Opens the HTTP door of a server: the app on every address that the options name. */
import type { HttpListener, HttpServer } from "../../ports/http_server.ts";
import type { DoorContext, DoorOpener, OpenDoor } from "../../server/door.ts";
import { httpRequests } from "../../server/options_listen.ts";
import { FREE_PORT } from "../../server/options_types.ts";
import { formatHostPort, isLoopbackHost } from "../common/addresses.ts";
import { createHttpFetch } from "./app.ts";
import { EventStreams } from "./streams.ts";

/** Makes the opener. */
export function httpDoor(http: HttpServer): DoorOpener {
  return (context) => openDoor(http, context);
}

async function openDoor(http: HttpServer, context: DoorContext): Promise<OpenDoor> {
  const { commands, options, log } = context;
  const failed = (error: unknown): void => log(`HTTP connection failed: ${error}`, "warning");
  let isReady = true;
  const streams = new EventStreams(commands, context.clock, () => {
    return options.settings.clientOutputBufferLimitPubsub[0] || Infinity;
  });
  // Where only this machine gets to, nobody has to be asked where they come from.
  const isReachable = httpRequests(options)
    .some(({ address }) => address.kind !== "tcp" || !isLoopbackHost(address.host));
  const answer = createHttpFetch(commands, {
    limits: { maxBytes: options.httpMaxBody, timeoutMs: options.httpBodyTimeout * 1000 },
    rateLimit: options.httpRateLimit,
    corsOrigins: options.httpCors.split(",").map((origin) => origin.trim()).filter(Boolean),
    isProtected: () => isReachable && options.settings.protectedMode,
    isOwnPort: true,
    logsAccess: options.httpAccessLog,
    health: { isReady: () => isReady, metrics: () => commands.metrics() },
    streams,
    clock: context.clock,
    log,
  });
  const listeners: HttpListener[] = [];
  const addresses: string[] = [];
  /** The port that the first address was given, without TLS and with it. */
  const ports: { plain?: number; tls?: number } = {};
  for (const { address, isOptional } of httpRequests(options)) {
    if (address.kind !== "tcp") continue;
    const isTls = address.isTls === true;
    const kind = isTls ? "tls" : "plain";
    try {
      const listener = await http.listen({
        host: address.host,
        port: address.port === 0 ? ports[kind] ?? 0 : address.port,
        identity: isTls ? { ...context.identity(), clients: "no", authorities: "" } : undefined,
        http3: isTls && options.http3,
        handle: (request, connection) => answer(request, { connection }),
        failed,
      });
      listeners.push(listener);
      if (isTls) context.keepRenewed(listener);
      addresses.push(
        `${isTls ? "https" : "http"}://${formatHostPort(listener.host, listener.port)}`,
      );
      ports[kind] ??= listener.port;
    } catch (error) {
      if (!isOptional) {
        await Promise.all(listeners.map((listener) => listener.close(0)));
        throw error;
      }
      log(`Not serving HTTP: ${(error as Error).message}`);
    }
  }
  if (options.httpPort === FREE_PORT) options.httpPort = ports.plain ?? 0;
  if (options.httpTlsPort === FREE_PORT) options.httpTlsPort = ports.tls ?? 0;
  return {
    addresses,
    close: async (graceMs) => {
      isReady = false;
      streams.close();
      commands.live.close();
      await Promise.all(listeners.map((listener) => listener.close(graceMs)));
    },
  };
}
