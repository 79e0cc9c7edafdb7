/**
 * CrabCache as a library: a cache in process with Redis's commands, the server to start from a program,
 * and a client for servers.
 *
 * @module
 */

/** Making a cache, a server or a client. */
export { connect, createCache, createFetchHandler, startServer } from "./src/adapters/library.ts";

/** What they are told, and what they give. */
export type { EmbeddedServer, FetchHandlerOptions } from "./src/adapters/library.ts";
export type { CacheOptions, ServerOptions } from "./src/server/library_options.ts";
export type { MaxmemoryPolicy } from "./src/ports/settings.ts";
export type { ListenAddress } from "./src/ports/transport.ts";

/** The cache and its commands. */
export type { Cache, CacheCommands } from "./src/server/cache.ts";
export type { BatchReplies, Command, CommandName, Reply } from "./src/methods/replies.ts";
export type { LowerCommandName } from "./src/methods/command_table.ts";

/** A client: commands that go to a server. */
export type {
  CallOptions,
  Client,
  ClientCommands,
  SessionCommands,
} from "./src/client/commands.ts";
export type { ConnectOptions } from "./src/client/connect_options.ts";
export type { ReconnectOptions } from "./src/client/connection_options.ts";
export type { ClientSubscription } from "./src/client/subscriptions.ts";
export type { ClientTls } from "./src/ports/client_socket.ts";
export { ClientError } from "./src/client/client_error.ts";
export type { ClientErrorCode } from "./src/client/client_error.ts";
export type {
  ClientMethods,
  MethodAnswer,
  MethodArguments,
  MethodSignatures,
  OwnName,
  Pipeline,
  Promised,
  PromisedMethods,
  Queue,
  Queued,
  QueuedMethods,
  QueueKind,
  QueueReplies,
  Transaction,
  WordMethods,
} from "./src/client/method_types.ts";
export type {
  BlockOption,
  CountOption,
  ServerMethods,
  TypedMethods,
  WaitingMethods,
} from "./src/methods/waiting.ts";

/** Messages. */
export type { MessageListener } from "./src/methods/messages.ts";
export type { Subscription } from "./src/server/cache_subscriptions.ts";

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
} from "./src/methods/commands.ts";
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
} from "./src/methods/collections.ts";
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
} from "./src/methods/special.ts";
export type {
  ExpiryOptions,
  Integer,
  Key,
  Keys,
  Pairs,
  Value,
  Values,
} from "./src/methods/types.ts";
export type { CommandArgument } from "./src/protocol/command_encoder.ts";

/** Replies. */
export { ReplyError } from "./src/protocol/value_writer.ts";
export type { ReplyValue } from "./src/protocol/value_writer.ts";
