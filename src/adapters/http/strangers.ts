/**
 * Who is turned away where no token is needed: other machines in protected mode, and pages of other
 * origins in a browser on this one.
 */
import type { Context } from "hono";
import { isLoopbackHost } from "../common/addresses.ts";
import { fail } from "./answers.ts";
import type { HttpEnv } from "./app.ts";
import type { Guard } from "./guards.ts";

const PROTECTED =
  "DENIED CrabCache is in protected mode: there is no http-token, so only this machine is let in. " +
  "Set http-token, or protected-mode no";
const FOREIGN = "DENIED pages of other origins are let in by http-cors only";
const FOREIGN_HOST = "DENIED without http-token the host must be localhost or an address";

/** "127.0.0.1:8079", "[::1]:8079", "localhost": the name without its port. */
const HOST = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/;
const IP_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;
/** "127.0.0.1:5000" or "[::1]:5000". */
const REMOTE_HOST = /^\[?([^\]]*?)\]?:\d+$/;

export interface StrangerOptions {
  /** Whether other machines are turned away. */
  readonly isProtected: () => boolean;
  /** Whether requests come at a port of this server's own, and not by way of another program. */
  readonly isOwnPort: boolean;
  /** Origins whose pages are let in; "*" = all. */
  readonly corsOrigins: readonly string[];
}

/** Turns them away with 403; to be used while no token is needed. */
export function refuseStrangers(options: StrangerOptions): Guard {
  const { isProtected, isOwnPort, corsOrigins } = options;
  // Nearly all requests name the same host.
  let lastPlain = "localhost";
  return (c) => {
    if (isProtected() && !isFromHere(c)) return fail(c, 403, PROTECTED);
    const { headers } = c.req.raw;
    const host = headers.get("host") ?? new URL(c.req.url).host;
    const origin = headers.get("origin");
    if (origin !== null && !isSameOrigin(origin, host)) {
      if (!corsOrigins.includes("*") && !corsOrigins.includes(origin)) return fail(c, 403, FOREIGN);
    } else if (isOwnPort && host !== lastPlain) {
      // A foreign page can give this machine's address a name of its own.
      if (!isPlainHost(host)) return fail(c, 403, FOREIGN_HOST);
      lastPlain = host;
    }
    return undefined;
  };
}

/**
 * Turns away what a page of another site has its visitor's browser fetch without an origin: the address
 * of an image or of a link. It may be a command. To be used while no token is needed.
 */
export function refuseForeignFetches({ corsOrigins }: StrangerOptions): Guard {
  const letsAllIn = corsOrigins.includes("*");
  return (c) => {
    const { headers } = c.req.raw;
    return letsAllIn || headers.get("origin") !== null || isOwnFetch(headers)
      ? undefined
      : fail(c, 403, FOREIGN);
  };
}

/**
 * Whether no page of another site makes a browser send it. Source: https://www.w3.org/TR/fetch-metadata/
 */
export function isOwnFetch(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}

function isFromHere(c: Context<HttpEnv>): boolean {
  const connection = c.env?.connection;
  if (connection === undefined) return true;
  return isLoopbackHost(REMOTE_HOST.exec(connection.remoteAddress)?.[1] ?? "");
}

/** Whether an origin is that of the pages of `host`. */
export function isSameOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Whether a host is an address or this machine's own name, which no foreign page can take. */
export function isPlainHost(host: string): boolean {
  const name = HOST.exec(host)?.[1] ?? "";
  return name.toLowerCase() === "localhost" || IP_ADDRESS.test(name);
}
