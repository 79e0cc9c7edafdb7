/**
 * The keys that are used most, in constant memory: a sample of all uses of keys goes into a count-min
 * sketch, and the keys with the largest counts there into a table.
 *
 *   uses ──samples────▶ sketch: 4 rows × 2048 counters      table: 64 keys with their counts
 *                       a key has one counter per row,      a key whose count passes that of the
 *                       its count is the smallest of them   least one takes its place
 *
 * Sampling: a sample stands for as many uses as the gap between two of them has on average. The gap is
 * drawn anew each time, from 1 to 2ᵇ, by the keyed hashes of the samples before, so no pipeline that
 * repeats itself fools it; b follows the load, so that some 8,000 uses a second are sampled.
 * Conservative update: only those of a key's counters grow that are the smallest.
 * Aging: every 10 s all counts are halved, and the weight in seconds that they stand for with them, so
 * a rate is a count by that weight, and what was hot a minute ago weighs 1/64.
 *
 * Error: a count is never too small but for sampling, and with a probability of 98 % too large by no more
 * than e / 2048 of all of them; a count of n of which each sample stands for w deviates by 2 √(n w)
 * at 95 %. Both are told with each key. Keys with the same 32-bit hash count as one.
 *
 * Cost: a use that is not sampled costs a decrement, a sample some 100 ns, which is less than 1 ns for each
 * use under load; nothing is allocated until a key enters the table.
 *
 * Sources: Cormode, Muthukrishnan: An improved data stream summary: the count-min sketch and its
 * applications (2005); Estan, Varghese: New directions in traffic measurement (2002), for the
 * conservative update.
 */
const ROWS = 4;
const ROW_BITS = 11;
const COLUMNS = 2 ** ROW_BITS;
const SHIFT = 32 - ROW_BITS;
/** Keys in the table. */
export const HOT_KEYS_MAX = 64;
/** log2 of the longest gap between two samples, at first and at most. */
const FIRST_GAP_BITS = 3;
const MAX_GAP_BITS = 10;
/** After so many samples the gap is reconsidered; they should take so long. */
const SAMPLES_PER_LOOK = 1024;
const LOOK_MS = 125;
const GAP_FACTOR = 0x9e3779b1;
const GAP_STEP = 0x7f4a7c15;
/** Counts are of half uses, which the mean of a gap is a whole number of. */
const HALVES = 2;
const HALVING_MS = 10_000;
const MS_PER_SECOND = 1000;
/** Odd numbers that spread a hash differently for each row. */
const FACTORS = Int32Array.of(0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f);
const DATABASE_FACTOR = 0x2545f491;
/** Where a key was found in the table last, by some bits of its hash. */
const HINTS = 256;
/** Counts halved so often are gone. */
const MAX_HALVINGS = 32;

/** Memory without any key. */
const EMPTY_BYTES = ROWS * COLUMNS * 4 + HINTS + HOT_KEYS_MAX * 12;

if (SHIFT + ROW_BITS !== 32) throw new RangeError("a row's bits do not make up a hash");

/** A key and how much it is used. */
export interface HotKey {
  readonly key: Uint8Array;
  readonly dbIndex: number;
  /** Estimated uses per second, lately. */
  readonly perSecond: number;
  /** Part of all uses, 0 to 1. */
  readonly share: number;
  /** What `perSecond` may be off by, up or down. */
  readonly error: number;
}

export class HotKeys {
  /** Uses until the next one is sampled; counted down by whoever sees them all. */
  untilSample = 1;
  #gapState = 0;
  #gapBits = FIRST_GAP_BITS;
  /** Samples until the gap is reconsidered, and when it was. */
  #samplesToLook = SAMPLES_PER_LOOK;
  #lookedMs = 0;
  readonly #counts = new Uint32Array(ROWS * COLUMNS);
  // The table; a place without a key has count 0.
  readonly #ids = new Int32Array(HOT_KEYS_MAX);
  readonly #tops = new Uint32Array(HOT_KEYS_MAX);
  readonly #databases = new Int32Array(HOT_KEYS_MAX);
  readonly #keys: Uint8Array[] = [];
  readonly #hints = new Uint8Array(HINTS);
  /** The place with the smallest count, and that. */
  #least = 0;
  #leastCount = 0;
  /** All half uses, and the seconds that they stand for, aged. */
  #total = 0;
  #weightSeconds = 0;
  /** When the weight was reckoned last, and the counts were halved. */
  #weighedMs = -1;
  #halvedMs = -1;

  /** Memory with the keys themselves, in bytes. */
  sizeBytes: number = EMPTY_BYTES;

  #drawGap(hash: number): void {
    this.#gapState = (Math.imul(this.#gapState ^ hash, GAP_FACTOR) + GAP_STEP) | 0;
    // Shifting by 32 would shift by nothing.
    this.untilSample = 1 + (this.#gapState >>> 1 >>> (31 - this.#gapBits));
  }

  /** Twice the uses that a sample stands for: the mean of 1 to 2ᵇ. */
  get #weight(): number {
    return (1 << this.#gapBits) + 1;
  }

  /** Makes the gap longer where samples come too often, or shorter. */
  #adaptGap(nowMs: number): void {
    const elapsedMs = nowMs - this.#lookedMs;
    this.#samplesToLook = SAMPLES_PER_LOOK;
    this.#lookedMs = nowMs;
    if (elapsedMs < LOOK_MS / 2) this.#gapBits = Math.min(MAX_GAP_BITS, this.#gapBits + 1);
    else if (elapsedMs > LOOK_MS * 2) this.#gapBits = Math.max(0, this.#gapBits - 1);
  }

  /**
   * Takes in a use of a key; to be called when `untilSample` got 0.
   * @param hash of the key, 32 bits
   * @param nowMs wall clock
   */
  sample(
    hash: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    dbIndex: number,
    nowMs: number,
  ): void {
    const weight = this.#weight;
    if (--this.#samplesToLook === 0) this.#adaptGap(nowMs);
    this.#drawGap(hash);
    const sinceMs = nowMs - this.#halvedMs;
    if (sinceMs >= HALVING_MS || sinceMs < 0 || this.#total === 0) this.#age(nowMs);
    this.#total += weight;
    const id = hash ^ Math.imul(dbIndex, DATABASE_FACTOR);
    const count = this.#count(id, weight);
    if (count <= this.#leastCount) return;
    const place = this.#placeOf(id);
    if (place >= 0) {
      this.#tops[place] = count;
      if (place === this.#least) this.#findLeast();
      return;
    }
    const free = this.#least;
    this.#ids[free] = id;
    this.#tops[free] = count;
    this.#databases[free] = dbIndex;
    this.sizeBytes += length - (this.#keys[free]?.length ?? 0);
    this.#keys[free] = bytes.slice(offset, offset + length);
    this.#hints[id & (HINTS - 1)] = free;
    this.#findLeast();
  }

  /** Counts some more uses. @returns the estimate with them */
  #count(id: number, weight: number): number {
    const counts = this.#counts;
    const a = Math.imul(id, FACTORS[0]) >>> SHIFT;
    const b = COLUMNS + (Math.imul(id, FACTORS[1]) >>> SHIFT);
    const c = 2 * COLUMNS + (Math.imul(id, FACTORS[2]) >>> SHIFT);
    const d = 3 * COLUMNS + (Math.imul(id, FACTORS[3]) >>> SHIFT);
    const sum = Math.min(counts[a], counts[b], counts[c], counts[d]) + weight;
    if (counts[a] < sum) counts[a] = sum;
    if (counts[b] < sum) counts[b] = sum;
    if (counts[c] < sum) counts[c] = sum;
    if (counts[d] < sum) counts[d] = sum;
    return sum;
  }

  /** Where a key is in the table, or -1. */
  #placeOf(id: number): number {
    const ids = this.#ids, tops = this.#tops;
    const hint = this.#hints[id & (HINTS - 1)];
    if (ids[hint] === id && tops[hint] > 0) return hint;
    for (let place = 0; place < HOT_KEYS_MAX; place++) {
      if (ids[place] === id && tops[place] > 0) {
        this.#hints[id & (HINTS - 1)] = place;
        return place;
      }
    }
    return -1;
  }

  #findLeast(): void {
    const tops = this.#tops;
    let least = 0;
    for (let place = 1; place < HOT_KEYS_MAX; place++) {
      if (tops[place] < tops[least]) least = place;
    }
    this.#least = least;
    this.#leastCount = tops[least];
  }

  /** Halves the counts for every 10 s that went by. */
  #age(nowMs: number): void {
    if (this.#halvedMs < 0 || nowMs < this.#halvedMs) {
      // The first sample, or the clock was set back.
      this.#halvedMs = this.#weighedMs = nowMs;
      return;
    }
    const halvings = Math.floor((nowMs - this.#halvedMs) / HALVING_MS);
    for (let i = 0; i < Math.min(halvings, MAX_HALVINGS); i++) {
      this.#halvedMs += HALVING_MS;
      this.#weigh(this.#halvedMs);
      this.#weightSeconds /= 2;
      this.#total /= 2;
    }
    this.#halvedMs = nowMs - (nowMs - this.#halvedMs) % HALVING_MS;
    this.#weigh(this.#halvedMs);
    halve(this.#counts, halvings);
    halve(this.#tops, halvings);
    this.#findLeast();
  }

  #weigh(nowMs: number): void {
    this.#weightSeconds += Math.max(0, nowMs - this.#weighedMs) / MS_PER_SECOND;
    this.#weighedMs = nowMs;
  }

  /** @returns the `count` keys that are used most, the hottest first; at most HOT_KEYS_MAX */
  top(count: number, nowMs: number): HotKey[] {
    if (this.#total === 0) return [];
    this.#age(nowMs);
    this.#weigh(nowMs);
    const perCount = 1 / HALVES / Math.max(this.#weightSeconds, 1);
    const sketchError = Math.E / COLUMNS * this.#total;
    const weight = this.#weight;
    const places = [...this.#tops.keys()].filter((place) => this.#tops[place] > 0);
    places.sort((a, b) => this.#tops[b] - this.#tops[a]);
    return places.slice(0, count).map((place) => {
      const uses = this.#tops[place];
      return {
        key: this.#keys[place],
        dbIndex: this.#databases[place],
        perSecond: uses * perCount,
        share: Math.min(1, uses / this.#total),
        error: (2 * Math.sqrt(uses * weight) + sketchError) * perCount,
      };
    });
  }

  /** Forgets all uses. */
  reset(): void {
    this.#counts.fill(0);
    this.#tops.fill(0);
    this.#keys.length = 0;
    this.sizeBytes = EMPTY_BYTES;
    this.#total =
      this.#weightSeconds =
      this.#leastCount =
      this.#least =
        0;
    this.#halvedMs = this.#weighedMs = -1;
  }
}

/** Halves each of them so often. */
function halve(counts: Uint32Array, times: number): void {
  if (times >= MAX_HALVINGS) counts.fill(0);
  else if (times > 0) { for (let i = 0; i < counts.length; i++) counts[i] >>>= times; }
}
