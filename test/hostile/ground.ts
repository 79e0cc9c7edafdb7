/** The server that is attacked, in a process of its own, with a door of each kind. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { Authority, missingOpenssl } from "../support/certificates.ts";
import {
  freePort,
  residentBytes,
  type SpawnedServer,
  spawnServer,
  type TestProcess,
} from "../support/test_server.ts";
import { connectTls } from "../support/tls_client.ts";
import { until } from "../support/wait.ts";
import { connect, type WireClient } from "../support/wire_client.ts";
import type { Scale } from "./scale.ts";

/** What the store is filled with once, so that what the scenarios need of it is resident. */
const FILL_VALUE_BYTES = 1024 * 1024;
const FILL_VALUES = 56;
const FIRST_KEYS = 1000;
const DIALLED_AT_ONCE = 200;
/** Connections and commands that the runtime has seen before anything is measured. */
const WARM_CONNECTIONS = 200;
const WARM_COMMANDS = 500;
/** How long the server may take to see that everybody went. */
const GUESTS_LEAVE_MS = 15_000;

/** How clients come in. */
export type Door = "tcp" | "unix" | "tls";

/** What the server takes now, in bytes. */
export interface Footprint {
  readonly residentBytes: number;
  /** `used_memory`: the store, and what clients take. */
  readonly usedBytes: number;
  /** Of those, the store. */
  readonly keys: number;
}

let authority: Authority | undefined;

/** @returns the flags for a TLS port, none where there can be no certificates */
async function tlsFlags(): Promise<{ flags: string[]; address: ListenAddress | undefined }> {
  if (missingOpenssl() !== undefined) return { flags: [], address: undefined };
  authority ??= new Authority("hostile test authority");
  const { certFile, keyFile } = authority.sign("server");
  const port = await freePort();
  const flags = [
    ...["--tls-port", String(port), "--tls-auth-clients", "no"],
    ...["--tls-cert-file", certFile, "--tls-key-file", keyFile],
  ];
  return { flags, address: { kind: "tcp", host: "127.0.0.1", port } };
}

export class Ground {
  readonly scale: Scale;
  readonly seed: number;
  readonly random: Xoshiro128;
  readonly address: ListenAddress;
  readonly #unix: ListenAddress;
  readonly #tls: ListenAddress | undefined;
  readonly #server: SpawnedServer;
  readonly #folder: string;
  readonly #admin: WireClient;
  readonly #guests = new Set<WireClient>();
  #peakBytes = 0;
  readonly #watch: ReturnType<typeof setInterval>;

  private constructor(
    options: { scale: Scale; seed: number; folder: string; tls: ListenAddress | undefined },
    server: SpawnedServer,
    admin: WireClient,
  ) {
    this.scale = options.scale;
    this.seed = options.seed;
    this.random = createRandom([options.seed, 0xbad, 3, 4]);
    this.address = server.address;
    this.#folder = options.folder;
    this.#unix = { kind: "unix", path: join(options.folder, "s") };
    this.#tls = options.tls;
    this.#server = server;
    this.#admin = admin;
    this.#watch = setInterval(() => {
      if (!this.process.isOver) this.#peakBytes = Math.max(this.#peakBytes, this.residentBytes);
    }, 50);
  }

  /** Starts a server and uses it for a while. @param flags more than the usual ones */
  static async start(scale: Scale, seed: number, ...flags: string[]): Promise<Ground> {
    const folder = mkdtempSync(join(tmpdir(), "crabcache-hostile-"));
    const { flags: secure, address: tls } = await tlsFlags();
    const server = await spawnServer(
      ...["--maxmemory", `${scale.maxmemoryMb}mb`, "--maxmemory-policy", "noeviction"],
      ...["--unixsocket", join(folder, "s"), "--maxclients", "15000", ...secure, ...flags],
    );
    const ground = new Ground({ scale, seed, folder, tls }, server, await connect(server.address));
    await ground.#warmUp();
    return ground;
  }

  get process(): TestProcess {
    return this.#server.process;
  }

  get hasTls(): boolean {
    return this.#tls !== undefined;
  }

  get residentBytes(): number {
    return residentBytes(this.process.pid);
  }

  /** The most that was resident since this was last asked. */
  takePeak(): number {
    const peak = Math.max(this.#peakBytes, this.residentBytes);
    this.#peakBytes = 0;
    return peak;
  }

  /** Opens a connection that `dismiss` closes. */
  async dial(door: Door = "tcp"): Promise<WireClient> {
    const client = await this.dialOwn(door);
    this.#guests.add(client);
    client.socket.once("close", () => this.#guests.delete(client));
    return client;
  }

  /** Opens a connection that is the caller's to close. */
  dialOwn(door: Door): Promise<WireClient> {
    if (door === "unix") return connect(this.#unix);
    if (door === "tcp") return connect(this.address);
    assert.ok(this.#tls !== undefined, "there is no TLS port");
    return connectTls(this.#tls, { ca: authority!.ca });
  }

  /** Plain connection to the TLS port: whoever has it does not shake hands. */
  dialTlsPlainly(): Promise<WireClient> {
    assert.ok(this.#tls !== undefined, "there is no TLS port");
    return connect(this.#tls);
  }

  /**
   * Opens many connections, some at a time: what waits to be accepted must fit into the kernel's
   * queue, or it tries again only after seconds.
   */
  async dialMany(count: number, door: Door = "tcp"): Promise<WireClient[]> {
    const clients: WireClient[] = [];
    while (clients.length < count) {
      const before = await this.#seenConnections();
      const some = Math.min(DIALLED_AT_ONCE, count - clients.length);
      clients.push(...await Promise.all(Array.from({ length: some }, () => this.dial(door))));
      const areSeen = async () => await this.#seenConnections() - before >= some;
      await until("all connections to be accepted", areSeen);
    }
    return clients;
  }

  async #seenConnections(): Promise<number> {
    return await this.figure("total_connections_received") +
      await this.figure("rejected_connections");
  }

  /** Closes the connections that are left. */
  dismiss(): void {
    for (const client of this.#guests) client.close();
    this.#guests.clear();
  }

  /** Runs a command as the operator. */
  admin(...args: (string | number)[]): Promise<string> {
    return this.#admin.call(...args);
  }

  /** Changes settings while something is done. */
  async withSettings<T>(
    settings: Readonly<Record<string, string>>,
    work: () => Promise<T>,
  ): Promise<T> {
    const before: string[] = [];
    for (const name of Object.keys(settings)) {
      before.push(name, (await this.admin("CONFIG", "GET", name)).split("\r\n")[4]);
    }
    assert.equal(await this.admin("CONFIG", "SET", ...Object.entries(settings).flat()), "+OK\r\n");
    try {
      return await work();
    } finally {
      this.dismiss();
      assert.equal(await this.admin("CONFIG", "SET", ...before), "+OK\r\n");
    }
  }

  /** A figure of INFO. */
  async figure(name: string): Promise<number> {
    const text = await this.admin("INFO", "everything");
    const found = new RegExp(`^${name}:([\\d.]+)`, "m").exec(text);
    assert.ok(found, `no ${name} in INFO`);
    return Number(found[1]);
  }

  async footprint(): Promise<Footprint> {
    return {
      residentBytes: this.residentBytes,
      usedBytes: await this.figure("used_memory"),
      keys: Number((await this.admin("DBSIZE")).slice(1)),
    };
  }

  /** Waits until nobody is connected but the operator and so many others. */
  async alone(others: number): Promise<void> {
    const isAlone = async () => await this.figure("connected_clients") <= 1 + others;
    try {
      await until("all guests to be gone", isAlone, GUESTS_LEAVE_MS);
    } catch (error) {
      throw new Error(`there are still\n${await this.admin("CLIENT", "LIST")}`, { cause: error });
    }
  }

  async #warmUp(): Promise<void> {
    const value = Buffer.alloc(FILL_VALUE_BYTES, 1);
    for (let i = 0; i < FILL_VALUES; i++) {
      assert.equal(await this.#admin.call("SET", `fill:${i}`, value), "+OK\r\n");
    }
    assert.equal(await this.admin("FLUSHALL"), "+OK\r\n");
    // The indexes of all shards keep a page from their first key on.
    const keys = Array.from({ length: FIRST_KEYS }, (_, i) => `first:${i}`);
    assert.equal(await this.admin("MSET", ...keys.flatMap((key) => [key, "v"])), "+OK\r\n");
    assert.equal(await this.admin("DEL", ...keys), `:${FIRST_KEYS}\r\n`);
    for (const client of await this.dialMany(WARM_CONNECTIONS)) {
      client.sendCommands(Array.from({ length: WARM_COMMANDS }, (_, i) => ["ECHO", `warm ${i}`]));
      await client.readAll(WARM_COMMANDS);
    }
    this.dismiss();
    await this.alone(0);
  }

  /** Ends the server. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.dismiss();
    this.#admin.close();
    await this.process.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
