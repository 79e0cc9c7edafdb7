/**
 * The longest common subsequence of two byte strings, and where it lies in them.
 *
 * Row i of the classic table holds, per j, the length for the first i bytes of `a` and the first j of `b`.
 * Only two rows are kept; to find the way back it is enough to know, per cell, whether the cell above is
 * larger than the one to the left, so that is kept for all cells, in one bit each. Where both are equal the
 * way goes left: this choice decides which of several subsequences is found.
 *
 * Cost: O(n × m) time; n × m / 8 bytes of memory for the way back, O(m) for the length alone.
 */
export interface CommonSubsequence {
  readonly bytes: Uint8Array;
  /**
   * The stretches that lie whole in both, last one first; for each four numbers: first and last index in
   * `a`, first and last index in `b`.
   */
  readonly ranges: readonly number[];
}

/** @returns its length in bytes */
export function commonSubsequenceLength(a: Uint8Array, b: Uint8Array): number {
  return fillTable(a, b, undefined, 0);
}

/** @throws RangeError if there is not enough memory */
export function longestCommonSubsequence(a: Uint8Array, b: Uint8Array): CommonSubsequence {
  const rowBytes = (b.length + 7) >>> 3;
  const upBits = new Uint8Array(a.length * rowBytes);
  const bytes = new Uint8Array(fillTable(a, b, upBits, rowBytes));
  const ranges: number[] = [];
  let i = a.length;
  let j = b.length;
  let filled = bytes.length;
  // The stretch being followed ends at these two, and starts at i and j while it lasts.
  let endInA = -1;
  let endInB = -1;
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      if (endInA < 0) {
        endInA = i - 1;
        endInB = j - 1;
      }
      i--;
      j--;
      bytes[--filled] = a[i];
      continue;
    }
    if (endInA >= 0) {
      ranges.push(i, endInA, j, endInB);
      endInA = -1;
    }
    const isUp = (upBits[(i - 1) * rowBytes + ((j - 1) >>> 3)] >>> ((j - 1) & 7)) & 1;
    if (isUp === 1) i--;
    else j--;
  }
  if (endInA >= 0) ranges.push(i, endInA, j, endInB);
  return { bytes, ranges };
}

/** @returns the length for the whole of both; fills the bits if there are any */
function fillTable(
  a: Uint8Array,
  b: Uint8Array,
  upBits: Uint8Array | undefined,
  rowBytes: number,
): number {
  const width = b.length;
  let above = new Uint32Array(width + 1);
  let row = new Uint32Array(width + 1);
  for (let i = 0; i < a.length; i++) {
    const byte = a[i];
    const bitsStart = i * rowBytes;
    let left = 0;
    for (let j = 0; j < width; j++) {
      const up = above[j + 1];
      if (byte === b[j]) left = above[j] + 1;
      else if (up > left) {
        left = up;
        if (upBits !== undefined) upBits[bitsStart + (j >>> 3)] |= 1 << (j & 7);
      }
      row[j + 1] = left;
    }
    const spare = above;
    above = row;
    row = spare;
  }
  return above[width];
}
