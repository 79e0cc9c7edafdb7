/** HELLO. */
import { GUARD_SIGN_IN } from "../guards.ts";
import { REDIS_VERSION } from "../version.ts";
import { signIn, WRONG_PASSWORD } from "../acl/sign_in.ts";
import { argumentText } from "../acl/text.ts";
import { INVALID_CLIENT_NAME, isPrintable } from "./client_name.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { SessionPort } from "../../ports/session_port.ts";
import type { Call } from "../call.ts";
import { behindAuth } from "../secrets.ts";
import type { CommandSpec } from "../spec.ts";

const NOT_A_VERSION = "ERR Protocol version is not an integer or out of range";
const UNSUPPORTED_VERSION = "NOPROTO unsupported protocol version";
const NOT_AUTHENTICATED =
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the " +
  "HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and " +
  "select the RESP protocol version at the same time";

/** What the arguments ask for. */
interface Greeting {
  version: 2 | 3 | undefined;
  /** Position of the user's name, 0 = not given. */
  authAt: number;
  clientName: string | undefined;
}

export const HELLO = {
  name: "hello",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  since: "6.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Handshakes with the Redis server.",
  syntax: "[protover [AUTH username password] [SETNAME clientname]]",
  history: [[
    "6.2.0",
    "`protover` made optional; when called without arguments the command reports the current " +
    "connection's context.",
  ]],
  findSecrets: behindAuth,
  run(call, reply) {
    const greeting = readGreeting(call);
    if (typeof greeting === "string") return reply.error(greeting);
    const { authAt } = greeting;
    const { session } = call;
    if (authAt === 0) return greet(session, greeting, reply);
    signIn(call, reply, argumentText(call, authAt), authAt + 1, (later, isSignedIn) => {
      if (isSignedIn) greet(session, greeting, later);
      else later.error(WRONG_PASSWORD);
    });
  },
} as const satisfies CommandSpec;

/** @returns the text of an error reply when the arguments are wrong; nothing is changed yet */
function readGreeting(call: Call): Greeting | string {
  const greeting: Greeting = { version: undefined, authAt: 0, clientName: undefined };
  if (call.argc > 1) {
    const version = call.int64(1);
    if (version === undefined) return NOT_A_VERSION;
    if (version !== 2 && version !== 3) return UNSUPPORTED_VERSION;
    greeting.version = version;
  }
  for (let i = 2; i < call.argc; i += 1) {
    const more = call.argc - 1 - i;
    if (call.is(i, "AUTH") && more >= 2) {
      greeting.authAt = i + 1;
      i += 2;
    } else if (call.is(i, "SETNAME") && more >= 1) {
      if (!isPrintable(call.bytes(i + 1))) return INVALID_CLIENT_NAME;
      greeting.clientName = call.text(i + 1);
      i += 1;
    } else {
      return `ERR Syntax error in HELLO option '${call.text(i)}'`;
    }
  }
  return greeting;
}

/** Does what was asked for, and writes what server and connection are, in the version chosen. */
function greet(session: SessionPort, greeting: Greeting, reply: ReplyWriter): void {
  const { version, clientName } = greeting;
  if ((session.guards & GUARD_SIGN_IN) !== 0) return reply.error(NOT_AUTHENTICATED);
  if (clientName !== undefined) session.name = clientName;
  if (version !== undefined) {
    session.protocolVersion = version;
    reply.version = session.protocolVersion;
  }
  reply.map(7);
  reply.text("server");
  reply.text("redis");
  reply.text("version");
  reply.text(REDIS_VERSION);
  reply.text("proto");
  reply.integer(session.protocolVersion);
  reply.text("id");
  reply.integer(session.id);
  reply.text("mode");
  reply.text("standalone");
  reply.text("role");
  reply.text("master");
  reply.text("modules");
  reply.array(0);
}
