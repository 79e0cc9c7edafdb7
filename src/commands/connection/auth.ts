/** AUTH. */
import { signIn, WRONG_PASSWORD } from "../acl/sign_in.ts";
import { argumentText } from "../acl/text.ts";
import { DEFAULT_USER } from "../acl/users.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { allFrom } from "../secrets.ts";
import type { CommandSpec } from "../spec.ts";

const NO_PASSWORD_CONFIGURED =
  "ERR AUTH <password> called without any password configured for the default user. " +
  "Are you sure your configuration is correct?";

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
  findSecrets: allFrom(1),
  run(call, reply) {
    if (call.argc > 3) return reply.error(SYNTAX_ERROR);
    const withUser = call.argc === 3;
    if (!withUser && call.services.users.default.needsNoPassword) {
      return reply.error(NO_PASSWORD_CONFIGURED);
    }
    const user = withUser ? argumentText(call, 1) : DEFAULT_USER;
    signIn(call, reply, user, call.argc - 1, (later, isSignedIn) => {
      if (isSignedIn) later.ok();
      else later.error(WRONG_PASSWORD);
    });
  },
} as const satisfies CommandSpec;
