/** A stretch of memory, seen as bytes and through a DataView over exactly the same bytes. */
export interface Region {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}
