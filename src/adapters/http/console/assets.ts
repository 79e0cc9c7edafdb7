/** The files that pages of the console ask for: style, script, chart library, icon. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Context } from "hono";
import uplotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import { fail } from "../answers.ts";
import script from "./browser/app.js" with { type: "text" };
import style from "./browser/style.css" with { type: "text" };

const VERSION_LENGTH = 12;
const FOREVER = "public, max-age=31536000, immutable";

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="#d9480f">' +
  '<path d="M9 12C5 11 3 8 4 3l3 3 2-4c3 3 3 7 1 9M23 12c4-1 6-4 5-9l-3 3-2-4c-3 3-3 7-1 9"/>' +
  '<rect x="4" y="12" width="24" height="15" rx="7.5"/></g></svg>';

interface Asset {
  readonly text: string;
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** The beginning of its hash. */
  readonly version: string;
}

function asset(text: string, type: string): Asset {
  const version = createHash("sha256").update(text).digest("hex").slice(0, VERSION_LENGTH);
  return { text, zipped: new Uint8Array(gzipSync(text)), type, version };
}

const ASSETS: ReadonlyMap<string, Asset> = new Map([
  // Type checkers take it for the module that it would be otherwise.
  ["app.js", asset(script as unknown as string, "text/javascript; charset=utf-8")],
  ["style.css", asset(style, "text/css; charset=utf-8")],
  ["uplot.js", asset(uplotScript as unknown as string, "text/javascript; charset=utf-8")],
  ["uplot.css", asset(uplotStyle, "text/css; charset=utf-8")],
  ["icon.svg", asset(ICON, "image/svg+xml")],
]);

/** The path of a file, which changes with what is in it. */
export function assetUrl(name: string): string {
  return `assets/${name}?v=${ASSETS.get(name)?.version}`;
}

/** Answers with a file. */
export function serveAsset(c: Context): Response {
  const found = ASSETS.get(c.req.param("name") ?? "");
  if (found === undefined) return fail(c, 404, "there is nothing here");
  const isPinned = c.req.query("v") === found.version;
  c.header("cache-control", isPinned ? FOREVER : "no-cache");
  c.header("content-type", found.type);
  c.header("vary", "accept-encoding");
  if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return c.body(found.text);
  c.header("content-encoding", "gzip");
  return c.body(found.zipped);
}
