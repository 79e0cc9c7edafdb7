/**
 * CrabCache where there is HTTP and no raw TCP, such as Deno Deploy: the HTTP door alone.
 *
 *   CRABCACHE_HTTP_TOKEN            token that requests must show; without one it does not start
 *   CRABCACHE_HTTP_READONLY_TOKEN   token of those who may only read
 *   CRABCACHE_MAXMEMORY             budget of the cache, 128mb by default
 *
 * Such a host runs as many copies as it likes and ends them when it likes: each has a cache of its
 * own, which starts empty.
 */
import { createCache, createFetchHandler } from "../mod.ts";

const token = Deno.env.get("CRABCACHE_HTTP_TOKEN");
if (!token) throw new Error("CRABCACHE_HTTP_TOKEN is missing: whoever finds the URL could get in");

const cache = createCache({ maxmemory: Deno.env.get("CRABCACHE_MAXMEMORY") ?? "128mb" });

Deno.serve(createFetchHandler(cache, {
  token,
  readonlyToken: Deno.env.get("CRABCACHE_HTTP_READONLY_TOKEN"),
  log: console.error,
}));
