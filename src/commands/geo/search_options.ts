/** The arguments of GEOSEARCH, GEORADIUS and their relatives. */
import { decodePlace, type Place, type SearchArea } from "../../bytes/geohash.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { scoreOf } from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { readPrintable } from "../generic/arguments.ts";
import { readNumber, readPlace, readUnit } from "./arguments.ts";

/** What a command says by its name. */
export interface SearchForm {
  /** Where the area comes from: the arguments behind the key, or options. */
  readonly centre: "place" | "member" | "option";
  /** How a result may be stored: never, by the options STORE and STOREDIST, or always. */
  readonly storing: "never" | "option" | "always";
}

/** A command's arguments, read. */
export class SearchQuery {
  centre: Place | undefined;
  radius: number | undefined;
  width: number | undefined;
  height: number | undefined;
  /** Metres of the unit that was given. */
  metres = 1;
  hasCentre = false;
  hasCoordinates = false;
  hasDistances = false;
  hasHashes = false;
  order: "none" | "ascending" | "descending" = "none";
  /** 0 = all. */
  count = 0;
  isAny = false;
  /** Argument with the key to store in, 0 = none. */
  storeArg = 0;
  storesDistances = false;

  /** Lengths in metres. */
  get area(): SearchArea {
    const { metres } = this;
    const centre = this.centre!;
    if (this.radius !== undefined) return { centre, radius: this.radius * metres };
    return { centre, width: this.width! * metres, height: this.height! * metres };
  }
}

/** Reads the options behind argument `first`, one after the other. */
export class SearchOptions {
  readonly query = new SearchQuery();
  readonly #call: Call;
  readonly #reply: ReplyWriter;
  readonly #form: SearchForm;
  /** The sorted set that is searched, 0 = absent. */
  readonly #ref: RecordRef;

  constructor(call: Call, reply: ReplyWriter, form: SearchForm, ref: RecordRef) {
    this.#call = call;
    this.#reply = reply;
    this.#form = form;
    this.#ref = ref;
  }

  /** @returns false after an error was replied */
  readPlace(i: number): boolean {
    const place = readPlace(this.#call, i, this.#reply);
    this.query.centre = place;
    this.query.hasCentre = true;
    return place !== undefined;
  }

  /** Takes the place of a member; of an absent key there is none. @returns false after an error was replied */
  readMember(i: number): boolean {
    this.query.hasCentre = true;
    if (this.#ref === 0) return true;
    const call = this.#call;
    const { input } = call.batch;
    const { keyspace } = call.engine;
    const score = scoreOf(keyspace, this.#ref, input, call.offset(i), call.length(i));
    if (score === score) this.query.centre = decodePlace(score);
    else this.#reply.error("ERR could not decode requested zset member");
    return score === score;
  }

  /** @returns false after an error was replied */
  readRadius(i: number): boolean {
    const { query } = this;
    const radius = readNumber(this.#call, i);
    if (!(radius >= 0)) {
      const isNumber = radius === radius;
      this.#reply.error(isNumber ? "ERR radius cannot be negative" : "ERR need numeric radius");
      return false;
    }
    query.metres = readUnit(this.#call, i + 1, this.#reply);
    query.radius = radius;
    return query.metres !== 0;
  }

  #readBox(i: number): boolean {
    const { query } = this;
    const width = readNumber(this.#call, i), height = readNumber(this.#call, i + 1);
    if (width !== width) {
      this.#reply.error("ERR need numeric width");
    } else if (height !== height) {
      this.#reply.error("ERR need numeric height");
    } else if (width < 0 || height < 0) {
      this.#reply.error("ERR height or width cannot be negative");
    } else {
      query.metres = readUnit(this.#call, i + 2, this.#reply);
      query.width = width;
      query.height = height;
      return query.metres !== 0;
    }
    return false;
  }

  #readCount(i: number): boolean {
    const count = this.#call.integer(i);
    if (count === undefined) this.#reply.error(NOT_AN_INTEGER);
    else if (count <= 0) this.#reply.error("ERR COUNT must be > 0");
    else {
      this.query.count = count;
      return true;
    }
    return false;
  }

  /** Reads all options. @returns false after an error was replied */
  read(first: number): boolean {
    for (let i = first; i < this.#call.argc;) {
      if (this.#readWord(i)) {
        i++;
        continue;
      }
      const used = this.#readWithArguments(i);
      if (used < 0) this.#reply.error(SYNTAX_ERROR);
      if (used <= 0) return false;
      i += used;
    }
    return this.#isConsistent();
  }

  /** @returns whether the argument is an option that stands alone */
  #readWord(i: number): boolean {
    const { query } = this;
    switch (this.#call.keyword(i)) {
      case "withdist":
        query.hasDistances = true;
        return true;
      case "withhash":
        query.hasHashes = true;
        return true;
      case "withcoord":
        query.hasCoordinates = true;
        return true;
      case "any":
        query.isAny = true;
        return true;
      case "asc":
        query.order = "ascending";
        return true;
      case "desc":
        query.order = "descending";
        return true;
      case "storedist":
        if (this.#form.storing !== "always") return false;
        query.storesDistances = true;
        return true;
      default:
        return false;
    }
  }

  /** @returns how many arguments an option took; 0 after an error was replied, -1 if it is none */
  #readWithArguments(i: number): number {
    const { query } = this;
    const behind = this.#call.argc - i - 1;
    const isSearch = this.#form.centre === "option";
    const word = this.#call.keyword(i);
    if (word === "count" && behind >= 1) return this.#readCount(i + 1) ? 2 : 0;
    if ((word === "store" || word === "storedist") && behind >= 1) {
      if (this.#form.storing !== "option") return -1;
      query.storeArg = i + 1;
      query.storesDistances = word === "storedist";
      return 2;
    }
    if (!isSearch) return -1;
    if (word === "frommember" && behind >= 1 && this.#centreWord !== "fromlonlat") {
      this.#centreWord = word;
      return this.readMember(i + 1) ? 2 : 0;
    }
    if (word === "fromlonlat" && behind >= 2 && this.#centreWord !== "frommember") {
      this.#centreWord = word;
      return this.readPlace(i + 1) ? 3 : 0;
    }
    if (word === "byradius" && behind >= 2 && query.width === undefined) {
      return this.readRadius(i + 1) ? 3 : 0;
    }
    if (word === "bybox" && behind >= 3 && query.radius === undefined) {
      return this.#readBox(i + 1) ? 4 : 0;
    }
    return -1;
  }

  #centreWord = "";

  /** @returns false after an error was replied */
  #isConsistent(): boolean {
    const { query } = this;
    const error = this.#conflict(query);
    if (error === undefined) return true;
    this.#reply.error(error);
    return false;
  }

  #conflict(query: SearchQuery): string | undefined {
    const { centre, storing } = this.#form;
    const name = readPrintable(this.#call, 0);
    const isStored = query.storeArg !== 0 || storing === "always";
    if (isStored && (query.hasDistances || query.hasHashes || query.hasCoordinates)) {
      const what = storing === "always" ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
      return `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`;
    }
    if (centre === "option" && !query.hasCentre) {
      return `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`;
    }
    if (centre === "option" && query.radius === undefined && query.width === undefined) {
      return `ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`;
    }
    if (query.isAny && query.count === 0) return "ERR the ANY argument requires COUNT argument";
    return undefined;
  }
}
