/** What CLIENT SETNAME, CLIENT SETINFO and HELLO take as a name. */
export const INVALID_CLIENT_NAME =
  "ERR Client names cannot contain spaces, newlines or special characters.";

/** Whether all bytes are visible ASCII: a name must not break the line of CLIENT LIST. */
export function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x21 && byte <= 0x7e);
}
