/**
 * Puts slow requests down to their causes, by what the server and the generator did meanwhile.
 *
 *   request          ├──────────────────────────────────────────┤
 *   server           ┌─ batch ─────────────────┐  ┌─ batch ─┐
 *                       ┌─ expire-cycle ────┐
 *   generator                                         ┌─ stall ─┐
 *   time is lost to  ▒▒▒▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒░░░▒▒▒▓▓▓▓▓▓▓▓▓▓▓
 *
 * Stretches overlap: each moment of a request counts for the first of CAUSES that covers it. The cause that
 * gets the most time is the request's, if that is a quarter of it at least; of equal ones the one that
 * stands first. Requests without a cause that were slow together waited for something that nobody
 * saw; one by itself is a lone one.
 */
import type { SlowRequest } from "./result.ts";

/**
 * In the order in which a moment counts for them: what makes others late stands before those, and what is known
 * exactly before what is not. The machine counts stolen time in steps of 10 ms.
 */
export const CAUSES = [
  "generator: garbage collection",
  "generator: not scheduled",
  "server: not scheduled",
  "server: long command",
  "server: garbage collection",
  "server: expiry",
  "server: eviction",
  "server: compaction",
  "server: index step",
  "server: freeing",
  "server: purge",
  "server: other background work",
  "burst: behind other requests",
  "machine: time stolen",
  "generator: event loop stalled",
  "server: event loop stalled",
  "unseen, several together",
  "unseen, lone",
] as const;

export type Cause = (typeof CAUSES)[number];

/** Something that went on for a while. Times are µs since 1970. */
export interface Stretch {
  readonly startUs: number;
  readonly endUs: number;
  readonly cause: Cause;
  /** What it was, e.g. "expire-cycle" or "keys". */
  readonly detail: string;
}

/** What was found about one request. */
export interface Verdict {
  readonly request: SlowRequest;
  readonly cause: Cause;
  /** Of its time, what the cause accounts for; 0 where none was seen. */
  readonly share: number;
  /** The longest stretch of the cause, "" = none. */
  readonly detail: string;
}

const LEAST_SHARE = 1 / 4;
/** So many slow requests at the same time are not a lone one. */
const TOGETHER = 3;

const RANK: ReadonlyMap<Cause, number> = new Map(CAUSES.map((cause, rank) => [cause, rank]));

/** Finds the cause of each. @param stretches in any order */
export function explain(
  requests: readonly SlowRequest[],
  stretches: readonly Stretch[],
): Verdict[] {
  const timeline = new Timeline(stretches);
  const together = new Overlaps(requests);
  return requests.map((request) =>
    timeline.judge(request) ?? {
      request,
      cause: together.at(request) >= TOGETHER ? "unseen, several together" : "unseen, lone",
      share: 0,
      detail: "",
    }
  );
}

/** All stretches of one cause, by their starts. */
class Stretches {
  readonly #sorted: readonly Stretch[];
  readonly #starts: readonly number[];
  /** For each, the last end of those up to it: those before the first that reaches far are over. */
  readonly #reach: readonly number[];

  constructor(stretches: readonly Stretch[]) {
    this.#sorted = [...stretches].sort((a, b) => a.startUs - b.startUs);
    this.#starts = this.#sorted.map(({ startUs }) => startUs);
    let furthest = -Infinity;
    this.#reach = this.#sorted.map(({ endUs }) => furthest = Math.max(furthest, endUs));
  }

  /** Detail of the one that overlaps most. */
  longestDetail({ startUs, endUs }: SlowRequest): string {
    let detail = "", longestUs = 0;
    const end = lowerBound(this.#starts, endUs);
    for (let i = lowerBound(this.#reach, startUs); i < end; i++) {
      const each = this.#sorted[i];
      const us = Math.min(each.endUs, endUs) - Math.max(each.startUs, startUs);
      if (us <= longestUs) continue;
      longestUs = us;
      detail = each.detail;
    }
    return detail;
  }
}

/** Which cause each moment counts for, cut where that changes. */
class Timeline {
  /** Where one segment ends and the next begins. */
  readonly #cuts: number[];
  /** Rank of the cause that the segment behind a cut counts for, -1 = none. */
  readonly #ranks: Int8Array;
  /** By rank: µs up to each cut that count for it. */
  readonly #sums: readonly Float64Array[];
  readonly #byRank: readonly Stretches[];

  constructor(stretches: readonly Stretch[]) {
    this.#byRank = CAUSES.map((cause) =>
      new Stretches(stretches.filter((each) => each.cause === cause))
    );
    const changes = stretches.flatMap(({ startUs, endUs, cause }) => [
      { at: startUs, rank: RANK.get(cause)!, step: 1 },
      { at: endUs, rank: RANK.get(cause)!, step: -1 },
    ]).sort((a, b) => a.at - b.at);
    this.#cuts = changes.map(({ at }) => at);
    this.#ranks = new Int8Array(changes.length).fill(-1);
    this.#sums = CAUSES.map(() => new Float64Array(changes.length));
    const open = new Int32Array(CAUSES.length);
    changes.forEach(({ rank, step }, i) => {
      open[rank] += step;
      this.#ranks[i] = open.findIndex((count) => count > 0);
      if (i === 0) return;
      const before = this.#ranks[i - 1];
      for (let r = 0; r < CAUSES.length; r++) {
        const us = r === before ? this.#cuts[i] - this.#cuts[i - 1] : 0;
        this.#sums[r][i] = this.#sums[r][i - 1] + us;
      }
    });
  }

  /** @returns undefined when nothing covers enough of the request */
  judge(request: SlowRequest): Verdict | undefined {
    const { startUs, endUs } = request;
    // The segments that it begins and ends in; before the first cut there is none.
    const first = lowerBound(this.#cuts, startUs) - 1, last = lowerBound(this.#cuts, endUs) - 1;
    let best = -1, bestUs = 0;
    for (let rank = 0; rank < CAUSES.length; rank++) {
      const us = this.#upTo(rank, last, endUs) - this.#upTo(rank, first, startUs);
      if (us > bestUs) {
        best = rank;
        bestUs = us;
      }
    }
    const share = bestUs / (endUs - startUs);
    if (best < 0 || !(share >= LEAST_SHARE)) return undefined;
    const detail = this.#byRank[best].longestDetail(request);
    return { request, cause: CAUSES[best], share, detail };
  }

  /** µs before `atUs`, which lies behind the cut, that count for the cause. */
  #upTo(rank: number, cut: number, atUs: number): number {
    if (cut < 0) return 0;
    return this.#sums[rank][cut] + (this.#ranks[cut] === rank ? atUs - this.#cuts[cut] : 0);
  }
}

/** Where the first number lies that is above `limit`, of ascending ones. */
function lowerBound(numbers: readonly number[], limit: number): number {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Counts how many requests were slow at the same time. */
class Overlaps {
  readonly #starts: number[];
  readonly #ends: number[];

  constructor(requests: readonly SlowRequest[]) {
    this.#starts = requests.map(({ startUs }) => startUs).sort((a, b) => a - b);
    this.#ends = requests.map(({ endUs }) => endUs).sort((a, b) => a - b);
  }

  /** Requests that overlap this one, itself included. */
  at({ startUs, endUs }: SlowRequest): number {
    const begun = lowerBound(this.#starts, endUs);
    const over = lowerBound(this.#ends, startUs);
    return Math.max(1, begun - over);
  }
}

/** A cause with all requests that are put down to it. */
export interface CauseFigures {
  readonly cause: Cause;
  /** Slow requests. */
  readonly requests: number;
  /** Of all slow ones. */
  readonly share: number;
  /** Groups of them that overlap: what happened once makes many requests slow. */
  readonly incidents: number;
  readonly worstUs: number;
  /** The worst of them. */
  readonly example: {
    readonly startUs: number;
    readonly us: number;
    readonly connection: number;
    readonly test: string;
    /** What went on, and what share of the request it accounts for. */
    readonly detail: string;
    readonly share: number;
  };
}

/** Adds up verdicts, those with the most requests first. */
export function summarize(verdicts: readonly Verdict[]): CauseFigures[] {
  const byCause = new Map<Cause, Verdict[]>();
  let total = 0;
  for (const verdict of verdicts) {
    total += verdict.request.requests;
    const known = byCause.get(verdict.cause);
    if (known === undefined) byCause.set(verdict.cause, [verdict]);
    else known.push(verdict);
  }
  return [...byCause].map(([cause, found]) => {
    const worst = found.reduce((a, b) => durationUs(b) > durationUs(a) ? b : a);
    const requests = found.reduce((sum, { request }) => sum + request.requests, 0);
    const { startUs, connection, test } = worst.request;
    const { detail, share } = worst;
    return {
      cause,
      requests,
      share: requests / total,
      incidents: countIncidents(found.map(({ request }) => request)),
      worstUs: durationUs(worst),
      example: { startUs, us: durationUs(worst), connection, test, detail, share },
    };
  }).sort((a, b) => b.requests - a.requests || RANK.get(a.cause)! - RANK.get(b.cause)!);
}

function durationUs({ request }: Verdict): number {
  return request.endUs - request.startUs;
}

function countIncidents(requests: readonly SlowRequest[]): number {
  const sorted = [...requests].sort((a, b) => a.startUs - b.startUs);
  let count = 0, endUs = -Infinity;
  for (const request of sorted) {
    if (request.startUs > endUs) count++;
    endUs = Math.max(endUs, request.endUs);
  }
  return count;
}
