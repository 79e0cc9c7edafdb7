/** Contract of what passwords need: hashes, comparisons that tell nothing, unpredictable bytes. */
export interface Cryptography {
  /** The SHA-256 digest, 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** Whether two arrays of one length are equal; how long it takes does not depend on what is in them. */
  isEqual(a: Uint8Array, b: Uint8Array): boolean;
  /** Bytes from the operating system's source for secrets. */
  randomBytes(count: number): Uint8Array;
}
