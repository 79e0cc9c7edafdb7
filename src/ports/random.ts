/** Contract of randomness; a seeded one replays a whole run. */
export interface Random {
  /** A uniformly distributed signed 32-bit integer. Fast; not for secrets. */
  int32(): number;
  /** A whole number, 0 ≤ n < `limit`, `limit` ≤ 2³¹. */
  below(limit: number): number;
}
