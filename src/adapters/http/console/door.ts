/** Where the console is: it is loaded when somebody looks at it for the first time. */
import type { Context, Hono } from "hono";
import type { CommandDoor } from "../../../server/command_door.ts";
import { fail } from "../answers.ts";
import type { HttpEnv } from "../app.ts";
import type { ConsoleTools } from "./tools.ts";

/** Adds it. */
export function addConsole(app: Hono<HttpEnv>, door: CommandDoor, tools: ConsoleTools): void {
  let loading: Promise<Hono<HttpEnv> | undefined> | undefined;
  const handle = async (c: Context<HttpEnv>): Promise<Response> => {
    loading ??= load(door, tools);
    const console = await loading;
    if (console === undefined) return fail(c, 501, "the console runs on Bun and Deno");
    return await console.fetch(c.req.raw, c.env);
  };
  // Its pages name each other by what stands behind the last slash, wherever they are mounted.
  app.all("/console", (c) => c.redirect("console/", 302));
  app.all("/console/*", handle);
}

/** @returns undefined where the runtime cannot read its files: Node.js knows neither JSX nor text */
async function load(door: CommandDoor, tools: ConsoleTools): Promise<Hono<HttpEnv> | undefined> {
  if (!("Bun" in globalThis || "Deno" in globalThis)) return undefined;
  const { createConsole } = await import("./routes.ts");
  return createConsole(door, tools);
}
