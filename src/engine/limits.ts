/** Limits of the store that those outside need to know. */
export { MAX_KEY_BYTES } from "../memory/record.ts";
