/**
 * The messages of client-side caching as bytes: RESP3 pushes, and for RESP2 messages of a channel.
 *
 *   RESP3   >2 invalidate [key, key, …]                        one for all keys of a batch
 *   RESP2   *3 message __redis__:invalidate [key]              one for each key
 *
 * Where all keys may have changed, there is a null in the place of the array. Clients take an array of
 * any length in RESP3; in RESP2 many hand on a text made of the array, so there is one key in each.
 */
import type { Region } from "../ports/region.ts";
import type { LateMessage, SessionPort } from "../ports/session_port.ts";
import { OutputBuffer } from "../protocol/resp/output_buffer.ts";
import { RespWriter } from "../protocol/resp/writer.ts";

/** Of a list, and of the message made of it. */
const INITIAL_BYTES = 64;
/** Memory of a bulk string beyond its bytes, for accounting. */
const BULK_BYTES = 24;
/** Memory that the keys of one batch may take, until they are delivered. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** The channel that carries invalidations in RESP2. */
export const INVALIDATION_CHANNEL = "__redis__:invalidate";

/** Keys, written as bulk strings. */
export class BulkList {
  readonly #writer = new RespWriter(new OutputBuffer(INITIAL_BYTES));
  /** Where each ends. */
  readonly #ends: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  /** Memory in bytes. */
  get sizeBytes(): number {
    return this.#writer.output.length + this.count * BULK_BYTES;
  }

  /** @returns by how many bytes it grew */
  add(region: Region, offset: number, length: number): number {
    const before = this.sizeBytes;
    this.#writer.bulk(region, offset, length);
    this.#ends.push(this.#writer.output.length);
    return this.sizeBytes - before;
  }

  /** @returns by how many bytes it shrank */
  clear(): number {
    const before = this.sizeBytes;
    this.#writer.output.length = 0;
    this.#ends.length = 0;
    return before;
  }

  /** The bulk strings one behind the other. */
  get bytes(): Uint8Array {
    const { bytes, length } = this.#writer.output;
    return bytes.subarray(0, length);
  }

  /** One of them. */
  at(i: number): Uint8Array {
    return this.bytes.subarray(i === 0 ? 0 : this.#ends[i - 1], this.#ends[i]);
  }
}

/** As a session's protocol wants it: all keys in one array in RESP3, each in a message of its own in RESP2. */
export function writeInvalidation(version: 2 | 3, hasAll: boolean, keys: BulkList): Uint8Array {
  const writer = new RespWriter(new OutputBuffer(INITIAL_BYTES));
  writer.version = version;
  if (hasAll) {
    writeHead(writer);
    writer.nil();
  }
  if (version === 3) writeKeys(writer, keys.count, keys.bytes);
  else for (let i = 0; i < keys.count; i++) writeKeys(writer, 1, keys.at(i));
  return writtenBy(writer);
}

/** All keys in one array in either protocol, as broadcasts are; undefined = every key. */
export function writeBroadcast(version: 2 | 3, keys: BulkList | undefined): Uint8Array {
  const writer = new RespWriter(new OutputBuffer(INITIAL_BYTES));
  writer.version = version;
  if (keys !== undefined) {
    writeKeys(writer, keys.count, keys.bytes);
  } else {
    writeHead(writer);
    writer.nil();
  }
  return writtenBy(writer);
}

function writeHead(writer: RespWriter): void {
  if (writer.version === 3) {
    writer.push(2);
    writer.text("invalidate");
    return;
  }
  writer.array(3);
  writer.text("message");
  writer.text(INVALIDATION_CHANNEL);
}

function writeKeys(writer: RespWriter, count: number, bulks: Uint8Array): void {
  if (count === 0) return;
  writeHead(writer);
  writer.array(count);
  const { output } = writer;
  output.ensure(bulks.length);
  output.bytes.set(bulks, output.length);
  output.length += bulks.length;
}

function writtenBy(writer: RespWriter): Uint8Array {
  return writer.output.bytes.subarray(0, writer.output.length);
}

/** The keys that changed for one client, until they are delivered; or all keys, if they are too many. */
export class Invalidation implements LateMessage {
  readonly receiver: SessionPort;
  isTaken = false;
  #hasAll = false;
  readonly #keys = new BulkList();
  readonly #account: WaitingKeys;

  constructor(receiver: SessionPort, account: WaitingKeys) {
    this.receiver = receiver;
    this.#account = account;
  }

  add(region: Region, offset: number, length: number): void {
    if (this.#hasAll) return;
    if (this.#account.isTooMuch) this.addAll();
    else this.#account.add(this.#keys.add(region, offset, length));
  }

  /** Whatever changes until the message is delivered is among all keys, too. */
  addAll(): void {
    this.#hasAll = true;
    this.#account.add(-this.#keys.clear());
  }

  take(): Uint8Array {
    this.isTaken = true;
    this.#account.add(-this.#keys.sizeBytes);
    return writeInvalidation(this.receiver.protocolVersion, this.#hasAll, this.#keys);
  }
}

/** Says that the client to redirect to is gone; once for whatever changes until it is delivered. */
export class BrokenRedirect implements LateMessage {
  isTaken = false;
  readonly #session: SessionPort;
  readonly #redirectId: number;

  constructor(session: SessionPort, redirectId: number) {
    this.#session = session;
    this.#redirectId = redirectId;
  }

  /** Nothing in RESP2, which has no pushes. */
  take(): Uint8Array {
    this.isTaken = true;
    if (this.#session.protocolVersion === 2) return new Uint8Array(0);
    const writer = new RespWriter(new OutputBuffer(INITIAL_BYTES));
    writer.version = 3;
    writer.push(2);
    writer.text("tracking-redir-broken");
    writer.integer(this.#redirectId);
    return writtenBy(writer);
  }
}

/** Counts the memory of all keys that wait to be told, each once for each client. */
export class WaitingKeys {
  #bytes = 0;
  readonly #buffers: { bufferBytes: number };

  /** @param buffers where it is counted among other buffers */
  constructor(buffers: { bufferBytes: number }) {
    this.#buffers = buffers;
  }

  /** @param bytes more, or less than before */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#buffers.bufferBytes += bytes;
  }

  /** Whether clients are rather to forget everything. */
  get isTooMuch(): boolean {
    return this.#bytes > MAX_WAITING_BYTES;
  }
}
