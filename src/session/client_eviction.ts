/**
 * `maxmemory-clients`: closes the clients that take most while all clients together take too much.
 *
 * What they take is summed up only when it may have reached the limit: all buffers together, of which
 * the engine keeps count, grew by what was missing at the last sum.
 *
 * Source: https://redis.io/docs/latest/develop/reference/clients/ (client eviction); Redis src/networking.c
 */
import { clientLine } from "../commands/connection/client_line.ts";
import { clientBytes } from "../commands/server/info_memory.ts";
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../ports/log.ts";
import type { SessionPort } from "../ports/session_port.ts";

/** A lower limit counts as this one, as in Redis: it would let nobody in. */
const MIN_LIMIT_BYTES = 128 * 1024;
/** Growth after which those are looked at again who take too much and may not be closed. */
const RETRY_BYTES = 64 * 1024;

export class ClientEviction {
  readonly #engine: Engine;
  readonly #sessions: () => Iterable<SessionPort>;
  readonly #log: Log;
  #limitBytes = 0;
  /** The engine's count of buffers from which on a sum has to be made. */
  #sumFromBytes = 0;

  constructor(engine: Engine, sessions: () => Iterable<SessionPort>, log: Log) {
    this.#engine = engine;
    this.#sessions = sessions;
    this.#log = log;
  }

  /** To be called whenever clients may have come to take more. */
  check(): void {
    const { maxmemory, maxmemoryClients } = this.#engine.settings;
    if (maxmemoryClients === 0) return;
    const limitBytes = limitOf(maxmemoryClients, maxmemory);
    if (limitBytes === 0) return;
    const isSame = limitBytes === this.#limitBytes;
    if (isSame && this.#engine.bufferBytes < this.#sumFromBytes) return;
    this.#limitBytes = limitBytes;
    this.#evict(limitBytes);
  }

  /** To be called now and then: a sum is made in any case. */
  recheck(): void {
    this.#sumFromBytes = 0;
    this.check();
  }

  #evict(limitBytes: number): void {
    const clients: { readonly session: SessionPort; readonly sizeBytes: number }[] = [];
    let sum = 0;
    for (const session of this.#sessions()) {
      const sizeBytes = clientBytes(session);
      sum += sizeBytes;
      if (!session.noEvict) clients.push({ session, sizeBytes });
    }
    if (sum >= limitBytes) {
      clients.sort((a, b) => b.sizeBytes - a.sizeBytes);
      for (const { session, sizeBytes } of clients) {
        if (sum < limitBytes) break;
        this.#close(session);
        sum -= sizeBytes;
      }
    }
    const missingBytes = sum < limitBytes ? limitBytes - sum : RETRY_BYTES;
    this.#sumFromBytes = this.#engine.bufferBytes + missingBytes;
  }

  #close(session: SessionPort): void {
    const { nowMs, stats } = this.#engine;
    this.#log(`Evicting client: ${clientLine(session, nowMs).trimEnd()}`);
    stats.evictedClients++;
    session.kill();
  }
}

/** @param setting bytes, or negative a percentage of `maxmemory`. @returns bytes, 0 = no limit */
function limitOf(setting: number, maxmemory: number): number {
  const bytes = setting > 0 ? setting : Math.floor(maxmemory * -setting / 100);
  return bytes === 0 ? 0 : Math.max(bytes, MIN_LIMIT_BYTES);
}
