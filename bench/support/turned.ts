/** The items with another one first: the order of a round in which who comes first is to change. */
export function turned<Item>(items: readonly Item[], round: number): Item[] {
  return items.map((_, i) => items[(i + round) % items.length]);
}
