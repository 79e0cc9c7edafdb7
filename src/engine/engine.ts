/**
 * Engine: the keyspace with everything that watches over it, without any command or protocol.
 *
 * Memory: `maxmemory` bounds the pages in use. So that blocks of other sizes can still be cut when it is
 * reached, records are evicted earlier, when the blocks in use reach `LIVE_SHARE` of it; between the
 * two, pages that became sparse are emptied by moving their records together.
 *
 * A command makes room before it runs, for half a millisecond at most; then it runs all the same, and what
 * is left to do is done in slices between the batches (Redis src/evict.c, performEvictions). Once a
 * batch has spent that time, its further commands make room for no more than was added.
 */
import { PAGE_BYTES } from "../memory/size_classes.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Settings } from "../ports/settings.ts";
import { ActiveExpiry } from "./active_expiry.ts";
import { Blocking } from "./blocking.ts";
import { compactOnePage } from "./compaction.ts";
import { Evictor } from "./evictor.ts";
import { HotKeys } from "./hot_keys.ts";
import { Keyspace } from "./keyspace.ts";
import { type LatencyEvent, LatencyMonitor } from "./latency_monitor.ts";
import { PubSub } from "./pubsub.ts";
import { KeyEvents } from "./pubsub_key_events.ts";
import { Purges } from "./purges.ts";
import { ScanCursors } from "./scan_cursors.ts";
import { SlowLog } from "./slow_log.ts";
import type { Stats } from "./stats.ts";
import { WallClock } from "./wall_clock.ts";

/** Share of maxmemory that blocks in use may take before records are evicted. */
const LIVE_SHARE = 15 / 16;
/** Pages that one command may add before room is made again: for a block, a segment, a list. */
const COMMAND_PAGES = 3;
/** Longest time that a command makes room, and that a batch does beyond what it adds. */
const RECLAIM_US = 400;
/** What a batch may add to the buffers and to what the eviction policy remembers. */
const BATCH_BUFFER_BYTES = 8 * 1024 * 1024;
/** Evictions between two looks at the clock. */
const EVICTIONS_PER_LOOK = 16;
/** Flushed records that are freed in one slice: some 300 µs. */
const DISCARD_SLICE = 1000;

export interface EngineOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly stats: Stats;
  /** Bytes that the store may ever take, whatever maxmemory becomes. */
  readonly capacityBytes: number;
}

/** Figures of INFO memory, in bytes. */
export interface MemoryFigures {
  /** What the pages in use and the buffers take. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** What an empty store takes. */
  readonly startupBytes: number;
  /** Blocks in use that hold records. */
  readonly datasetBytes: number;
  /** Indexes, lists and buffers. */
  readonly overheadBytes: number;
  readonly maxmemory: number;
}

export class Engine {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly stats: Stats;
  readonly keyspace: Keyspace;
  readonly evictor: Evictor;
  readonly blocking: Blocking;
  readonly purges: Purges;
  readonly scanCursors: ScanCursors = new ScanCursors();
  readonly activeExpiry: ActiveExpiry;
  readonly pubsub: PubSub;
  readonly #keyEvents: KeyEvents;
  readonly slowLog: SlowLog;
  readonly latency: LatencyMonitor;
  readonly hotKeys: HotKeys;
  readonly wallClock: WallClock;
  /** Wall clock of the running batch in ms. */
  nowMs = 0;
  /** Memory of connections and of the executor in bytes; kept up to date by their owners. */
  bufferBytes = 0;
  /** Large buffers of connections that nobody holds any more, since that was last looked at. */
  droppedBufferBytes = 0;
  /** Called when there is background work that should not wait for the next round. */
  hasWork: () => void = () => {};
  /** Whether the next slice goes on with a purge, even if something waits to be freed. */
  #isPurgeNext = false;
  #startupBytes = 0;
  /** What the running slice counts as for the latency monitor. */
  #sliceEvent: LatencyEvent | undefined;
  /** Whether the next slice removes expired fields of hashes, if there are any, before keys. */
  #areFieldsNext = true;
  /** Pages in use up to here are within all limits, whatever a batch adds to the buffers meanwhile. */
  #safeBytes = 0;
  #liveLimit = Infinity;
  #pageLimit = Infinity;
  /** Time that the running batch may still spend on memory that it did not add. */
  #reclaimLeftUs = RECLAIM_US;
  /** Memory in use after room was last made. */
  #liveBefore = 0;
  #pagesBefore = 0;

  constructor(options: EngineOptions) {
    this.settings = options.settings;
    this.clock = options.clock;
    this.random = options.random;
    this.stats = options.stats;
    this.keyspace = new Keyspace({
      databases: options.settings.databases,
      capacityBytes: options.capacityBytes,
      random: options.random,
      stats: options.stats,
      isOrdered: options.settings.keyIndex === "radix",
    });
    this.slowLog = new SlowLog(this.settings);
    this.latency = new LatencyMonitor(this.settings, this.clock);
    this.hotKeys = new HotKeys();
    this.keyspace.latency = this.latency;
    const { latency } = this;
    const growth = {
      begin: () => latency.begin(),
      end: (startUs: number) => latency.end("index-split", startUs),
    };
    for (const arena of this.keyspace.arenas) arena.growth = growth;
    this.wallClock = new WallClock(this.clock);
    this.pubsub = new PubSub(this);
    this.#keyEvents = new KeyEvents(this.keyspace.changes, this.pubsub);
    this.purges = new Purges(this.keyspace, this.clock);
    this.blocking = new Blocking(this.keyspace, this.clock);
    this.evictor = new Evictor(this.keyspace, this.settings, this.random);
    this.activeExpiry = new ActiveExpiry(this.keyspace, this.settings, this.clock, this.random);
    this.settingsChanged();
    this.beginBatch();
    this.noteStartup();
  }

  /** Reads the clock; everything until the next call happens at that time. */
  beginBatch(): void {
    this.nowMs = this.clock.nowMs();
    this.keyspace.nowMs = this.nowMs;
    this.keyspace.access.tick(this.nowMs);
    this.#reclaimLeftUs = RECLAIM_US;
    this.#safeBytes = Math.min(this.#liveLimit, this.#pageLimit) - this.#reservedBytes -
      BATCH_BUFFER_BYTES;
    this.#noteMemory();
    if (this.stats.isOverMemoryLimit && !this.isOverLimit) {
      this.stats.noteMemoryLimit(false, this.clock.monotonicUs());
    }
  }

  #noteMemory(): void {
    this.#liveBefore = this.keyspace.account.liveBytes;
    this.#pagesBefore = this.keyspace.account.pageBytes;
  }

  /** To be called when maxmemory, its policy, or the events that are published changed. */
  settingsChanged(): void {
    const limit = this.settings.maxmemory === 0
      ? this.keyspace.capacityBytes
      : Math.min(this.settings.maxmemory, this.keyspace.capacityBytes);
    this.#pageLimit = Math.max(limit - COMMAND_PAGES * PAGE_BYTES, limit * LIVE_SHARE);
    this.#liveLimit = limit * LIVE_SHARE;
    this.#safeBytes = 0;
    this.evictor.settingsChanged();
    this.#keyEvents.publish(this.settings.notifyKeyspaceEvents);
  }

  /** What is not in the store's pages: buffers, what policy, cursors and logs remember. */
  get #reservedBytes(): number {
    return this.bufferBytes + this.evictor.sizeBytes + this.scanCursors.sizeBytes +
      this.hotKeys.sizeBytes + this.slowLog.sizeBytes;
  }

  /** To be called once everything is made: the memory in use is that of an empty store. */
  noteStartup(): void {
    this.#startupBytes = this.keyspace.account.pageBytes + this.#reservedBytes;
  }

  /** Whether more memory is used than maxmemory allows. */
  get isOverLimit(): boolean {
    const account = this.keyspace.account;
    if (account.pageBytes <= this.#safeBytes) return false;
    const reserved = this.#reservedBytes;
    return account.liveBytes > this.#liveLimit - reserved ||
      account.pageBytes > this.#pageLimit - reserved;
  }

  /**
   * Evicts until memory is within its limit, or for as long as a command may.
   * @returns false when memory is not within its limit and nothing may be evicted
   */
  makeRoom(): boolean {
    const reserved = this.#reservedBytes;
    let live = this.#liveLimit - reserved, pages = this.#pageLimit - reserved;
    if (this.#reclaimLeftUs <= 0) {
      live = Math.max(live, this.#liveBefore);
      pages = Math.max(pages, this.#pagesBefore);
    }
    const startUs = this.latency.begin();
    const isDone = this.#reclaim(live, pages);
    this.latency.end("eviction-cycle", startUs);
    this.#noteMemory();
    this.stats.noteMemoryLimit(this.isOverLimit, this.clock.monotonicUs());
    return isDone;
  }

  /** @returns false when there is no page that can be emptied */
  #compact(): boolean {
    const startUs = this.latency.begin();
    const isDone = compactOnePage(this.keyspace, this.random);
    this.latency.end("compaction-cycle", startUs);
    return isDone;
  }

  /** @returns false when nothing may be evicted */
  #reclaim(liveTarget: number, pageTarget: number): boolean {
    const account = this.keyspace.account;
    let startUs = -1, evictions = 0;
    while (account.liveBytes > liveTarget || account.pageBytes > pageTarget) {
      if (this.keyspace.hasDiscarded) {
        this.keyspace.freeDiscarded(DISCARD_SLICE);
      } else if (
        account.liveBytes > liveTarget || !this.#compact()
      ) {
        if (!this.evictor.evictOne()) return false;
        if (++evictions % EVICTIONS_PER_LOOK !== 0) continue;
      }
      const nowUs = this.clock.monotonicUs();
      if (startUs < 0) startUs = nowUs;
      if (nowUs - startUs >= RECLAIM_US) break;
    }
    if (startUs >= 0) this.#reclaimLeftUs -= this.clock.monotonicUs() - startUs;
    return true;
  }

  /**
   * One slice of background work, well under a millisecond.
   * @returns whether there is more to do at once
   */
  runSlice(): boolean {
    this.beginBatch();
    const startUs = this.latency.begin();
    const hasMore = this.#slice();
    if (this.#sliceEvent !== undefined) this.latency.end(this.#sliceEvent, startUs);
    return hasMore;
  }

  #slice(): boolean {
    const { hasDiscarded } = this.keyspace;
    if (this.purges.count > 0 && (this.#isPurgeNext || !hasDiscarded)) {
      this.#sliceEvent = "purge-cycle";
      this.purges.slice();
      this.#isPurgeNext = false;
      return true;
    }
    this.#isPurgeNext = true;
    if (hasDiscarded) {
      this.#sliceEvent = "lazyfree-cycle";
      this.keyspace.freeDiscarded(DISCARD_SLICE);
      return true;
    }
    // Making room is an event of its own.
    this.#sliceEvent = undefined;
    if (this.isOverLimit && this.makeRoom()) return true;
    if (!this.settings.activeExpireEnabled) return false;
    this.#sliceEvent = "expire-cycle";
    const { expiringHashes } = this.keyspace.outside;
    if (this.#areFieldsNext && expiringHashes.hasDue(this.nowMs)) {
      expiringHashes.slice(this.keyspace, this.clock);
      this.#areFieldsNext = false;
      return true;
    }
    this.#areFieldsNext = true;
    return this.activeExpiry.slice() || expiringHashes.hasDue(this.nowMs);
  }

  memory(): MemoryFigures {
    const { account, databases } = this.keyspace;
    const reserved = this.#reservedBytes;
    let overhead = reserved;
    for (const db of databases) {
      for (const index of db.indexes) overhead += index.sizeBytes;
      for (const list of db.volatile) overhead += list.sizeBytes;
      if (db.keyIndex !== undefined) overhead += db.keyIndex.sizeBytes;
    }
    return {
      usedBytes: account.pageBytes + reserved,
      peakBytes: account.peakPageBytes + reserved,
      startupBytes: this.#startupBytes,
      datasetBytes: account.liveBytes + reserved - overhead,
      overheadBytes: overhead,
      maxmemory: this.settings.maxmemory,
    };
  }
}
