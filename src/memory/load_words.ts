/**
 * Loads words that are needed soon. Nothing else is done between two loads, so that many of them are
 * under way at once.
 * @param places indices in `words`, from `from` to before `to`
 * @returns a hash of them, to be kept, so that the loads can't be optimised away
 */
export function loadWords(
  words: Int32Array,
  places: Int32Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= words[places[i]];
  return sum;
}

/** The same for three places at a time, e.g. the lines of a record. */
export function loadThreeWords(
  words: Int32Array,
  first: Int32Array,
  second: Int32Array,
  third: Int32Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= words[first[i]] ^ words[second[i]] ^ words[third[i]];
  return sum;
}
