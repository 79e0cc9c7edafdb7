/** Who stands between a request and its handler: the first of the guards that has something against it answers. */
import type { Context, Handler, MiddlewareHandler } from "hono";
import type { HttpEnv } from "./app.ts";

/** @returns what a request is refused with, undefined = nothing is wrong with it */
export type Guard = (c: Context<HttpEnv>) => Response | Promise<Response> | undefined;

/** One guard out of several, asked in their order until one answers. */
export function joinGuards(guards: readonly Guard[]): Guard {
  return (c) => {
    for (const guard of guards) {
      const refusal = guard(c);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

/** The guard in front of all routes that are added behind it. */
export function guardAll(guard: Guard): MiddlewareHandler<HttpEnv> {
  return async (c, next) => guard(c) ?? await next();
}

/** The guard in front of one handler. */
export function guardOne<T extends Response | Promise<Response>>(
  guard: Guard,
  handler: (c: Context<HttpEnv>) => T,
): Handler<HttpEnv> {
  return (c) => guard(c) ?? handler(c);
}
