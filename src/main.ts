/** Starts the server on the runtime that it wakes up in. */
import { httpDoor } from "./adapters/http/door.ts";
import { createRuntime } from "./adapters/runtime.ts";
import { loadOptions, OptionsError } from "./server/options.ts";
import { describeServer, startServer } from "./server/server.ts";
import { VERSION } from "./server/version.ts";

const runtime = createRuntime();

async function main(): Promise<void> {
  const { process, files, system } = runtime;
  const loaded = await loadOptions({ args: process.args, env: process.env, files, system });
  if (loaded.kind === "help") return process.log(loaded.text);
  if (loaded.kind === "version") {
    const { runtimeName, runtimeVersion } = system;
    return process.log(`crabcache ${VERSION} (${runtimeName} ${runtimeVersion})`);
  }
  const server = await startServer(runtime, loaded.options, loaded.configFile, [
    httpDoor(runtime.http),
  ]);
  server.log(describeServer(server, runtime));
  process.onSignal(["SIGINT", "SIGTERM"], (name) => {
    server.log(`Received ${name}, shutting down`);
    void server.close();
  });
  process.onSignal(["SIGHUP"], () => void server.reloadTls());
  await server.closed;
  process.exit(0);
}

try {
  await main();
} catch (error) {
  const message = error instanceof OptionsError ? error.message : `crabcache: ${String(error)}`;
  runtime.process.logError(message);
  runtime.process.exit(1);
}
