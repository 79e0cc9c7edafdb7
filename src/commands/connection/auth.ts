/** AUTH, and the check of user and password that HELLO shares with it. */
import { SYNTAX_ERROR } from "../errors.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";

/** The only user. */
export const DEFAULT_USER = "default";
export const WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.";
const NO_PASSWORD_CONFIGURED =
  "ERR AUTH <password> called without any password configured for the default user. " +
  "Are you sure your configuration is correct?";

const encoder = new TextEncoder();

export const AUTH = {
  name: "auth",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  since: "1.0.0",
  group: "connection",
  complexity: "O(N) where N is the number of passwords defined for the user",
  summary: "Authenticates the connection.",
  syntax: "[username] password",
  history: [["6.0.0", "Added ACL style (username and password)."]],
  run(call, reply) {
    if (call.argc > 3) return reply.error(SYNTAX_ERROR);
    const withUser = call.argc === 3;
    if (!withUser && call.engine.settings.requirepass === "") {
      return reply.error(NO_PASSWORD_CONFIGURED);
    }
    const user = withUser ? call.text(1) : DEFAULT_USER;
    if (authenticate(call, user, call.bytes(call.argc - 1))) reply.ok();
    else reply.error(WRONG_PASSWORD);
  },
} as const satisfies CommandSpec;

/** Signs the session in if user and password are right; else changes nothing. */
export function authenticate(call: Call, user: string, password: Uint8Array): boolean {
  const { requirepass } = call.engine.settings;
  const isRight = requirepass === "" || isSamePassword(password, encoder.encode(requirepass));
  if (user !== DEFAULT_USER || !isRight) return false;
  call.session.user = DEFAULT_USER;
  call.session.authenticated = true;
  return true;
}

/** Takes a time that depends on the length of `given` only, not on how much of it is right. */
export function isSamePassword(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < given.length; i += 1) {
    // Behind the end of `expected`, where there is nothing, its start is compared again.
    difference |= given[i] ^ expected[i % expected.length];
  }
  return difference === 0;
}
