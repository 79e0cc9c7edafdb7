/** How much each scenario does: a little in the suite, what hurts when it is run by itself. */
export interface Scale {
  readonly name: "short" | "full";
  /**
   * Of the store, in MiB. Buffers of clients count, too, as in Redis: with less, those of the attackers
   * alone would reach it, and the observer's writes be refused.
   */
  readonly maxmemoryMb: number;
  /**
   * How much may be resident beyond 10 % more than before. Bun's allocator gives pages back only after
   * ten seconds, for which the suite does not wait each time.
   */
  readonly slackBytes: number;
  /** Connections that come and go. */
  readonly connections: number;
  /** Connections at the same time, where each costs much. */
  readonly crowd: number;
  /** Random or mutated frames. */
  readonly frames: number;
  /** Channels, keys or commands of one client in a storm. */
  readonly perClient: number;
  /** Frames that are left unfinished. */
  readonly halfFrames: number;
  /** Crafted keys, in all families together. */
  readonly craftedKeys: number;
}

export const SHORT: Scale = {
  name: "short",
  maxmemoryMb: 256,
  slackBytes: 64 * 1024 * 1024,
  connections: 1000,
  crowd: 40,
  frames: 20_000,
  perClient: 200,
  halfFrames: 300,
  craftedKeys: 16_384,
};

export const FULL: Scale = {
  name: "full",
  maxmemoryMb: 4096,
  slackBytes: 0,
  connections: 10_000,
  crowd: 300,
  frames: 1_000_000,
  perClient: 10_000,
  halfFrames: 5000,
  craftedKeys: 65_536,
};
