/** The shape of every bench that runs inside of the process. */

/** One importable bench. A file exports its benches under any names, singly or in arrays. */
export interface Bench {
  /** What is measured, e.g. "index: find, 1M keys". */
  readonly name: string;
  /**
   * Does the work `size` times. What it needs is made by the first call with this size and kept.
   * @param size number of operations, at least 1
   * @returns a hash of the result, so that nothing can be optimised away
   */
  run(size: number): number;
}
