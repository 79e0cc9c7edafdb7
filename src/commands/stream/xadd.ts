/** XADD: adds an entry to a stream. */
import { EVENT_STREAM } from "../../engine/key_changes.ts";
import {
  ADDED,
  addEntry,
  ENTRY_TOO_LARGE,
  ID_GIVEN,
  IDS_EXHAUSTED,
  streamArena,
  streamUnit,
} from "../../engine/streams.ts";
import { replyId } from "../../engine/stream_replies.ts";
import type { EntrySource } from "../../structs/stream_append.ts";
import { trimStream } from "../../structs/stream_delete.ts";
import { isZeroId } from "../../structs/stream_id.ts";
import type { Call } from "../call.ts";
import { wrongArity } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";
import { isStream } from "./arguments.ts";
import { TrimOptions } from "./trim_options.ts";

const ZERO_ID = "ERR The ID specified in XADD must be greater than 0-0";
const EXHAUSTED = "ERR The stream has exhausted the last possible ID, unable to add more items";
const TOO_SMALL =
  "ERR The ID specified in XADD is equal or smaller than the target stream top item";
const TOO_LARGE = "ERR Elements are too large to be stored";

const options = new TrimOptions();

/** The arguments behind the id. */
class EntryArguments implements EntrySource {
  input!: EntrySource["input"];
  offsets!: Int32Array;
  lengths!: Int32Array;
  first = 0;
  fieldCount = 0;

  pointAt(call: Call, position: number): void {
    const { batch } = call;
    this.input = batch.input;
    this.offsets = batch.argOffsets;
    this.lengths = batch.argLengths;
    this.first = call.first + position;
    this.fieldCount = (call.argc - position) >> 1;
  }
}

const entry = new EntryArguments();

export const XADD = {
  name: "xadd",
  arity: -5,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "update"],
  keyNotes: "UPDATE instead of INSERT because of the optional trimming feature",
  since: "5.0.0",
  group: "stream",
  complexity:
    "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
  summary: "Appends a new message to a stream. Creates the key if it doesn't exist.",
  syntax: "key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] " +
    "[<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]",
  history: [
    [
      "6.2.0",
      "Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.",
    ],
    ["7.0.0", "Added support for the `<ms>-*` explicit ID form."],
    ["8.2.0", "Added the `KEEPREF`, `DELREF` and `ACKED` options."],
  ],
  run(call, reply) {
    const idPosition = options.read(call, reply, true);
    if (idPosition === 0) return;
    const pairs = call.argc - idPosition - 1;
    if (pairs < 2 || pairs % 2 === 1) return reply.error(wrongArity(call.name));
    if (options.idForm === ID_GIVEN && isZeroId(options.id, 0)) return reply.error(ZERO_ID);
    const ref = call.lookupWrite(1);
    if (ref === 0) {
      if (options.makesNoStream) return reply.nil();
    } else if (!isStream(call, ref, reply)) {
      return;
    }
    const { keyspace, settings, blocking } = call.engine;
    const { batch, db, first } = call;
    entry.pointAt(call, idPosition + 1);
    const result = addEntry(
      keyspace,
      db,
      batch,
      first + 1,
      ref,
      options.id,
      options.idForm,
      entry,
      settings.streamNodeMaxBytes,
      settings.streamNodeMaxEntries,
    );
    if (result !== ADDED) return reply.error(messageOf(result));
    replyId(reply, options.id, 0);
    call.changed(1, EVENT_STREAM, "xadd");
    if (options.isTrimming) {
      const stored = ref === 0 ? call.peek(1) : ref;
      const unit = streamUnit(keyspace, stored);
      if (trimStream(streamArena(keyspace, stored), unit, options) > 0) {
        call.notify(1, EVENT_STREAM, "xtrim");
      }
    }
    if (ref !== 0) blocking.signal(db, batch, first + 1);
  },
} as const satisfies CommandSpec;

function messageOf(result: number): string {
  if (result === IDS_EXHAUSTED) return EXHAUSTED;
  return result === ENTRY_TOO_LARGE ? TOO_LARGE : TOO_SMALL;
}
