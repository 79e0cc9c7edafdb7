/** ACL RESTTOKEN: the token with which a user comes over HTTP. */
import { base64Length, writeBase64 } from "../../bytes/base64.ts";
import { readAscii } from "../../bytes/ascii.ts";
import { allFrom } from "../secrets.ts";
import type { CommandSpec } from "../spec.ts";
import { argumentText, decodeText, toBytes } from "./text.ts";

const WRONG = "WRONGPASS Invalid username or password";
const LATER = "ERR too many failed sign-ins from this address, try later";

/** Upstash's command: what it answers is shown as a bearer token. */
export const ACL_RESTTOKEN = {
  name: "resttoken",
  arity: 4,
  flags: ["noscript", "loading", "stale"],
  since: "7.2.0",
  group: "server",
  complexity: "O(N) where N is the number of passwords defined for the user",
  summary: "Returns the token with which a user is known over HTTP.",
  syntax: "username password",
  findSecrets: allFrom(3),
  run(call, reply) {
    const { users } = call.services;
    if (users.delays.delayMs(call.session) > 0) return reply.error(LATER);
    const name = argumentText(call, 2);
    if (name.includes(":") || users.authenticate(name, call.bytes(3)) === undefined) {
      users.delays.failed(call.session, decodeText(name));
      return reply.error(WRONG);
    }
    reply.text(tokenOf(toBytes(`${name}:${argumentText(call, 3)}`)));
  },
} as const satisfies CommandSpec;

/** In the alphabet of URLs. */
function tokenOf(credentials: Uint8Array): string {
  const letters = new Uint8Array(base64Length(credentials.length));
  writeBase64(credentials, 0, credentials.length, new DataView(letters.buffer), 0);
  return readAscii(letters, 0, letters.length)
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
