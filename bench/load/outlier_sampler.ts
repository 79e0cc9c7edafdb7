/**
 * A thread that looks every millisecond how long the server and the generator had to wait for a processor.
 *
 *   /proc/PID/task/PID/schedstat   ns that the thread ran, and ns that it was ready and did not run
 *   /proc/stat                     time that the machine's host took away, in ticks of 10 ms
 *
 * The kernel adds a wait when it is over. So one of 3 ms that was not there at the last look ended since,
 * and began 3 ms before: that is good to the time between two looks. Only waits are kept. Where it is allowed
 * to, the thread takes real-time priority, since it would else be late exactly when others are. When it is
 * late all the same, nobody ran on its processor, which is the generator's.
 *
 * It is the source of a worker; `startSampler` of outlier_watch.ts starts it and says when it ends.
 */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readlinkSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

const LOOK_US = 1000;
/** A thread of real-time priority that is later than this, and was not kept waiting, had no processor. */
const LATE_US = 300;
/** Waits that are kept, of each process: more than the switch of two threads takes. */
const LEAST_WAIT_US = 100;
const NS_PER_US = 1000;
const US_PER_MS = 1000;
const LOOKS_PER_STEAL = 10;
const TICK_MS = 10;
/** Room for the lines of some forty processors, which stand first. */
const STAT_BYTES = 4096;
const LF = 10;
/** Place of the stolen ticks among the numbers of a processor's line. */
const STOLEN_NUMBER = 7;
const RUN_NUMBER = 0;
const WAIT_NUMBER = 1;

export interface SamplerOrder {
  /** By name, the process whose main thread is looked at. */
  readonly processes: Readonly<Record<string, number>>;
  /** Not 0 = it shall end. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

/** A wait that was seen. Times are µs since 1970. */
export interface SampledWait {
  readonly who: string;
  readonly startUs: number;
  readonly endUs: number;
}

export interface SamplerResult {
  readonly waits: readonly SampledWait[];
  readonly looks: number;
  /** Longest time between two of them. */
  readonly longestGapUs: number;
  /** Share of a processor that looking took. */
  readonly load: number;
  /** Whether the thread has real-time priority. */
  readonly isRealTime: boolean;
}

const buffer = new Uint8Array(STAT_BYTES);

/** The number that stands at a place of a line of text. @param skip bytes before it */
function numberAt(length: number, place: number, skip: number): number {
  let at = skip;
  const isDigit = (): boolean => buffer[at] >= 48 && buffer[at] <= 57;
  for (let i = 0; i <= place; i++) {
    while (at < length && !isDigit()) at++;
    if (i === place) break;
    while (at < length && isDigit()) at++;
  }
  let value = 0;
  for (; at < length && isDigit(); at++) value = value * 10 + buffer[at] - 48;
  return value;
}

/** A thread. */
class Watched {
  readonly who: string;
  readonly #file: number;
  #waitedNs = -1;
  /** ns that it ran, as of the last look. */
  ranNs = 0;

  /** @param path of its folder in /proc */
  constructor(who: string, path: string) {
    this.who = who;
    this.#file = openSync(`${path}/schedstat`, "r");
  }

  /** @returns µs that it waited since the last look */
  look(): number {
    let length: number;
    try {
      length = readSync(this.#file, buffer, 0, STAT_BYTES, 0);
    } catch {
      // It has ended.
      return 0;
    }
    const waitedNs = numberAt(length, WAIT_NUMBER, 0);
    this.ranNs = numberAt(length, RUN_NUMBER, 0);
    const us = this.#waitedNs < 0 ? 0 : (waitedNs - this.#waitedNs) / NS_PER_US;
    this.#waitedNs = waitedNs;
    return us;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What the host took away from each processor, in ticks. */
class StolenTime {
  readonly #file: number = openSync("/proc/stat", "r");
  #ticks: number[] = [];

  /** @returns µs since the last look, of the processor that lost most */
  look(): number {
    const length = readSync(this.#file, buffer, 0, STAT_BYTES, 0);
    let most = 0, processor = 0;
    // The first line adds them up.
    for (let at = buffer.indexOf(LF) + 1; isProcessorLine(at); processor++) {
      const ticks = numberAt(length, STOLEN_NUMBER + 1, at);
      most = Math.max(most, ticks - (this.#ticks[processor] ?? ticks));
      this.#ticks[processor] = ticks;
      const end = buffer.indexOf(LF, at);
      if (end < 0 || end >= length) break;
      at = end + 1;
    }
    return most * TICK_MS * US_PER_MS;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** "cpu" and a digit: of such a line the number of the processor is the first number. */
function isProcessorLine(at: number): boolean {
  return buffer[at] === 0x63 && buffer[at + 1] === 0x70 && buffer[at + 2] === 0x75;
}

/** What the thread says once it looks. */
export const READY = "ready";

/** Looks until it is told to stop. @param began called before the first look */
export function sample({ processes, stop }: SamplerOrder, began: () => void): SamplerResult {
  const watched = Object.entries(processes)
    .map(([who, pid]) => new Watched(who, `/proc/${pid}/task/${pid}`));
  const self = new Watched("self", "/proc/thread-self");
  const isRealTime = takePriority();
  self.look();
  const { ranNs } = self;
  const stolen = new StolenTime();
  stolen.look();
  const waits: SampledWait[] = [];
  const nowUs = (): number => (performance.timeOrigin + performance.now()) * US_PER_MS;
  let looks = 0, longestGapUs = 0;
  const beganUs = nowUs();
  let lastUs = beganUs, stolenAtUs = beganUs;
  began();
  do {
    const startUs = nowUs();
    const lateUs = looks === 0 ? 0 : startUs - lastUs - LOOK_US;
    longestGapUs = Math.max(longestGapUs, lateUs + LOOK_US);
    if (isRealTime && lateUs >= LATE_US && self.look() < lateUs / 2) {
      waits.push({ who: "processor", startUs: startUs - lateUs, endUs: startUs });
    } else self.look();
    lastUs = startUs;
    for (const each of watched) {
      const us = each.look();
      if (us >= LEAST_WAIT_US) waits.push({ who: each.who, startUs: startUs - us, endUs: startUs });
    }
    if (++looks % LOOKS_PER_STEAL === 0) {
      const us = stolen.look();
      // Ticks are counted late: they lie in the last round, or before it where they are more.
      const from = Math.min(stolenAtUs, startUs - us);
      if (us > 0) waits.push({ who: "machine", startUs: from, endUs: startUs });
      stolenAtUs = startUs;
    }
    Atomics.wait(stop, 0, 0, 1);
  } while (Atomics.load(stop, 0) === 0);
  self.look();
  const load = (self.ranNs - ranNs) / NS_PER_US / (nowUs() - beganUs);
  for (const each of [self, ...watched]) each.close();
  stolen.close();
  return { waits, looks, longestGapUs, load, isRealTime };
}

/** Gives this thread real-time priority. @returns false where that is not allowed */
function takePriority(): boolean {
  try {
    const [, thread] = /\/task\/(\d+)$/.exec(readlinkSync("/proc/thread-self")) ?? [];
    execFileSync("chrt", ["-f", "-p", "1", thread], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

// In the worker: workerData is null everywhere else.
if (workerData?.isSampler === true) {
  const result = sample(workerData.order, () => parentPort?.postMessage(READY));
  parentPort?.postMessage(result);
}
