/** Contract of what the process knows about itself and its machine; for INFO and for defaults. */
export interface SystemInfo {
  /** "bun" or "deno", and its version. */
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  /** E.g. "Linux 6.1.0 x86_64". */
  readonly os: string;
  readonly processId: number;
  /** Path of the running program, for INFO server. */
  readonly executable: string;
  /** Memory of the machine, or of its cgroup where that is less, in bytes. */
  readonly totalMemoryBytes: number;
  /** Resident set size now, in bytes. */
  residentBytes(): number;
  /** Has the runtime give back soon what nobody holds any more, where that can be asked for. */
  readonly collectGarbage?: () => void;
  /**
   * Whether garbage was collected since this was last called, where the runtime lets that be seen; it may
   * cost some microseconds.
   */
  readonly hasCollected?: () => boolean;
  /** The wall clock when the clock's `monotonicUs` was 0, in microseconds since 1970. */
  readonly monotonicOriginUs?: number;
  /** CPU time used by this process, in seconds. */
  cpuSeconds(): { readonly user: number; readonly system: number };
}
