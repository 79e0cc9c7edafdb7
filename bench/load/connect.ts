/** Opens the connections of a run, each with what writes and reads its protocol, and signs in. */
import { BinaryCounter } from "./binary_counter.ts";
import { BinaryEncoder, putHello } from "./binary_encoder.ts";
import type { ReplyCounter } from "./counters.ts";
import {
  type BatchEncoder,
  inlineEncoder,
  jsonEncoder,
  memcacheEncoder,
  respEncoder,
} from "./encoders.ts";
import { openHttp2Socket } from "./http2_socket.ts";
import { HttpCounter } from "./http_counter.ts";
import { headersOf, HttpEncoder } from "./http_encoder.ts";
import { JsonCounter } from "./json_counter.ts";
import { Lane } from "./lane.ts";
import { MemcacheCounter } from "./memcache_counter.ts";
import { OutBuffer } from "./out_buffer.ts";
import { BatchPlan, type CommandShape } from "./plan.ts";
import { RespCounter } from "./resp_counter.ts";
import type { LoadOptions, LoadProtocol } from "./result.ts";
import { openSocket, type SocketHandlers } from "./socket.ts";

export interface LaneSettings {
  readonly shapes: readonly CommandShape[];
  /** Whether `__rand_int__` is to be replaced. */
  readonly areNumbered: boolean;
  /** Commands are typed lines. */
  readonly isInline: boolean;
  readonly pipeline: number;
}

interface Codec {
  readonly encoder: BatchEncoder;
  readonly counter: ReplyCounter;
}

/** How commands and replies are written, wherever they are carried. */
function makeCodec(format: "resp" | "binary" | "json" | "memcache", settings: LaneSettings): Codec {
  const { shapes, areNumbered, isInline, pipeline } = settings;
  const places = new Int32Array(pipeline);
  switch (format) {
    case "resp": {
      const encoder = isInline ? inlineEncoder(shapes) : respEncoder(shapes, areNumbered);
      return { encoder, counter: new RespCounter(places) };
    }
    case "json":
      return { encoder: jsonEncoder(shapes, areNumbered), counter: new JsonCounter(places) };
    case "memcache":
      return {
        encoder: memcacheEncoder(shapes, areNumbered),
        counter: new MemcacheCounter(places),
      };
    case "binary": {
      const encoder = new BinaryEncoder(shapes, areNumbered);
      return { encoder, counter: new BinaryCounter(places, () => encoder.id) };
    }
  }
}

/** Value of the field authorization, "" for nobody. */
function credentialsOf({ user, password }: LoadOptions): string {
  if (password === undefined) return "";
  return user === undefined ? `Bearer ${password}` : `Basic ${btoa(`${user}:${password}`)}`;
}

function hostOf({ address }: LoadOptions): string {
  return "path" in address ? "localhost" : `${address.host}:${address.port}`;
}

async function openLane(
  index: number,
  options: LoadOptions,
  settings: LaneSettings,
): Promise<Lane> {
  const { protocol = "resp", body = "json", address, tls } = options;
  const isHttp = protocol === "http" || protocol === "http2";
  const codec = makeCodec(isHttp ? body : protocol, settings);
  const headers = isHttp ? headersOf(body, credentialsOf(options)) : {};
  const isHttp1 = protocol === "http";
  const lane = new Lane(
    index,
    settings.pipeline,
    isHttp1
      ? new HttpEncoder(codec.encoder, hostOf(options), headers, new OutBuffer())
      : codec.encoder,
    isHttp1 ? new HttpCounter(codec.counter) : codec.counter,
  );
  const handlers: SocketHandlers = {
    data: (chunk) => lane.received(chunk),
    failed: (error) => lane.lost(error),
  };
  const target = { address, tls };
  const opening = protocol === "http2"
    ? openHttp2Socket(target, headers, handlers)
    : openSocket(target, handlers, options.sockets);
  lane.attach(
    await opening.catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `no connection to ${"path" in address ? address.path : hostOf(options)}: ${reason}`,
      );
    }),
  );
  try {
    await signIn(lane, protocol, options);
  } catch (error) {
    lane.close();
    throw error;
  }
  return lane;
}

/** Opens all connections. @throws Error when one of them can't be had: none stays open then */
export async function openLanes(
  count: number,
  options: LoadOptions,
  settings: LaneSettings,
): Promise<readonly Lane[]> {
  const lanes: Lane[] = [];
  try {
    for (let i = 0; i < count; i++) lanes.push(await openLane(i, options, settings));
  } catch (error) {
    for (const lane of lanes) lane.close();
    throw error;
  }
  return lanes;
}

async function signIn(lane: Lane, protocol: LoadProtocol, options: LoadOptions): Promise<void> {
  const { user, password, resp3 = false, database = 0 } = options;
  if (protocol !== "resp" && protocol !== "binary") return;
  const auth = password === undefined ? [] : [user ?? "default", password];
  const commands: string[][] = [];
  if (protocol === "resp" && resp3) {
    commands.push(["HELLO", "3", ...auth.length > 0 ? ["AUTH", ...auth] : []]);
  } else if (protocol === "resp" && auth.length > 0) {
    commands.push(["AUTH", ...user === undefined ? auth.slice(1) : auth]);
  }
  if (database !== 0) commands.push(["SELECT", String(database)]);
  const out = new OutBuffer();
  if (protocol === "binary" && auth.length > 0) {
    putHello(out, ["HELLO", "3", "AUTH", ...auth]);
    await exchange(lane, out.written(), 1);
  }
  for (const words of commands) {
    out.clear();
    const shapes = [{ words }];
    const plan = new BatchPlan(1);
    plan.add(0, 0);
    (protocol === "binary" ? new BinaryEncoder(shapes, false) : respEncoder(shapes, false))
      .encode(plan, out);
    await exchange(lane, out.written(), 1);
  }
}

/** Sends commands and waits for their replies. @throws Error when one of them is an error */
function exchange(lane: Lane, bytes: Uint8Array, replies: number): Promise<void> {
  return new Promise((resolve, reject) => {
    lane.owner = {
      answered({ pending, counter: { errors, firstError } }) {
        if (errors > 0) reject(new Error(`not let in: ${firstError}`));
        else if (pending === 0) resolve();
      },
      failed: reject,
    };
    lane.sendBytes(bytes, replies);
  });
}
