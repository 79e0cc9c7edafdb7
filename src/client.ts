/**
 * The client by itself, without cache and server: typed, pipelined, over TCP, Unix sockets or HTTP.
 *
 * @module
 */

/** Connecting. */
export { connect } from "./adapters/connect.ts";
export type { ListenAddress } from "./ports/transport.ts";

/** Commands by their names. */
export type { BatchReplies, Command, CommandName, Reply } from "./methods/replies.ts";
export type { LowerCommandName } from "./methods/command_table.ts";

/** A client: commands that go to a server. */
export type { CallOptions, Client, ClientCommands, SessionCommands } from "./client/commands.ts";
export type { ConnectOptions } from "./client/connect_options.ts";
export type { ReconnectOptions } from "./client/connection_options.ts";
export type { ClientSubscription } from "./client/subscriptions.ts";
export type { ClientTls } from "./ports/client_socket.ts";
export { ClientError } from "./client/client_error.ts";
export type { ClientErrorCode } from "./client/client_error.ts";
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
} from "./client/method_types.ts";
export type {
  BlockOption,
  CountOption,
  ServerMethods,
  TypedMethods,
  WaitingMethods,
} from "./methods/waiting.ts";

/** Messages. */
export type { MessageListener } from "./methods/messages.ts";

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
} from "./methods/commands.ts";
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
} from "./methods/collections.ts";
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
} from "./methods/special.ts";
export type { ExpiryOptions, Integer, Key, Keys, Pairs, Value, Values } from "./methods/types.ts";
export type { CommandArgument } from "./protocol/command_encoder.ts";

/** Replies. */
export { ReplyError } from "./protocol/value_writer.ts";
export type { ReplyValue } from "./protocol/value_writer.ts";
