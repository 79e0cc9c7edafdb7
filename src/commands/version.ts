/** The version of Redis that the commands follow, as HELLO and INFO report it to clients. */
export const REDIS_VERSION = "7.2.4";
