/** The same commands to both servers over two connections each, and a report when a reply differs. */
import { Buffer } from "node:buffer";
import process from "node:process";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { elementsOf, encodeCommand, valueOf } from "../support/frames.ts";
import { connect, type WireClient } from "../support/wire_client.ts";
import type { RandomCommand } from "./commands.ts";
import { Chooser, DATABASES, type Text } from "./pools.ts";
import * as same from "./replies.ts";

/** A difference that is meant, and why. */
export interface Exception {
  readonly reason: string;
  readonly covers: (args: readonly Text[], real: Buffer, ours: Buffer) => boolean;
}

export interface DuelOptions {
  readonly seed: number;
  readonly real: ListenAddress;
  readonly ours: ListenAddress;
  readonly exceptions: readonly Exception[];
}

const MINUS = 45;
/** How many earlier commands a report shows. */
const HISTORY_SHOWN = Number(process.env.CRABCACHE_DIFF_HISTORY ?? 10);
const HISTORY_KEPT = 5000;
const SHOWN_BYTES = 300;
/** Commands that no key names but that touch every key. */
const GLOBAL = /^(?:select|swapdb|flushdb|flushall|hello|reset|config|client)$/i;
/** Clocks are read again while a command runs. */
const CLOCK_MS = 50;

interface Pair {
  readonly version: "2" | "3";
  readonly real: WireClient;
  readonly ours: WireClient;
}

export class Duel {
  /** Commands sent so far. */
  count = 0;
  /** Replies of redis-server that were errors. */
  errorCount = 0;
  readonly #options: DuelOptions;
  readonly #choose: Chooser;
  readonly #pairs: Pair[] = [];
  readonly #history: string[] = [];
  /** How far apart the servers may have read their clocks: twice the longest pipeline so far. */
  #skewMs = CLOCK_MS;
  #markerCount = 0;
  /** Whether what is sent only compares what is stored. */
  #isLooking = false;

  constructor(options: DuelOptions) {
    this.#options = options;
    this.#choose = new Chooser(options.seed);
  }

  /** Opens the connections: one pair in each version. */
  async begin(): Promise<void> {
    for (const version of ["2", "3"] as const) {
      const real = await connect(this.#options.real);
      const ours = await connect(this.#options.ours);
      const pair = { version, real, ours };
      this.#pairs.push(pair);
      await this.exchange(pair, [{ args: ["HELLO", version], compare: same.isSameGreeting }]);
    }
  }

  get choose(): Chooser {
    return this.#choose;
  }

  /** A pair of connections in one of the versions. */
  pair(): Pair {
    return this.#choose.pick(this.#pairs);
  }

  /** Sends the commands as one pipeline to both and compares the replies. */
  async exchange(pair: Pair, commands: readonly RandomCommand[]): Promise<void> {
    const marker = `marker ${this.#markerCount++}`;
    const restore = commands.some(({ args }) => /^(?:hello|reset)$/i.test(String(args[0])))
      ? [{ args: ["HELLO", pair.version], compare: same.isSameGreeting }]
      : [];
    const all = [...commands, ...restore];
    const frames = all.map(({ args }) => this.#encode(args));
    const bytes = Buffer.concat([
      ...frames,
      encodeCommand(["ECHO", marker]),
    ]);
    const startMs = performance.now();
    const [real, ours] = await Promise.all([
      this.#ask(pair.real, bytes, marker, false, frames),
      this.#ask(pair.ours, bytes, marker, true, frames),
    ]);
    this.#skewMs = Math.max(this.#skewMs, 2 * (performance.now() - startMs) + CLOCK_MS);
    for (const [i, command] of all.entries()) {
      this.#compare(pair, command, real[i], ours[i]);
      this.count++;
    }
    if (real.length !== all.length || ours.length !== all.length) {
      throw new Error(`${real.length} and ${ours.length} replies to ${all.length} commands`);
    }
  }

  /** A command in one of the forms that mean the same. */
  #encode(args: readonly Text[]): Buffer {
    const isShort = args.every((each) => each.length < 300) && args[0] !== "";
    if (isShort && this.#choose.chance(4)) return inlineForm(args, this.#choose);
    const frame = encodeCommand(args);
    return this.#choose.chance(1) ? Buffer.concat([nothing(this.#choose), frame]) : frame;
  }

  /** @returns the replies before the marker's */
  async #ask(
    client: WireClient,
    bytes: Buffer,
    marker: string,
    mayCut: boolean,
    frames: readonly Buffer[],
  ): Promise<Buffer[]> {
    if (mayCut && this.#choose.chance(5)) {
      const cut = this.#choose.below(bytes.length);
      client.send(bytes.subarray(0, cut));
      await new Promise((resolve) => setTimeout(resolve, 1));
      client.send(bytes.subarray(cut));
    } else {
      client.send(bytes);
    }
    const replies: Buffer[] = [];
    for (;;) {
      const reply = await client.read().catch((error: unknown) => {
        const isOurs = this.#pairs.some(({ ours }) => ours === client);
        const who = isOurs ? "crabcache" : "redis-server";
        throw new Error([
          `seed ${this.#options.seed}: ${error} #${this.count + replies.length} from ${who}`,
          `the last reply: ${shorten(replies.at(-1))}`,
          "the last commands:",
          ...frames.slice(Math.max(0, replies.length - 2), replies.length + 1).map((each) =>
            shorten(each)
          ),
        ].join("\n"));
      });
      const value = valueOf(reply);
      // A value of 512 MiB, as SETBIT makes one, is too long for a string.
      if (value?.length === marker.length && value.toString("latin1") === marker) return replies;
      replies.push(reply);
    }
  }

  #compare({ version }: Pair, command: RandomCommand, real: Buffer, ours: Buffer): void {
    const line = `#${this.count} RESP${version} ${show(command.args)}`;
    const isEqual = real !== undefined && ours !== undefined &&
      command.compare(real, ours, this.#skewMs);
    if (!isEqual) {
      const isMeant = this.#options.exceptions.some(({ covers }) =>
        real !== undefined && ours !== undefined && covers(command.args, real, ours)
      );
      if (!isMeant) throw new Error(this.#report(command.args, line, real, ours));
    }
    if (real[0] === MINUS) this.errorCount++;
    if (this.#isLooking) return;
    this.#history.push(line);
    if (this.#history.length > HISTORY_KEPT) this.#history.splice(0, HISTORY_KEPT / 2);
  }

  #report(args: readonly Text[], line: string, real?: Buffer, ours?: Buffer): string {
    const words = args.slice(1).map((each) =>
      JSON.stringify(typeof each === "string" ? each : each.toString("latin1"))
    );
    const touching = this.#history.filter((each) => {
      const [, , name, ...rest] = each.split(" ");
      return GLOBAL.test(name.slice(1, -1)) || words.some((word) => rest.includes(word));
    });
    const from = Math.max(0, commonLength(real, ours) - SHOWN_BYTES / 2);
    return [
      `seed ${this.#options.seed}: the replies differ`,
      line,
      `redis-server: ${shorten(real, from)}`,
      `crabcache:    ${shorten(ours, from)}`,
      "before it:",
      ...touching.slice(-HISTORY_SHOWN),
    ].join("\n");
  }

  /** Something that only this server knows: it must say OK. */
  async tellOurs(...args: Text[]): Promise<void> {
    const { ours } = this.pair();
    const reply = await ours.call(...args);
    if (reply !== "+OK\r\n") throw new Error(`${show(args)}: ${reply}`);
  }

  /** Compares every key of the databases: type, value, expiry and encoding. */
  async compareState(): Promise<void> {
    const pair = this.pair();
    this.#isLooking = true;
    for (const database of DATABASES) {
      await this.exchange(pair, [{ args: ["SELECT", database], compare: same.isSame }]);
      const keys = await this.#keysOf(pair.real);
      const types = await this.#typesOf(pair.real, keys);
      await this.exchange(pair, [
        { args: ["DBSIZE"], compare: same.isSame },
        { args: ["KEYS", "*"], compare: same.isSameSet },
        ...keys.flatMap((key, i) => [
          { args: ["TYPE", key], compare: same.isSame },
          { args: ["PEXPIRETIME", key], compare: same.isNearInMs },
          { args: ["OBJECT", "ENCODING", key], compare: same.isSame },
          ...wholeValue(types[i], key),
        ]),
      ]);
    }
    this.#isLooking = false;
  }

  async #typesOf(client: WireClient, keys: readonly Text[]): Promise<string[]> {
    client.send(Buffer.concat(keys.map((key) => encodeCommand(["TYPE", key]))));
    return (await client.readAll(keys.length)).map((each) => each.toString("latin1", 1).trimEnd());
  }

  async #keysOf(client: WireClient): Promise<Buffer[]> {
    client.send(encodeCommand(["KEYS", "*"]));
    return elementsOf(await client.read()).map((each) => valueOf(each)!);
  }

  /** Scans the selected database to its end on both and compares what was found. */
  async compareScans(options: readonly Text[]): Promise<void> {
    const { real, ours } = this.pair();
    const [first, second] = [await scanAll(real, options), await scanAll(ours, options)];
    const line = `SCAN ${show(options)}`;
    if (first !== second) {
      throw new Error(this.#report([], line, Buffer.from(first), Buffer.from(second)));
    }
  }
}

/** What shows all that a value of a type is. */
function wholeValue(type: string, key: Text): RandomCommand[] {
  switch (type) {
    case "string":
      return [
        { args: ["GET", key], compare: same.isSame },
        { args: ["STRLEN", key], compare: same.isSame },
      ];
    case "list":
      return [{ args: ["LRANGE", key, "0", "-1"], compare: same.isSame }];
    case "set":
      return [{ args: ["SMEMBERS", key], compare: same.isSameSet }];
    case "zset":
      return [{ args: ["ZRANGE", key, "0", "-1", "WITHSCORES"], compare: same.isSame }];
    case "hash":
      return [{ args: ["HGETALL", key], compare: same.isSameMap }];
    case "stream":
      return [{ args: ["XRANGE", key, "-", "+"], compare: same.isSame }];
    default:
      return [];
  }
}

/** @returns the keys found, sorted, each once */
async function scanAll(client: WireClient, options: readonly Text[]): Promise<string> {
  const found = new Set<string>();
  let cursor = "0";
  do {
    client.send(encodeCommand(["SCAN", cursor, ...options]));
    const [next, keys] = elementsOf(await client.read());
    cursor = valueOf(next)!.toString("latin1");
    for (const key of elementsOf(keys)) found.add(valueOf(key)!.toString("latin1"));
  } while (cursor !== "0");
  return [...found].sort().join(" ");
}

/** A command as one types it, with quotes where they are needed and sometimes where they are not. */
function inlineForm(args: readonly Text[], choose: Chooser): Buffer {
  const words = args.map((each) => {
    const bytes = Buffer.from(each as string);
    const isPlain = bytes.length > 0 &&
      bytes.every((b) => b > 32 && b < 127 && b !== 34 && b !== 39);
    if (isPlain && choose.chance(70)) return bytes.toString("latin1");
    const hasOnlyText = bytes.every((b) => b >= 32 && b < 127 && b !== 39 && b !== 92);
    if (hasOnlyText && choose.chance(30)) return `'${bytes.toString("latin1")}'`;
    const escaped = Array.from(bytes, (b) => {
      const isText = b >= 32 && b < 127 && b !== 34 && b !== 92;
      return isText ? String.fromCharCode(b) : `\\x${b.toString(16).padStart(2, "0")}`;
    });
    return `"${escaped.join("")}"`;
  });
  const blank = choose.pick([" ", "  ", "\t"]);
  return Buffer.from(words.join(blank) + choose.pick(["\r\n", "\n", " \r\n"]), "latin1");
}

/** Something that is no command and gets no reply. */
function nothing(choose: Chooser): Buffer {
  return Buffer.from(choose.pick(["*0\r\n", "*-1\r\n", "\r\n", "\n", "  \r\n"]));
}

function show(args: readonly Text[]): string {
  return args.map((each) => {
    const text = typeof each === "string" ? each : each.toString("latin1");
    const shown = JSON.stringify(text.slice(0, SHOWN_BYTES));
    return text.length > SHOWN_BYTES ? `${shown}...(${text.length})` : shown;
  }).join(" ");
}

/** How many bytes two replies have in common at their beginnings. */
function commonLength(a: Buffer | undefined, b: Buffer | undefined): number {
  if (a === undefined || b === undefined) return 0;
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** @param from offset of the first byte shown */
function shorten(reply: Buffer | undefined, from = 0): string {
  if (reply === undefined) return "no reply";
  const text = JSON.stringify(reply.toString("latin1", from, from + SHOWN_BYTES));
  const before = from > 0 ? `(${from} bytes)...` : "";
  const isWhole = from + SHOWN_BYTES >= reply.length;
  return before + (isWhole ? text : `${text}...(${reply.length} bytes)`);
}
