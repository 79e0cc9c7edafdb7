/** The least that an HTTP server can do on this runtime: parse a batch, and answer as much as the door would. */
import process from "node:process";

const VALUE = "x".repeat(64);

interface FloorRuntime {
  readonly Bun?: { serve(options: unknown): unknown };
  readonly Deno?: { serve(options: unknown, handle: unknown): unknown };
}

async function handle(request: Request): Promise<Response> {
  if (request.method === "GET") return Response.json({ result: VALUE });
  const batch = await request.json() as unknown[];
  if (!Array.isArray(batch[0])) return Response.json({ result: VALUE });
  return Response.json(batch.map(() => ({ result: VALUE })));
}

const { Bun, Deno } = globalThis as FloorRuntime;
const options = { hostname: "127.0.0.1", port: Number(process.argv[2]) };
if (Bun !== undefined) Bun.serve({ ...options, http2: true, fetch: handle });
else Deno?.serve({ ...options, onListen() {} }, handle);
