/** Everything that a runtime gives to the server, as one object. */
import type { Clock } from "./clock.ts";
import type { Cryptography } from "./cryptography.ts";
import type { FileStore } from "./file_store.ts";
import type { HttpServer } from "./http_server.ts";
import type { ProcessPort } from "./process.ts";
import type { Random } from "./random.ts";
import type { SystemInfo } from "./system_info.ts";
import type { TransportServer } from "./transport.ts";

export interface Runtime {
  readonly transports: TransportServer;
  readonly http: HttpServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly cryptography: Cryptography;
  readonly files: FileStore;
  readonly system: SystemInfo;
  readonly process: ProcessPort;
}
