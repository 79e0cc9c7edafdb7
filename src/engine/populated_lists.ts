/**
 * Which databases and shards have records that may be evicted, for picking one by how many it has.
 *
 * What is known of their sizes is renewed every 256 picks, and whenever a picked one turns out to be empty.
 */
import type { Random } from "../ports/random.ts";
import type { Database } from "./database.ts";

const PICKS_PER_LOOK = 256;

export class PopulatedLists {
  readonly #all: readonly Database[];
  readonly #volatileOnly: boolean;
  readonly #random: Random;
  /** Of each list: its database and shard, and the sizes of all lists up to and with it. */
  #databases: Int32Array;
  #shards: Int32Array;
  #sums: Float64Array;
  #count = 0;
  #picksLeft = 0;

  /** @param volatileOnly whether only records that expire count */
  constructor(databases: readonly Database[], volatileOnly: boolean, random: Random) {
    this.#all = databases;
    this.#volatileOnly = volatileOnly;
    this.#random = random;
    const lists = databases.length * databases[0].indexes.length;
    this.#databases = new Int32Array(lists);
    this.#shards = new Int32Array(lists);
    this.#sums = new Float64Array(lists);
  }

  /** Picks a list that is not empty; the larger, the likelier. @returns its number, -1 for none */
  pick(): number {
    if (this.#picksLeft-- <= 0) this.#look();
    let list = this.#draw();
    if (list >= 0 && this.#sizeOf(this.#all[this.#databases[list]], this.#shards[list]) > 0) {
      return list;
    }
    this.#look();
    list = this.#draw();
    return list;
  }

  /** Index of the list's database. */
  databaseOf(list: number): number {
    return this.#databases[list];
  }

  shardOf(list: number): number {
    return this.#shards[list];
  }

  #draw(): number {
    if (this.#count <= 1) return this.#count - 1;
    const sums = this.#sums;
    const nth = this.#random.below(sums[this.#count - 1]);
    let low = 0, high = this.#count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] <= nth) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #look(): void {
    this.#picksLeft = PICKS_PER_LOOK;
    let count = 0, sum = 0;
    for (const db of this.#all) {
      for (let shard = 0; shard < db.indexes.length; shard++) {
        const size = this.#sizeOf(db, shard);
        if (size === 0) continue;
        sum += size;
        this.#databases[count] = db.index;
        this.#shards[count] = shard;
        this.#sums[count++] = sum;
      }
    }
    this.#count = count;
  }

  #sizeOf(db: Database, shard: number): number {
    return this.#volatileOnly ? db.volatile[shard].length : db.indexes[shard].count;
  }
}
