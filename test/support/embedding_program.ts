// A program that uses the library and ends without closing what it made.

import { createCache } from "crabcache";

const cache = createCache({ maxmemory: "16mb" });
const [stored, value] = cache.batch([["SET", "k", "v", "EX", 100], ["GET", "k"]]);
await new Promise((resolve) => setTimeout(resolve, 150));
console.log(`${stored} ${value} ${cache.ttl("k")}`);
