/** Options of XADD and XTRIM: how to trim, and the id of the new entry. */
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Settings } from "../../ports/settings.ts";
import { ID_OF_NOW } from "../../engine/streams.ts";
import {
  DELETE_REFERENCES,
  KEEP_REFERENCES,
  ONLY_ACKNOWLEDGED,
  type Trimming,
} from "../../structs/stream_delete.ts";
import { ID_INVALID, ID_WORDS, parseNewId } from "../../structs/stream_id.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { INVALID_ID, isByte, readId } from "./arguments.ts";

const FIRST_OPTION_ARG = 2;
const TWO_STRATEGIES =
  "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
const NO_STRATEGY = "ERR syntax error, XTRIM must be called with a trimming strategy";
const LIMIT_ALONE = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy";
const LIMIT_EXACT = "ERR syntax error, LIMIT cannot be used without the special ~ option";
/** Limit without LIMIT: so many nodes, but within bounds. */
const DEFAULT_LIMIT_NODES = 100;
const DEFAULT_LIMIT = 10_000;
const MAX_DEFAULT_LIMIT = 1_000_000;

const NO_CHOICE = -1;

export class TrimOptions implements Trimming {
  /** Whether to trim at all. */
  isTrimming = false;
  maxLength = 0;
  readonly minId: Int32Array = new Int32Array(ID_WORDS);
  isApproximate = false;
  limit = 0;
  references: number = KEEP_REFERENCES;
  /** XADD's NOMKSTREAM. */
  makesNoStream = false;
  /** Id of the new entry, as far as it is given, and how it is. */
  readonly id: Int32Array = new Int32Array(ID_WORDS);
  idForm: number = ID_OF_NOW;
  #hasLimit = false;

  /**
   * Reads the options from the second argument on.
   * @param withId whether the id of an entry ends them (XADD)
   * @returns the position behind the options, that of the id if there is one; 0 = an error was
   * replied
   */
  read(call: Call, reply: ReplyWriter, withId: boolean): number {
    this.isTrimming =
      this.isApproximate =
      this.makesNoStream =
      this.#hasLimit =
        false;
    this.limit = 0;
    this.references = NO_CHOICE;
    this.idForm = ID_OF_NOW;
    let i = FIRST_OPTION_ARG;
    for (; i < call.argc; i++) {
      if (withId && isByte(call, i, "*")) break;
      const before = i;
      i = this.#readOption(call, i, reply);
      if (i === 0) return 0;
      if (i !== before || this.#isLone(call, i, withId)) continue;
      if (!withId) {
        reply.error(SYNTAX_ERROR);
        return 0;
      }
      const { bytes } = call.batch.input;
      this.idForm = parseNewId(bytes, call.offset(i), call.length(i), this.id, 0);
      if (this.idForm !== ID_INVALID) break;
      reply.error(INVALID_ID);
      return 0;
    }
    if (!this.#settle(call.engine.settings, reply, withId)) return 0;
    // Upstash trims to the number itself, however near it lies.
    if (call.session.dialect === "upstash" && !this.#hasLimit) this.isApproximate = false;
    return i;
  }

  /** Reads an option of several arguments. @returns its last one; `i` if it is none; 0 = replied */
  #readOption(call: Call, i: number, reply: ReplyWriter): number {
    const more = call.argc - 1 - i;
    if (more === 0) return i;
    if (call.is(i, "MAXLEN") || call.is(i, "MINID")) {
      if (this.isTrimming) {
        reply.error(TWO_STRATEGIES);
        return 0;
      }
      return this.#readStrategy(call, i, reply, more);
    }
    if (!call.is(i, "LIMIT")) return i;
    const limit = call.integer(i + 1);
    if (limit === undefined) {
      reply.error(NOT_AN_INTEGER);
      return 0;
    }
    if (limit < 0) {
      reply.error("ERR The LIMIT argument must be >= 0.");
      return 0;
    }
    this.limit = limit;
    this.#hasLimit = true;
    return i + 1;
  }

  #readStrategy(call: Call, i: number, reply: ReplyWriter, more: number): number {
    this.isTrimming = true;
    this.isApproximate = false;
    let at = i + 1;
    if (more >= 2 && isByte(call, at, "~")) {
      this.isApproximate = true;
      at++;
    } else if (more >= 2 && isByte(call, at, "=")) {
      at++;
    }
    if (call.is(i, "MINID")) {
      this.maxLength = -1;
      return readId(call, at, reply, this.minId) ? at : 0;
    }
    const maxLength = call.integer(at);
    if (maxLength === undefined) {
      reply.error(NOT_AN_INTEGER);
      return 0;
    }
    if (maxLength < 0) {
      reply.error("ERR The MAXLEN argument must be >= 0.");
      return 0;
    }
    this.maxLength = maxLength;
    return at;
  }

  /** Whether the argument is an option of one word, which is noted. */
  #isLone(call: Call, i: number, withId: boolean): boolean {
    if (withId && call.is(i, "NOMKSTREAM")) {
      this.makesNoStream = true;
      return true;
    }
    const references = referencesOption(call, i);
    if (references === NO_CHOICE || this.references !== NO_CHOICE) return false;
    this.references = references;
    return true;
  }

  /** Checks what only all options together tell. */
  #settle(settings: Settings, reply: ReplyWriter, withId: boolean): boolean {
    if (this.references === NO_CHOICE) this.references = KEEP_REFERENCES;
    let error = "";
    if (this.limit > 0 && !this.isTrimming) error = LIMIT_ALONE;
    else if (!withId && !this.isTrimming) error = NO_STRATEGY;
    else if (this.#hasLimit && !this.isApproximate) error = LIMIT_EXACT;
    if (error !== "") {
      reply.error(error);
      return false;
    }
    if (this.isApproximate && !this.#hasLimit) {
      const limit = DEFAULT_LIMIT_NODES * settings.streamNodeMaxEntries;
      this.limit = limit <= 0 ? DEFAULT_LIMIT : Math.min(limit, MAX_DEFAULT_LIMIT);
    }
    return true;
  }
}

/** @returns what KEEPREF, DELREF or ACKED stands for, -1 if the argument is none of them */
export function referencesOption(call: Call, i: number): number {
  if (call.is(i, "KEEPREF")) return KEEP_REFERENCES;
  if (call.is(i, "DELREF")) return DELETE_REFERENCES;
  return call.is(i, "ACKED") ? ONLY_ACKNOWLEDGED : NO_CHOICE;
}
