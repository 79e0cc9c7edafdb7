/**
 * All users of a server, and who of the sessions acts as which.
 *
 *   rules ──▶ draft ──all good──▶ user ──▶ its sessions: guards, or the end of their connection
 *
 * A session keeps its user while the user's rules change, and so follows them at once.
 */
import type { Clock } from "../../ports/clock.ts";
import type { FileStore } from "../../ports/file_store.ts";
import type { Account, ClientDirectory, SessionPort } from "../../ports/session_port.ts";
import type { Settings } from "../../ports/settings.ts";
import { GUARD_SIGN_IN, GUARD_USER } from "../guards.ts";
import { AclLog } from "./log.ts";
import { type CheckedRegistry, Permissions } from "./permissions.ts";
import { SignInDelays } from "./sign_in_delays.ts";
import { compareTexts, encodeText, toBytes } from "./text.ts";
import { UserFile } from "./user_file.ts";
import { hexDigest, User, type UserContext } from "./user.ts";

export const DEFAULT_USER = "default";
/** Whom sessions act as where nobody keeps users. */
export const ANYBODY: Account = { name: DEFAULT_USER };
const DEFAULT_RULES = ["reset", "+@all", "~*", "&*", "on", "nopass"];
/** What a password is compared with where there is none. */
const NO_DIGEST = "0".repeat(64);
const GUARDS_OF_USERS: number = GUARD_SIGN_IN | GUARD_USER;

export interface UsersOptions extends UserContext {
  readonly registry: CheckedRegistry;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly files: FileStore;
  /** Path of the file of users, "" = none. */
  readonly aclFile: string;
}

/** Called before a session's user gets other rules. @returns whether it must go */
export type ChannelCheck = (session: SessionPort, user: User) => boolean;

export class Users {
  readonly context: UsersOptions;
  /** Whom new sessions act as. */
  readonly default: User;
  readonly log: AclLog;
  readonly delays: SignInDelays;
  readonly permissions: Permissions;
  readonly file: UserFile;
  /** Whether a session uses channels that these rules do not allow; what has channels sets it. */
  usesOtherChannels: ChannelCheck = () => false;
  readonly #users = new Map<string, User>();
  #clients: ClientDirectory | undefined;

  constructor(context: UsersOptions) {
    this.context = context;
    this.log = new AclLog(context.clock, () => context.settings.aclLogMaxLen);
    this.delays = new SignInDelays(context);
    this.permissions = new Permissions(context.registry);
    this.file = new UserFile(context.aclFile, context.files, this, context.log);
    this.default = this.#createDefault();
    this.#users.set(DEFAULT_USER, this.default);
    if (context.settings.requirepass !== "") this.setDefaultPassword(context.settings.requirepass);
  }

  /** Whose sessions follow. To be called once. */
  attach(clients: ClientDirectory): void {
    this.#clients = clients;
  }

  #createDefault(): User {
    const user = new User(DEFAULT_USER, this.context);
    const draft = user.draft();
    for (const rule of DEFAULT_RULES) draft.apply(rule);
    user.become(draft);
    return user;
  }

  /** @param rawName its bytes */
  find(rawName: string): User | undefined {
    return this.#users.get(rawName);
  }

  /** In the order of the bytes of their names. */
  all(): User[] {
    return [...this.#users.values()].sort((a, b) => compareTexts(a.rawName, b.rawName));
  }

  /** As files of users hold them. */
  lines(): string[] {
    return this.all().map((user) => `user ${user.rawName} ${user.description}`);
  }

  // Changing them

  /**
   * Applies all rules to a user, which comes into being if need be, or none.
   * @param caller the session that asks for it, which gets its reply if it loses its user
   * @returns what is wrong with a rule, "" = nothing
   */
  change(
    rawName: string,
    rules: readonly string[],
    caller?: SessionPort,
  ): { rule: string; problem: string } | undefined {
    const known = this.#users.get(rawName);
    const draft = known?.draft() ?? new User(rawName, this.context);
    for (const rule of rules) {
      const problem = draft.apply(rule);
      if (problem !== "") return { rule, problem };
    }
    this.#put(known ?? new User(rawName, this.context), draft, caller);
    return undefined;
  }

  #put(user: User, rules: User, caller: SessionPort | undefined): void {
    this.#users.set(user.rawName, user);
    for (const session of this.#sessionsOf(user)) {
      if (this.usesOtherChannels(session, rules)) this.#expel(session, caller);
    }
    user.become(rules);
    this.#followed(user);
  }

  /** @param password "" = none is needed */
  setDefaultPassword(password: string): void {
    const draft = this.default.draft();
    draft.apply("resetpass");
    draft.apply(password === "" ? "nopass" : `>${encodeText(password)}`);
    this.default.become(draft);
    this.#followed(this.default);
  }

  /** Removes a user and ends its sessions. @returns whether it was there */
  remove(rawName: string, caller?: SessionPort): boolean {
    const user = this.#users.get(rawName);
    if (user === undefined || user === this.default) return false;
    this.#users.delete(rawName);
    for (const session of this.#sessionsOf(user)) this.#expel(session, caller);
    return true;
  }

  /** Puts these in the place of all users; sessions end but those of the default one. */
  replaceAll(users: ReadonlyMap<string, User>, caller?: SessionPort): void {
    for (const name of [...this.#users.keys()]) this.remove(name, caller);
    for (const [name, user] of users) if (name !== DEFAULT_USER) this.#users.set(name, user);
    this.#put(this.default, users.get(DEFAULT_USER) ?? this.#createDefault(), caller);
  }

  // Sessions

  /** Whether a session that did not sign in may do nothing. */
  get isSignInNeeded(): boolean {
    return !this.default.needsNoPassword || !this.default.isEnabled;
  }

  /** Lets a session act as the default user, signed in if that needs no password. */
  welcome(session: SessionPort): void {
    session.isSignedIn = !this.isSignInNeeded;
    this.#assign(session, this.default);
  }

  /** Lets a session act as a user from now on. */
  signIn(session: SessionPort, user: User): void {
    session.isSignedIn = true;
    this.#assign(session, user);
  }

  /**
   * Finds out who signs in. Takes the same time for names that are unknown and for wrong passwords.
   * @returns undefined if name and password do not belong together, or the user is switched off
   */
  authenticate(rawName: string, password: Uint8Array): User | undefined {
    const { cryptography } = this.context;
    const user = this.#users.get(rawName);
    const given = toBytes(hexDigest(cryptography, password));
    const known = user === undefined || user.passwords.length === 0 ? [NO_DIGEST] : user.passwords;
    let isRight = user?.needsNoPassword === true;
    for (const digest of known) {
      if (cryptography.isEqual(given, toBytes(digest))) isRight = true;
    }
    return isRight && user?.isEnabled ? user : undefined;
  }

  #assign(session: SessionPort, user: User): void {
    session.account = user;
    this.#guard(session, user);
  }

  #guard(session: SessionPort, user: User): void {
    const mustSignIn = !session.isSignedIn && this.isSignInNeeded;
    session.guards = (session.guards & ~GUARDS_OF_USERS) | user.guards |
      (mustSignIn ? GUARD_SIGN_IN : 0);
  }

  /** The rules of a user are other ones now. */
  #followed(user: User): void {
    for (const session of this.#sessionsOf(user)) this.#guard(session, user);
  }

  #sessionsOf(user: User): SessionPort[] {
    if (this.#clients === undefined) return [];
    return [...this.#clients.all()].filter((session) => session.account === user);
  }

  /** Ends the connection of a session that loses its user. */
  #expel(session: SessionPort, caller: SessionPort | undefined): void {
    session.isSignedIn = false;
    session.account = this.default;
    session.guards |= GUARD_SIGN_IN;
    if (session === caller) session.closeAfterReply();
    else session.kill();
  }
}
