/**
 * What is to be looked at before or after each command of a session, as bits. A session without any,
 * the usual case, costs its commands one comparison.
 */

/** Nobody signed in yet. */
export const GUARD_SIGN_IN = 1 << 0;
/** Commands are queued for EXEC. */
export const GUARD_QUEUE = 1 << 1;
/** A subscriber that speaks RESP2: only some commands may run. */
export const GUARD_SUBSCRIBER = 1 << 2;
/** The user may not do everything. */
export const GUARD_USER = 1 << 3;
/** The keys that are read are remembered, for their invalidation. */
export const GUARD_TRACKING = 1 << 4;
/** Commands are counted against a rate. */
export const GUARD_RATE = 1 << 5;
/** Somebody monitors all commands. */
export const GUARD_MONITORED = 1 << 6;
/** It monitors the others: it may not use keys itself. */
export const GUARD_MONITOR = 1 << 7;

/** Those that let every command pass, and look at it when it has run. */
export const GUARDS_AFTER: number = GUARD_TRACKING | GUARD_MONITORED;
/** Those of sessions whose commands may run as a row. */
export const GUARDS_IN_ROWS: number = GUARDS_AFTER | GUARD_USER;
