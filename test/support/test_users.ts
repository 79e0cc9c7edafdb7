/** Users for tests, over the cryptography of the machine. */
import { createCryptography } from "../../src/adapters/common/cryptography.ts";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import type { Users } from "../../src/commands/acl/users.ts";
import type { CommandRegistry } from "../../src/commands/registry.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { FileStore } from "../../src/ports/file_store.ts";
import type { Settings } from "../../src/ports/settings.ts";
import { createUsers } from "../../src/server/users.ts";
import { testSettings } from "./test_settings.ts";

export interface TestUsersOptions {
  readonly registry: CommandRegistry;
  readonly clock: Clock;
  readonly settings?: Settings;
  readonly files?: FileStore;
  readonly aclfile?: string;
  /** Takes what is logged. */
  readonly lines?: string[];
}

export function createTestUsers(given: TestUsersOptions): Users {
  const { registry, clock, files = createMemoryFileStore([]), aclfile = "", lines = [] } = given;
  return createUsers({
    ...{ registry, clock, files, cryptography: createCryptography() },
    settings: given.settings ?? testSettings(),
    options: { aclfile, users: [] },
    log: (line) => void lines.push(line),
  });
}
