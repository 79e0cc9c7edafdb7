/** The binary batch protocol as a client speaks it, written anew from its document: nothing of src is used. */
import { Buffer } from "node:buffer";

export type Word = string | Uint8Array;
export type Command = readonly Word[];

/** A result, or a reply in RESP3, as a value that tells all types apart. */
export type Result =
  | null
  | boolean
  | string
  | bigint
  | { simple: string }
  | { error: string }
  | { double: number }
  | { verbatim: string }
  | { big: string }
  | { array: Result[] }
  | { map: Result[] }
  | { set: Result[] }
  | { push: Result[] };

export interface Frame {
  readonly kind: "welcome" | "replies" | "push" | "refused";
  readonly hasMore: boolean;
  readonly id: number;
  readonly count: number;
  readonly results: Result[];
}

export interface RequestOptions {
  readonly id?: number;
  readonly isAtomic?: boolean;
  readonly kind?: number;
  readonly count?: number;
  /** Width of all lengths; the smallest that will do by default. */
  readonly width?: 1 | 2 | 4;
}

function bytesOf(word: Word): Buffer {
  return typeof word === "string" ? Buffer.from(word, "latin1") : Buffer.from(word);
}

/** The body of a request: runs of commands with the same name and number of arguments. */
export function encodeBody(commands: readonly Command[], width?: 1 | 2 | 4): Buffer {
  const parts: Buffer[] = [];
  for (let c = 0; c < commands.length;) {
    const name = bytesOf(commands[c][0]), argc = commands[c].length;
    const run: Buffer[][] = [];
    while (
      c < commands.length && commands[c].length === argc && bytesOf(commands[c][0]).equals(name) &&
      (argc > 1 || run.length < 1024)
    ) run.push(commands[c++].slice(1).map(bytesOf));
    const longest = run.flat().reduce((most, arg) => Math.max(most, arg.length), 0);
    const size = width ?? (longest < 256 ? 1 : longest < 65536 ? 2 : 4);
    const head = Buffer.alloc(12);
    head.writeUInt32LE(run.length, 0);
    head.writeUInt32LE(argc, 4);
    head[8] = name.length;
    head[9] = size;
    const lengths = Buffer.alloc(run.length * (argc - 1) * size);
    run.flat().forEach((arg, i) => lengths.writeUIntLE(arg.length, i * size, size));
    parts.push(head, name, lengths, ...run.flat());
  }
  return Buffer.concat(parts);
}

export function encodeFrame(body: Uint8Array, options: RequestOptions & { count: number }): Buffer {
  const head = Buffer.alloc(16);
  head[0] = 0xcb;
  head[1] = options.kind ?? 2;
  head.writeUInt16LE(options.isAtomic === true ? 1 : 0, 2);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(options.id ?? 1, 8);
  head.writeUInt32LE(options.count, 12);
  return Buffer.concat([head, body]);
}

export function encodeRequest(commands: readonly Command[], options: RequestOptions = {}): Buffer {
  const body = encodeBody(commands, options.width);
  return encodeFrame(body, { count: commands.length, ...options });
}

/** A hello. @param words of HELLO, none = an empty body */
export function encodeHello(words: Command, id = 1, version = 1): Buffer {
  const body = words.length === 0 ? new Uint8Array(0) : encodeBody([words]);
  return encodeFrame(body, { id, kind: 1, count: version });
}

/** Takes a stream of what a server sends apart, strictly. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that are whole now. @throws Error for anything that the protocol forbids */
  push(chunk: Uint8Array): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const bytes = this.#rest;
      if (bytes.length < 16 || bytes.length < 16 + bytes.readUInt32LE(4)) return frames;
      const size = 16 + bytes.readUInt32LE(4);
      frames.push(decodeFrame(bytes.subarray(0, size)));
      this.#rest = bytes.subarray(size);
    }
  }

  /** Bytes of a frame that is not whole. */
  get restLength(): number {
    return this.#rest.length;
  }
}

const KINDS = new Map<number, Frame["kind"]>([
  [0x81, "welcome"],
  [0x82, "replies"],
  [0x83, "push"],
  [0x84, "refused"],
]);

function decodeFrame(bytes: Buffer): Frame {
  const kind = KINDS.get(bytes[1]);
  const flags = bytes.readUInt16LE(2);
  const id = bytes.readUInt32LE(8), count = bytes.readUInt32LE(12);
  if (bytes[0] !== 0xcb || kind === undefined) {
    throw new Error(`no frame: ${bytes.toString("hex")}`);
  }
  if (flags > (kind === "replies" ? 1 : 0)) throw new Error(`flags ${flags} of ${kind}`);
  const reader = { bytes, at: 16 };
  const results: Result[] = [];
  const wanted = kind === "replies" ? count : 1;
  if (kind !== "replies" && count !== 1) throw new Error(`count ${count} of ${kind}`);
  while (results.length < wanted) results.push(readResult(reader));
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes too many`);
  return { kind, hasMore: flags === 1, id, count, results };
}

function readResult(from: { bytes: Buffer; at: number }): Result {
  const { bytes } = from;
  const take = (size: number): Buffer => {
    const start = from.at;
    from.at += size;
    if (from.at > bytes.length) throw new Error("a result beyond its frame");
    return bytes.subarray(start, from.at);
  };
  const sized = (): string => take(take(4).readUInt32LE(0)).toString("latin1");
  const many = (factor: number): Result[] => {
    const count = take(4).readUInt32LE(0) * factor;
    const all: Result[] = [];
    for (let i = 0; i < count; i++) all.push(readResult(from));
    return all;
  };
  const tag = take(1)[0];
  switch (tag) {
    case 0x00:
      return null;
    case 0x01:
    case 0x02:
      return tag === 0x02;
    case 0x03:
      return { simple: "OK" };
    case 0x04:
      return BigInt(take(4).readInt32LE(0));
    case 0x05:
      return take(8).readBigInt64LE(0);
    case 0x06:
      return { double: take(8).readDoubleLE(0) };
    case 0x07:
      return { simple: sized() };
    case 0x08:
      return { error: sized() };
    case 0x09:
      return sized();
    case 0x0a:
      return { verbatim: sized() };
    case 0x0b:
      return { big: sized() };
    case 0x0c:
      return { array: many(1) };
    case 0x0d:
      return { map: many(2) };
    case 0x0e:
      return { set: many(1) };
    case 0x0f:
      return { push: many(1) };
    case 0x10:
      return take(take(1)[0]).toString("latin1");
    default:
      throw new Error(`no result has tag ${tag}`);
  }
}

/** A reply in RESP3 as the same kind of value. @param frame whole */
export function resultOfResp3(frame: Buffer): Result {
  const from = { at: 0 };
  const line = (): string => {
    const end = frame.indexOf("\r\n", from.at);
    const text = frame.toString("latin1", from.at + 1, end);
    from.at = end + 2;
    return text;
  };
  const bulk = (): string => {
    const size = Number(line());
    from.at += size + 2;
    return frame.toString("latin1", from.at - size - 2, from.at - 2);
  };
  const doubles: Record<string, number> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
  const read = (): Result => {
    const type = String.fromCharCode(frame[from.at]);
    const many = (factor: number): Result[] => {
      const count = Number(line()) * factor;
      const all: Result[] = [];
      for (let i = 0; i < count; i++) all.push(read());
      return all;
    };
    if (type === "_") return line(), null;
    if (type === "#") return line() === "t";
    if (type === "+") return { simple: line() };
    if (type === "-") return { error: line() };
    if (type === ":") return BigInt(line());
    if (type === ",") {
      const text = line();
      return { double: doubles[text] ?? Number(text) };
    }
    if (type === "$") return bulk();
    if (type === "=") return { verbatim: bulk() };
    if (type === "(") return { big: line() };
    if (type === "*") return { array: many(1) };
    if (type === "%") return { map: many(2) };
    if (type === "~") return { set: many(1) };
    if (type === ">") return { push: many(1) };
    throw new Error(`no reply begins with ${JSON.stringify(type)}`);
  };
  return read();
}
