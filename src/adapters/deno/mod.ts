/** Everything that Deno gives to the server. */
import type { Runtime } from "../../ports/runtime.ts";
import { createClock } from "../common/clock.ts";
import { createCryptography } from "../common/cryptography.ts";
import { createFileStore } from "../common/file_store.ts";
import { createProcess } from "../common/process.ts";
import { createSystemRandom } from "../common/random.ts";
import { createSystemInfo } from "../common/system_info.ts";
import { denoApi } from "./api.ts";
import { collectGarbage } from "./garbage.ts";
import { createCollectionProbe } from "./collection_probe.ts";
import { createHttpServer } from "./http_server.ts";
import { createTransportServer } from "./transport_server.ts";

/** Makes the ports to Deno. @throws TypeError in any other runtime */
export function createRuntime(): Runtime {
  return {
    transports: createTransportServer(),
    http: createHttpServer(),
    clock: createClock(),
    random: createSystemRandom(),
    cryptography: createCryptography(),
    files: createFileStore(),
    system: createSystemInfo(
      "deno",
      denoApi().version.deno,
      collectGarbage,
      createCollectionProbe(),
    ),
    process: createProcess(),
  };
}
