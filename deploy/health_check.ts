/**
 * Asks the server in the same container whether it takes requests, and exits with 0 if it does.
 *
 * The port is CRABCACHE_HTTP_PORT, 8079 by default.
 */
import process from "node:process";

const port = process.env.CRABCACHE_HTTP_PORT ?? "8079";
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`);
  process.exit(ok ? 0 : 1);
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
