/** Makes regions: bytes and a DataView over the same memory. */
interface MadeRegion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

/** Readable bytes behind the length asked for, so that whole words may be read beyond the end. */
export const REGION_PADDING = 8;

/** @param size usable bytes; REGION_PADDING more are there */
export function makeRegion(size: number): MadeRegion {
  const buffer = new ArrayBuffer(size + REGION_PADDING);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}
