/**
 * CrabCache as a library: a cache in process with Redis's commands, and the server to start from a
 * program.
 *
 * @module
 */

/** Making a cache or a server. */
export { createCache, createFetchHandler, startServer } from "./src/adapters/library.ts";

/** What they are told, and what they give. */
export type { EmbeddedServer, FetchHandlerOptions } from "./src/adapters/library.ts";
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

/** Messages. */
export type { MessageListener, Subscription } from "./src/server/cache_subscriptions.ts";

/** Arguments of the methods. */
export type {
  CommandMethods,
  ConditionOptions,
  CopyOptions,
  ExpireCondition,
  FlushMode,
  GetExOptions,
  KeyMethods,
  LcsOptions,
  RestoreOptions,
  ScanOptions,
  SetOptions,
  SortOptions,
  StoreOptions,
  StringMethods,
} from "./src/server/cache_commands.ts";
export type {
  ElementScanOptions,
  ExpireConditionOptions,
  FieldsOption,
  HashGetExOptions,
  HashMethods,
  HashSetExOptions,
  Limit,
  ListEnd,
  ListMethods,
  ListPositionOptions,
  RangeOptions,
  Scored,
  ScoredMembers,
  SetMethods,
  SortedSetAddOptions,
  SortedSetMergeOptions,
  SortedSetMethods,
  SortedSetRangeOptions,
  WithScores,
} from "./src/server/cache_collections.ts";
export type {
  BitmapMethods,
  DistanceUnit,
  GeoMethods,
  GeoSearchOptions,
  HyperLogLogMethods,
  StreamAddOptions,
  StreamEntry,
  StreamMethods,
  StreamReadOptions,
  StreamThreshold,
  StreamTrimOptions,
} from "./src/server/cache_special.ts";
export type {
  ExpiryOptions,
  Integer,
  Key,
  Keys,
  Pairs,
  Value,
  Values,
} from "./src/server/cache_types.ts";
export type { CommandArgument } from "./src/protocol/command_encoder.ts";

/** Replies. */
export { ReplyError } from "./src/protocol/value_writer.ts";
export type { ReplyValue } from "./src/protocol/value_writer.ts";
