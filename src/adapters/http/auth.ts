/** Who may use the HTTP door: whoever shows a token, or a name and a password, where they are needed. */
import type { Context } from "hono";
import type { Clock } from "../../ports/clock.ts";
import type { HttpConnection } from "../../ports/http_server.ts";
import type { DoorUser } from "../../server/command_door.ts";
import type { DoorUsers } from "../../server/door_users.ts";
import { fail } from "./answers.ts";
import type { HttpEnv } from "./app.ts";
import type { Guard } from "./guards.ts";

const CREDENTIALS = /^(bearer|basic) +(\S+) *$/i;
const UNAUTHORIZED = "WRONGPASS invalid or missing auth token";

/** Query parameter for clients that cannot set headers. */
export const TOKEN_PARAMETER = "_token";

/** Lets requests pass whose sender is known, who is then the variable `user`. */
export function identify(users: DoorUsers, clock: Clock): Guard {
  return (c) => {
    const user = findUser(c, users);
    if (user === undefined) return refuse(c, users, clock);
    c.set("user", user);
    return undefined;
  };
}

async function refuse(c: Context<HttpEnv>, users: DoorUsers, clock: Clock): Promise<Response> {
  if (hasCredentials(c)) await delayFailure(c, users, clock);
  c.header("www-authenticate", "Bearer");
  return fail(c, 401, UNAUTHORIZED);
}

/** Lets whoever tries credentials that are wrong wait for the answer. */
export async function delayFailure(
  c: Context<HttpEnv>,
  users: DoorUsers,
  clock: Clock,
): Promise<void> {
  const address = c.env?.connection?.remoteAddress;
  const delayMs = address === undefined ? 0 : users.failed(address);
  if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve));
}

function hasCredentials(c: Context): boolean {
  return c.req.header("authorization") !== undefined || c.req.query(TOKEN_PARAMETER) !== undefined;
}

/** Whose request it is; undefined = nobody's who may use the door. */
export function findUser(c: Context, users: DoorUsers): DoorUser | undefined {
  const { headers, url } = c.req.raw;
  return userOf(
    headers.get("authorization"),
    url.includes("?") ? c.req.query(TOKEN_PARAMETER) : undefined,
    users,
  );
}

/** @param header that shows who it is @param token the same in the query, for those without header */
export function userOf(
  header: string | null,
  token: string | undefined,
  users: DoorUsers,
): DoorUser | undefined {
  if (header === null) return token === undefined ? users.anybody : users.byToken(token);
  const [, scheme, credentials] = CREDENTIALS.exec(header) ?? [];
  switch (scheme?.toLowerCase()) {
    case "bearer":
      return users.byToken(credentials);
    case "basic":
      return users.byBasic(credentials);
    default:
      return undefined;
  }
}

/** What a door is told of whoever sent a request. */
export interface Sender {
  readonly user: DoorUser;
  readonly peer: HttpConnection | undefined;
  /** Gives what says that nobody waits for the answer any more. */
  readonly signal: () => AbortSignal;
}

/** Who sent the request of a context. */
export function senderOf(c: Context<HttpEnv>): Sender {
  return {
    user: c.get("user"),
    peer: c.env?.connection,
    signal: () => c.req.raw.signal,
  };
}
