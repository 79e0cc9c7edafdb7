/**
 * Two or three connections to each server that take turns by a seed: the same commands in the same order
 * reach redis-server and this server, and every connection must receive the same from both.
 *
 *   step:   connection 1 ── commands, fence ──▶ replies and messages up to the fence     compared
 *           connections 0, 2 ── fence ────────▶ messages up to the fence                 compared
 *
 * How to use it: `new Interleaved({ …, kinds })`, `begin()`, then `run(steps)`; see interleaved_test.ts.
 *
 * How to add kinds of commands: make an array of `InterleavedKind` in a file of your own and hand it in
 * as `kinds`. `turn(weight, make)` makes one; `make` gets the random choice and the connection whose turn
 * it is. An argument that differs between the servers, e.g. a client's id for REDIRECT, is a pair
 * `{ real, ours }`: `actors[i].id` is one. By default replies must be equal to the byte; `compare` says
 * otherwise for a kind (the comparators of replies.ts, or one that knows the actors).
 *
 * Messages that answer nothing (RESP3 pushes, and in RESP2 what pub/sub sends) are told apart by how they
 * begin, see `isMessage`, and compared on their own, in their order, on every connection. So it does not matter
 * whether one comes before or after the reply to the command that caused it. `arrange` of a kind brings
 * the messages of its step into an order of its own where Redis has none (e.g. UNSUBSCRIBE of everything).
 * The confirmations of SUBSCRIBE and its like are messages in RESP3; in RESP2 they are replies, of which one
 * command may have several, or a pipeline more than it has commands: then they are compared as equal bytes.
 *
 * What a kind must not do: block, switch replies off, or take the right to MULTI, WATCH or PING away: a fence is
 * a PING, or inside of MULTI, where that would be queued, a MULTI or WATCH, which is refused. Whether a connection
 * is inside of MULTI follows from its commands: MULTI, EXEC, DISCARD and RESET must not be refused for other
 * reasons than those of transactions and of subscribers that speak RESP2.
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { elementsOf, encodeCommand, valueOf } from "../support/frames.ts";
import { connect, type WireClient } from "../support/wire_client.ts";
import type { Exception } from "./duel.ts";
import { Chooser, type Text } from "./pools.ts";
import * as same from "./replies.ts";

/** What differs between the servers. */
export interface PerServer {
  readonly real: Text;
  readonly ours: Text;
}

export type TurnArgument = Text | PerServer;

/** One connection to each server. */
export interface Actor {
  readonly index: number;
  /** The number of each connection at its server. */
  readonly id: PerServer;
  /** Whether its commands are queued now. */
  readonly isInMulti: boolean;
}

/** @param skewMs how far apart the servers may have read their clocks */
export type TurnComparator = (
  real: Buffer,
  ours: Buffer,
  skewMs: number,
  actors: readonly Actor[],
) => boolean;

export interface InterleavedKind {
  /** How often it comes, against the others. */
  readonly weight: number;
  readonly make: (choose: Chooser, actor: Actor, actors: readonly Actor[]) => TurnArgument[];
  readonly compare?: TurnComparator;
  /** Brings the messages that one connection got in a step into an order to be compared in. */
  readonly arrange?: (messages: Buffer[]) => Buffer[];
}

export interface InterleavedOptions {
  readonly seed: number;
  readonly real: ListenAddress;
  readonly ours: ListenAddress;
  /** The protocol version that each connection begins with: one entry per connection. */
  readonly versions: readonly ("2" | "3")[];
  readonly kinds: readonly InterleavedKind[];
  readonly exceptions?: readonly Exception[];
  /** How the replies to an EXEC that ends a pipeline are compared, where not by bytes. */
  readonly compareExec?: TurnComparator;
  /** Steps between two looks at what the other connections got; 1 unless messages are rare. */
  readonly fenceEvery?: number;
  /** How many commands a step has at most; 4 unless it is said. */
  readonly mostCommands?: number;
}

const MINUS = 45;
const RIGHT_ANGLE = 62;
const CLOCK_MS = 50;
const HISTORY_SHOWN = Number(process.env.CRABCACHE_DIFF_HISTORY ?? 25);
const SHOWN_BYTES = 400;
/** In percent. */
const PIPELINES = 25;
/** What a MULTI or a WATCH gets as a fence inside of MULTI, or where MULTI was refused to a subscriber. */
const REFUSED = {
  multi: ["-ERR MULTI calls can not be nested", "-ERR Can't execute 'multi'"],
  watch: ["-ERR WATCH inside MULTI is not allowed", "-ERR Can't execute 'watch'"],
} as const;
const MESSAGE = /^\*[345]\r\n\$\d\r\n[ps]?message\r\n/;

/** @param weight how often it comes, against the others */
export function turn(
  weight: number,
  make: InterleavedKind["make"],
  compare: TurnComparator = same.isSame,
): InterleavedKind {
  return { weight, make, compare };
}

/** Whether a frame answers nothing. */
export function isMessage(frame: Buffer): boolean {
  return frame[0] === RIGHT_ANGLE || MESSAGE.test(frame.toString("latin1", 0, 32));
}

/** A command of a step. */
export interface TurnCommand {
  readonly args: readonly TurnArgument[];
  readonly kind: InterleavedKind;
}

class Connection implements Actor {
  readonly index: number;
  id: PerServer = { real: "", ours: "" };
  isInMulti = false;
  real!: WireClient;
  ours!: WireClient;

  constructor(index: number) {
    this.index = index;
  }

  /** Whether it is inside of MULTI after these commands. */
  isInMultiAfter(commands: readonly TurnCommand[]): boolean {
    let { isInMulti } = this;
    for (const command of commands) {
      // An EXEC that is refused ends it, too.
      if (is(command, "exec")) isInMulti = false;
      if (command.args.length !== 1) continue;
      if (is(command, "multi")) isInMulti = true;
      else if (is(command, "discard") || is(command, "reset")) isInMulti = false;
    }
    return isInMulti;
  }
}

/** What a connection got from one server up to a fence. */
interface Received {
  readonly replies: Buffer[];
  readonly messages: Buffer[];
}

export class Interleaved {
  /** Commands sent so far. */
  count = 0;
  /** Frames of redis-server so far: "message", errors by their code, e.g. "-ERR", else the first byte. */
  readonly seen: Map<string, number> = new Map();
  readonly choose: Chooser;
  readonly #options: InterleavedOptions;
  readonly #connections: Connection[];
  readonly #totalWeight: number;
  readonly #history: string[] = [];
  #stepCount = 0;
  #fenceCount = 0;
  /** Kinds of the commands since the last look at the others. */
  #unlooked: InterleavedKind[] = [];
  /** How far apart the servers may have read their clocks. */
  #skewMs = CLOCK_MS;

  constructor(options: InterleavedOptions) {
    this.#options = options;
    this.choose = new Chooser(options.seed);
    this.#connections = options.versions.map((_, i) => new Connection(i));
    this.#totalWeight = options.kinds.reduce((sum, { weight }) => sum + weight, 0);
  }

  get #exec(): TurnCommand {
    return { args: ["EXEC"], kind: turn(1, () => ["EXEC"], this.#options.compareExec) };
  }

  get actors(): readonly Actor[] {
    return this.#connections;
  }

  /** Opens the connections and signs them in. */
  async begin(): Promise<void> {
    for (const [i, connection] of this.#connections.entries()) {
      connection.real = await connect(this.#options.real);
      connection.ours = await connect(this.#options.ours);
      const greet = async (client: WireClient): Promise<string> => {
        await client.call("HELLO", this.#options.versions[i]);
        return (await client.call("CLIENT", "ID")).slice(1, -2);
      };
      connection.id = { real: await greet(connection.real), ours: await greet(connection.ours) };
    }
  }

  /** Does so many steps. */
  async run(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) await this.step();
  }

  /** One connection, drawn at random, sends one command or some. */
  async step(): Promise<void> {
    const { choose } = this;
    const connection = choose.pick(this.#connections);
    const { mostCommands = 4, fenceEvery = 1 } = this.#options;
    const length = mostCommands > 1 && choose.chance(PIPELINES)
      ? choose.between(2, mostCommands)
      : 1;
    const commands = Array.from({ length }, () => this.#draw(connection));
    // What ends within a MULTI of its own might not, if that was refused to a subscriber.
    const hasMulti = length > 1 && commands.some((each) => is(each, "multi"));
    if (hasMulti && connection.isInMultiAfter(commands)) commands.push(this.#exec);
    await this.send(connection.index, commands);
    if (++this.#stepCount % fenceEvery === 0) await this.lookAtOthers(connection);
  }

  /** Sends commands from one connection to both servers and compares what it gets. */
  async send(index: number, commands: readonly TurnCommand[]): Promise<void> {
    const connection = this.#connections[index];
    for (const { args } of commands) {
      this.#history.push(`#${this.count++} connection ${index}: ${show(args)}`);
    }
    const [real, ours] = await this.#exchange(connection, commands);
    this.#compareReplies(connection, commands, real.replies, ours.replies);
    const kinds = commands.map(({ kind }) => kind);
    this.#compareMessages(connection, kinds, real, ours);
    this.#unlooked.push(...kinds);
  }

  /** Sends one command that was not drawn. */
  async sendAlone(index: number, args: readonly TurnArgument[]): Promise<void> {
    await this.send(index, [{ args, kind: turn(1, () => [...args]) }]);
  }

  /** Compares what the other connections got without having asked. */
  async lookAtOthers(than?: Actor): Promise<void> {
    for (const connection of this.#connections) {
      if (connection === than) continue;
      const [real, ours] = await this.#exchange(connection, []);
      if (real.replies.length + ours.replies.length > 0) {
        throw new Error(this.#report(connection, "it asked nothing", real.replies, ours.replies));
      }
      this.#compareMessages(connection, this.#unlooked, real, ours);
    }
    this.#unlooked = [];
  }

  #draw(actor: Actor): TurnCommand {
    let at = this.choose.below(this.#totalWeight);
    const kind = this.#options.kinds.find(({ weight }) => (at -= weight) < 0)!;
    return { args: kind.make(this.choose, actor, this.#connections), kind };
  }

  /** Sends commands and a fence to both servers. @returns what came before the fence */
  async #exchange(
    connection: Connection,
    commands: readonly TurnCommand[],
  ): Promise<[real: Received, ours: Received]> {
    connection.isInMulti = connection.isInMultiAfter(commands);
    const marker = `fence ${this.#fenceCount++}`;
    const word = commands.some((each) => is(each, "multi")) ? "watch" : "multi";
    const refused = word === "multi" ? [word] : [word, marker];
    const fence = connection.isInMulti ? refused : ["PING", marker];
    const all = [...commands.map(({ args }) => args), fence];
    const startMs = performance.now();
    const ask = async (server: "real" | "ours"): Promise<Received> => {
      const client = connection[server];
      client.send(Buffer.concat(all.map((args) => encodeCommand(args.map((a) => of(a, server))))));
      return await this.#readToFence(connection, server, word, marker);
    };
    const received = await Promise.all([ask("real"), ask("ours")]);
    this.#skewMs = Math.max(this.#skewMs, 2 * (performance.now() - startMs) + CLOCK_MS);
    return received;
  }

  async #readToFence(
    connection: Connection,
    server: "real" | "ours",
    word: "multi" | "watch",
    marker: string,
  ): Promise<Received> {
    const received: Received = { replies: [], messages: [] };
    const { isInMulti } = connection;
    for (;;) {
      const frame = await connection[server].read().catch((error: unknown) => {
        const { replies } = received;
        const [real, ours] = server === "real" ? [replies, []] : [[], replies];
        throw new Error(this.#report(connection, `${server}: ${error}`, real, ours));
      });
      if (isInMulti) {
        const refusal = REFUSED[word].findIndex((text) =>
          frame.toString("latin1").startsWith(text)
        );
        if (refusal === 1) connection.isInMulti = false;
        if (refusal >= 0) return received;
      } else if (isPong(frame, marker)) {
        return received;
      }
      if (server === "real") this.#note(frame);
      (isMessage(frame) ? received.messages : received.replies).push(frame);
    }
  }

  #note(frame: Buffer): void {
    const isError = frame[0] === MINUS;
    const text = frame.toString("latin1", 0, 40);
    const isNullArray = text === "*-1\r\n";
    const plain = isError ? text.split(" ", 1)[0] : isNullArray ? "null array" : text[0];
    const name = isMessage(frame) ? "message" : plain;
    this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
  }

  #compareReplies(
    connection: Connection,
    commands: readonly TurnCommand[],
    real: Buffer[],
    ours: Buffer[],
  ): void {
    const isOneToOne = real.length === commands.length && ours.length === commands.length;
    if (!isOneToOne && real.length === ours.length && real.every((r, i) => r.equals(ours[i]))) {
      return;
    }
    if (!isOneToOne) throw new Error(this.#report(connection, "replies differ", real, ours));
    for (const [i, { args, kind }] of commands.entries()) {
      const { compare = same.isSame } = kind;
      if (compare(real[i], ours[i], this.#skewMs, this.#connections)) continue;
      const words = args.map((each) => of(each, "real"));
      const isMeant = this.#options.exceptions?.some(({ covers }) => {
        return covers(words, real[i], ours[i]);
      });
      if (isMeant !== true) {
        const what = `replies to ${show(args)} differ`;
        throw new Error(this.#report(connection, what, [real[i]], [ours[i]]));
      }
    }
  }

  #compareMessages(
    connection: Connection,
    kinds: readonly InterleavedKind[],
    real: Received,
    ours: Received,
  ): void {
    const arrange = kinds.find((kind) => kind.arrange !== undefined)?.arrange;
    const first = arrange?.(real.messages) ?? real.messages;
    const second = arrange?.(ours.messages) ?? ours.messages;
    if (first.length === second.length && first.every((each, i) => each.equals(second[i]))) return;
    throw new Error(this.#report(connection, "messages differ", first, second));
  }

  #report(
    connection: Connection,
    what: string,
    real: readonly Buffer[],
    ours: readonly Buffer[],
  ): string {
    return [
      `seed ${this.#options.seed}, connection ${connection.index}: ${what}`,
      `redis-server: ${shorten(real)}`,
      `crabcache:    ${shorten(ours)}`,
      "the last commands:",
      ...this.#history.slice(-HISTORY_SHOWN),
    ].join("\n");
  }
}

/** Whether the command has this name. @param name in lower case */
function is({ args }: TurnCommand, name: string): boolean {
  return of(args[0], "real").toString("latin1").toLowerCase() === name;
}

/** @returns the argument for one of the servers */
function of(argument: TurnArgument, server: "real" | "ours"): Text {
  return typeof argument === "string" || Buffer.isBuffer(argument) ? argument : argument[server];
}

/** Whether a frame is the reply to a PING with this marker, also a subscriber's that speaks RESP2. */
function isPong(frame: Buffer, marker: string): boolean {
  const last = elementsOf(frame).at(-1);
  return last !== undefined && valueOf(last)?.toString("latin1") === marker;
}

function show(args: readonly TurnArgument[]): string {
  return args.map((each) => {
    const text = of(each, "real").toString("latin1");
    return JSON.stringify(text.length > SHOWN_BYTES ? `${text.slice(0, SHOWN_BYTES)}...` : text);
  }).join(" ");
}

function shorten(frames: readonly Buffer[]): string {
  if (frames.length === 0) return "nothing";
  return frames.map((each) => JSON.stringify(each.toString("latin1", 0, SHOWN_BYTES))).join(", ");
}
