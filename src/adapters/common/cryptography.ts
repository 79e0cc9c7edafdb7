/** Cryptography of the machine. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Cryptography } from "../../ports/cryptography.ts";

/** Makes the port to the runtime's cryptography, which is node:crypto's everywhere. */
export function createCryptography(): Cryptography {
  return {
    sha256: (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest()),
    isEqual: (a, b) => timingSafeEqual(a, b),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}
