/**
 * Whom requests act as that come through a door: they show a token, or a name and a password.
 *
 *   http-token             the default user
 *   http-readonly-token    a user of its own, who may only read
 *   a password of the default user
 *   "name:password" in base64url, as ACL RESTTOKEN answers it
 *
 * Where there is no token and the default user needs no password, nothing has to be shown.
 */
import { toBytes } from "../commands/acl/text.ts";
import { User } from "../commands/acl/user.ts";
import type { Stats } from "../engine/stats.ts";
import { DEFAULT_USER, type Users } from "../commands/acl/users.ts";
import type { Cryptography } from "../ports/cryptography.ts";
import type { Options } from "./options_types.ts";

const READONLY_RULES = [
  "on",
  "nopass",
  "~*",
  "&*",
  "+@read",
  "+@transaction",
  "-@dangerous",
  "-scan",
];

const encoder = new TextEncoder();

export class DoorUsers {
  readonly #users: Users;
  readonly #stats: Stats;
  readonly #cryptography: Cryptography;
  readonly #tokens: readonly (readonly [digest: Uint8Array, user: User])[];

  constructor(
    stats: Stats,
    users: Users,
    cryptography: Cryptography,
    options: Pick<Options, "httpToken" | "httpReadonlyToken">,
  ) {
    this.#users = users;
    this.#stats = stats;
    this.#cryptography = cryptography;
    const tokens: [string, User][] = [
      [options.httpToken, users.default],
      [options.httpReadonlyToken, readonlyUser(users)],
    ];
    this.#tokens = tokens.filter(([token]) => token !== "")
      .map(([token, user]) => [cryptography.sha256(encoder.encode(token)), user]);
  }

  /** Whether nothing has to be shown. */
  get isOpen(): boolean {
    return this.#tokens.length === 0 && !this.#users.isSignInNeeded;
  }

  /** Who shows nothing. */
  get anybody(): User | undefined {
    return this.isOpen ? this.#users.default : undefined;
  }

  /** @returns whose token it is, undefined = nobody's */
  byToken(token: string): User | undefined {
    const bytes = encoder.encode(token);
    const given = this.#cryptography.sha256(bytes);
    let found: User | undefined;
    for (const [digest, user] of this.#tokens) {
      if (this.#cryptography.isEqual(given, digest)) found ??= user;
    }
    if (found !== undefined) return found;
    if (this.isOpen) return this.#users.default;
    if (this.#tokens.length === 0) {
      const user = this.#users.authenticate(DEFAULT_USER, bytes);
      if (user !== undefined) return user;
    }
    return this.byBasic(token);
  }

  /**
   * Somebody showed what is nobody's.
   * @param remoteAddress "ip:port" of the peer
   * @returns ms after which to say so: later and later, against guessing
   */
  failed(remoteAddress: string): number {
    const { delays, log } = this.#users;
    const delayMs = delays.delayMs({ remoteAddress });
    this.#stats.deniedAuth++;
    const client = `addr=${remoteAddress}`;
    log.add({ reason: "auth", context: "toplevel", object: "HTTP", user: DEFAULT_USER, client });
    delays.failed({ remoteAddress, id: 0 }, "HTTP");
    return delayMs;
  }

  /** @param credentials "name:password" in base64 @returns whose they are, undefined = nobody's */
  byBasic(credentials: string): User | undefined {
    const [name, password] = readCredentials(credentials);
    return name === "" ? undefined : this.#users.authenticate(name, toBytes(password));
  }
}

function readonlyUser(users: Users): User {
  const user = new User("readonly", users.context);
  const draft = user.draft();
  for (const rule of READONLY_RULES) {
    const problem = draft.apply(rule);
    if (problem !== "") throw new TypeError(`rule ${rule}: ${problem}`);
  }
  user.become(draft);
  return user;
}

/** @returns name and password, byte for byte, both "" if that is not what it is */
function readCredentials(token: string): [name: string, password: string] {
  let text: string;
  try {
    text = atob(token.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return ["", ""];
  }
  const colon = text.indexOf(":");
  return colon < 1 ? ["", ""] : [text.slice(0, colon), text.slice(colon + 1)];
}
