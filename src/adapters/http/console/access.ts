/**
 * Who may use the console: whoever signed in, which a cookie remembers, or shows a token as for the rest
 * of the door.
 *
 *   crabcache_console = token in base64url; HttpOnly, SameSite=Strict, for the console only
 *
 * The token is looked at with every request, so that it opens nothing once it is no longer valid.
 */
import type { Context, MiddlewareHandler, Next } from "hono";
import { getCookie } from "hono/cookie";
import { serialize } from "hono/utils/cookie";
import type { DoorUsers } from "../../../server/door_users.ts";
import { fail } from "../answers.ts";
import type { HttpEnv } from "../app.ts";
import { findUser } from "../auth.ts";
import { isOwnFetch, isSameOrigin } from "../strangers.ts";
import { fromBase64Url, toBase64Url } from "./text.ts";

const COOKIE = "crabcache_console";
/** Longer ones are none of ours. */
const MAX_TOKEN_BYTES = 2048;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the sign-in form sends. */
export interface Credentials {
  /** "" = a token, or the default user's password. */
  readonly name: string;
  readonly secret: string;
}

/** Signs in. @returns whether the credentials are good */
export function signIn(c: Context, users: DoorUsers, { name, secret }: Credentials): boolean {
  const token = name === "" ? secret : toBase64Url(encoder.encode(`${name}:${secret}`));
  const bytes = encoder.encode(token);
  if (bytes.length === 0 || bytes.length > MAX_TOKEN_BYTES) return false;
  if (users.byToken(token) === undefined) return false;
  setCookie(c, toBase64Url(bytes));
  return true;
}

export function signOut(c: Context): void {
  setCookie(c, "", 0);
}

/** Without a path, a cookie is for what stands beside the page that set it: the console. */
function setCookie(c: Context, value: string, maxAge?: number): void {
  const isSecure = new URL(c.req.url).protocol === "https:" ||
    c.req.header("x-forwarded-proto") === "https";
  const cookie = serialize(COOKIE, value, {
    httpOnly: true,
    sameSite: "Strict",
    secure: isSecure,
    ...maxAge === undefined ? {} : { maxAge },
  });
  c.header("set-cookie", cookie, { append: true });
}

/** Lets requests pass whose sender is known; others are sent to the sign-in form. */
export function requireSignIn(users: DoorUsers): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const user = userOf(c, users);
    if (user !== undefined) {
      c.set("user", user);
      return await next();
    }
    if (!isPage(c)) return fail(c, 401, "WRONGPASS sign in first");
    const { pathname, search } = new URL(c.req.url);
    const wanted = pathname.slice(pathname.lastIndexOf("/") + 1) + search;
    return c.redirect(`sign-in?next=${encodeURIComponent(wanted)}`, 303);
  };
}

/** Whether a request comes from somebody who is let in. */
export function userOf(
  c: Context<HttpEnv>,
  users: DoorUsers,
): HttpEnv["Variables"]["user"] | undefined {
  if (c.req.header("authorization") !== undefined) return findUser(c, users);
  const cookie = getCookie(c, COOKIE);
  const token = cookie === undefined ? undefined : fromBase64Url(cookie);
  if (token === undefined || token.length > MAX_TOKEN_BYTES) return users.anybody;
  return users.byToken(decoder.decode(token)) ?? users.anybody;
}

/** Whether a browser wants to show what comes. */
function isPage(c: Context): boolean {
  return c.req.method === "GET" && (c.req.header("accept") ?? "").includes("text/html") &&
    c.req.header("x-fragment") === undefined;
}

/** Refuses what changes something and does not come from a page of the console. */
export async function refuseForeignPages(
  c: Context<HttpEnv>,
  next: Next,
): Promise<Response | void> {
  if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
  const origin = c.req.header("origin");
  const isForeign = (origin !== undefined && !isSameOrigin(origin, c.req.header("host") ?? "")) ||
    !isOwnFetch(c.req.raw.headers);
  return isForeign ? fail(c, 403, "DENIED only pages of the console may do this") : await next();
}
