/**
 * CrabCache as a library: a cache in process with Redis's commands, and the server to start from a
 * program.
 *
 * @module
 */

/** Making a cache or a server. */
export { createCache, startServer } from "./src/adapters/library.ts";

/** What they are told, and what they give. */
export type { EmbeddedServer } from "./src/adapters/library.ts";
export type { CacheOptions, ServerOptions } from "./src/server/library_options.ts";
export type { MaxmemoryPolicy } from "./src/ports/settings.ts";
export type { ListenAddress } from "./src/ports/transport.ts";

/** The cache and its commands. */
export type {
  BatchReplies,
  Cache,
  CacheCommands,
  Command,
  CommandName,
  LowerCommandName,
  Reply,
} from "./src/server/cache.ts";

/** Arguments of the methods. */
export type {
  CommandMethods,
  ConditionOptions,
  CopyOptions,
  ExpireCondition,
  ExpiryOptions,
  FlushMode,
  GetExOptions,
  Integer,
  Key,
  LcsOptions,
  Pairs,
  ScanOptions,
  SetOptions,
  StoreOptions,
  Value,
} from "./src/server/cache_commands.ts";
export type { CommandArgument } from "./src/protocol/command_encoder.ts";

/** Replies. */
export { ReplyError } from "./src/protocol/value_writer.ts";
export type { ReplyValue } from "./src/protocol/value_writer.ts";
