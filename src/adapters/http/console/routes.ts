/**
 * The console: pages for people, who look at what the server does and at what it holds.
 *
 *   GET  /console/             overview          GET  /console/events    live figures (SSE)
 *   GET  /console/keys         key browser       GET  /console/tables    the overview's tables
 *   GET  /console/key          one key           POST /console/delete-key
 *   GET  /console/prompt       command prompt    POST /console/prompt
 *   POST /console/sign-in      POST /console/sign-out
 */
import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { CommandDoor } from "../../../server/command_door.ts";
import { fail } from "../answers.ts";
import type { HttpEnv } from "../app.ts";
import { delayFailure } from "../auth.ts";
import { guardAll } from "../guards.ts";
import { refuseForeignPages, requireSignIn, signIn, signOut, userOf } from "./access.ts";
import { assetUrl, serveAsset } from "./assets.ts";
import { runFor } from "./commands.ts";
import { streamFigures } from "./events.ts";
import { KEY_TYPES, type KeyQuery } from "./key_list.ts";
import { deletePage, keyPage, type KeyPlace } from "./key_page.tsx";
import { listUrl } from "./key_urls.ts";
import { keysPage } from "./keys_page.tsx";
import { overviewPage, tables } from "./overview_page.tsx";
import { runLine } from "./prompt.ts";
import { Entry, promptPage, signInPage } from "./prompt_page.tsx";
import { fromBase64Url, toBase64Url } from "./text.ts";
import type { ConsoleTools } from "./tools.ts";

/** Pages to which signing in may lead. */
const SAFE_NEXT = /^(?:keys|key|prompt)(?:\?[^#]*)?$/;
const MAX_DATABASE_DIGITS = 5;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes the app. */
export function createConsole(
  door: CommandDoor,
  { body, clock, limit }: ConsoleTools,
): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>({ strict: false }).basePath("/console");
  const { users, live } = door;
  const frame = (c: Context<HttpEnv>) => ({
    assets: { url: assetUrl },
    user: users.isOpen ? "" : c.get("user").name,
  });
  const form = async (c: Context): Promise<URLSearchParams> =>
    new URLSearchParams(decoder.decode(await body.read(c)));

  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    // With "no-referrer" a form would not say where it comes from.
    referrerPolicy: "same-origin",
    strictTransportSecurity: false,
  }));
  app.get("/assets/:name", serveAsset);
  if (limit !== undefined) app.use(guardAll(limit));
  app.use(async (c, next) => {
    await next();
    if (c.res.headers.get("cache-control") === null) c.header("cache-control", "no-store");
  });
  app.use(refuseForeignPages);

  app.get("/sign-in", (c) => {
    if (userOf(c, users) !== undefined) return c.redirect("./", 303);
    return c.html(signInPage(c.req.query("next") ?? "", false, { assets: { url: assetUrl } }));
  });
  app.post("/sign-in", async (c) => {
    const given = await form(c);
    const next = given.get("next") ?? "";
    const credentials = { name: given.get("name") ?? "", secret: given.get("secret") ?? "" };
    if (signIn(c, users, credentials)) return c.redirect(SAFE_NEXT.test(next) ? next : "./", 303);
    await delayFailure(c, users, clock);
    return c.html(signInPage(next, true, { assets: { url: assetUrl } }), 401);
  });
  app.post("/sign-out", (c) => {
    signOut(c);
    return c.redirect("sign-in", 303);
  });

  app.use(requireSignIn(users));
  app.get("/", async (c) => c.html(await overviewPage(runFor(door, c), frame(c))));
  app.get("/tables", async (c) => c.html(await tables(runFor(door, c))));
  app.get("/events", (c) =>
    streamFigures(c, {
      live,
      run: runFor(door, c),
      isLetIn: () => userOf(c, users) === c.get("user"),
    }));
  addKeys(app, door, frame);

  app.get("/prompt", (c) => c.html(promptPage(databaseOf(c.req.query("db")), undefined, frame(c))));
  app.post("/prompt", async (c) => {
    const given = await form(c);
    const line = given.get("line") ?? "", db = databaseOf(given.get("db"));
    // A command may wait for what it waits for.
    c.env?.connection?.keepOpen();
    const ran = { line, db, outcome: await runLine(runFor(door, c), line, db) };
    const isFragment = c.req.header("x-fragment") !== undefined;
    return c.html(isFragment ? Entry(ran) : promptPage(db, ran, frame(c)));
  });
  app.notFound((c) => fail(c, 404, "there is nothing here"));
  // Whoever loaded the console answers to errors.
  app.onError((error) => {
    throw error;
  });
  return app;
}

type Frame = (c: Context<HttpEnv>) => Parameters<typeof overviewPage>[1];

function addKeys(
  app: Hono<HttpEnv, Record<never, never>, "/console">,
  door: CommandDoor,
  frame: Frame,
): void {
  app.get("/keys", async (c) => {
    const deleted = fromBase64Url(c.req.query("deleted") ?? "");
    const isDeleted = deleted !== undefined && deleted.length > 0;
    const query = queryOf(c);
    return c.html(
      await keysPage(runFor(door, c), query, frame(c), isDeleted ? deleted : undefined),
    );
  });
  app.get("/key", async (c) => {
    const place = placeOf(c);
    if (place === undefined) return fail(c, 400, "key must be base64url");
    const { status, page } = await keyPage(runFor(door, c), place, frame(c));
    return c.html(page, status);
  });
  app.get("/delete-key", (c) => {
    const place = placeOf(c);
    return place === undefined
      ? fail(c, 400, "key must be base64url")
      : c.html(deletePage(place, frame(c)));
  });
  app.post("/delete-key", async (c) => {
    const place = placeOf(c);
    if (place === undefined) return fail(c, 400, "key must be base64url");
    const { db, key } = place;
    const [reply] = await runFor(door, c)([["UNLINK", key]], { db, isUse: true });
    if (reply.kind === "error") return c.html(deletePage(place, frame(c), reply.text), 403);
    const list = listUrl({ db });
    return c.redirect(`${list}${list.includes("?") ? "&" : "?"}deleted=${toBase64Url(key)}`, 303);
  });
}

function databaseOf(text: string | undefined | null): number {
  return text !== undefined && text !== null && /^\d+$/.test(text) &&
      text.length <= MAX_DATABASE_DIGITS
    ? Number(text)
    : 0;
}

function queryOf(c: Context): KeyQuery {
  const type = c.req.query("type") ?? "", cursor = c.req.query("cursor") ?? "";
  return {
    db: databaseOf(c.req.query("db")),
    pattern: c.req.query("pattern") ?? "",
    type: KEY_TYPES.includes(type) ? type : "",
    cursor: /^\d{1,20}$/.test(cursor) ? cursor : "0",
  };
}

/** @returns undefined where the key cannot be read */
function placeOf(c: Context): KeyPlace | undefined {
  const name = c.req.query("name");
  const key = name === undefined ? fromBase64Url(c.req.query("key") ?? "") : encoder.encode(name);
  if (key === undefined) return undefined;
  return { db: databaseOf(c.req.query("db")), key, at: c.req.query("at") ?? "" };
}
