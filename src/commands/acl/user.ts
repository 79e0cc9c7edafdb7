/**
 * A user: whether and how one signs in as it, and its selectors, of which one must allow a command.
 *
 * Of a password only the SHA-256 digest is kept, as 64 hexadecimal digits.
 */
import type { Account } from "../../ports/session_port.ts";
import type { Cryptography } from "../../ports/cryptography.ts";
import { GUARD_USER } from "../guards.ts";
import { type RuleContext, Selector } from "./selector.ts";
import { cText, decodeText, lowerCase, splitArguments, toBytes } from "./text.ts";

const NO_SUCH_PASSWORD = "The password you are trying to remove from the user does not exist";
const BAD_HASH =
  "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";

export interface UserContext extends RuleContext {
  readonly cryptography: Cryptography;
}

export class User implements Account {
  /** As JavaScript has it. */
  readonly name: string;
  /** Its bytes. */
  readonly rawName: string;
  isEnabled = false;
  /** Whether any password is right. */
  needsNoPassword = false;
  /** Only shown: what RESTORE gets is always checked. */
  #sanitizing = "sanitize-payload";
  /** Digests in hexadecimal digits. */
  passwords: readonly string[] = [];
  /** The first one is the user's own. */
  selectors: readonly Selector[];
  /** What its sessions' commands must be checked for: GUARD_USER or 0. */
  guards: number = GUARD_USER;
  readonly #context: UserContext;

  constructor(rawName: string, context: UserContext) {
    this.rawName = rawName;
    this.name = decodeText(rawName);
    this.#context = context;
    this.selectors = [new Selector(context)];
  }

  /** @returns one of the same rules that is nobody's */
  draft(): User {
    const draft = new User(this.rawName, this.#context);
    draft.become(this);
    return draft;
  }

  /** Takes over everything but the name. */
  become(other: User): void {
    this.isEnabled = other.isEnabled;
    this.needsNoPassword = other.needsNoPassword;
    this.#sanitizing = other.#sanitizing;
    this.passwords = other.passwords;
    this.selectors = other.selectors.map((selector) => selector.copy());
    this.guards = this.selectors.some((selector) => selector.isUnrestricted) ? 0 : GUARD_USER;
  }

  /** In the order in which they are shown. */
  get flags(): string[] {
    const flags = [this.isEnabled ? "on" : "off"];
    if (this.needsNoPassword) flags.push("nopass");
    flags.push(this.#sanitizing);
    return flags;
  }

  /** All rules, as files of users hold them. */
  get description(): string {
    const [own, ...others] = this.selectors.map((selector) => selector.description);
    const passwords = this.passwords.map((password) => `#${password}`);
    return [...this.flags, ...passwords, own, ...others.map((other) => `(${other})`)].join(" ");
  }

  /** Applies a rule. @returns what is wrong with it, "" = nothing */
  apply(rule: string): string {
    if (rule === "") return "";
    const keyword = lowerCase(cText(rule));
    switch (keyword) {
      case "on":
      case "off":
        this.isEnabled = keyword === "on";
        return "";
      case "sanitize-payload":
        this.#sanitizing = "sanitize-payload";
        return "";
      case "skip-sanitize-payload":
        this.#sanitizing = "skip-sanitize-payload";
        return "";
      case "nopass":
      case "resetpass":
        this.needsNoPassword = keyword === "nopass";
        this.passwords = [];
        return "";
      case "clearselectors":
        this.selectors = this.selectors.slice(0, 1);
        return "";
      case "reset":
        return this.#reset();
    }
    if (rule[0] === ">" || rule[0] === "#" || rule[0] === "<" || rule[0] === "!") {
      return this.#changePassword(rule);
    }
    if (rule[0] === "(" && rule.endsWith(")")) return this.#addSelector(rule.slice(1, -1));
    return this.selectors[0].apply(rule);
  }

  #reset(): string {
    this.isEnabled = this.needsNoPassword = false;
    this.#sanitizing = "sanitize-payload";
    this.passwords = [];
    this.selectors = [new Selector(this.#context)];
    return "";
  }

  #changePassword(rule: string): string {
    const isClear = rule[0] === ">" || rule[0] === "<";
    const text = rule.slice(1);
    if (!isClear && !/^[0-9a-f]{64}$/.test(text)) return BAD_HASH;
    const digest = isClear ? hexDigest(this.#context.cryptography, toBytes(text)) : text;
    const isKnown = this.passwords.includes(digest);
    if (rule[0] === ">" || rule[0] === "#") {
      if (!isKnown) this.passwords = [...this.passwords, digest];
      this.needsNoPassword = false;
      return "";
    }
    if (!isKnown) return NO_SUCH_PASSWORD;
    this.passwords = this.passwords.filter((each) => each !== digest);
    return "";
  }

  #addSelector(rules: string): string {
    const selector = new Selector(this.#context);
    for (const rule of splitArguments(cText(rules)) ?? []) {
      const problem = selector.apply(rule);
      if (problem !== "") return problem;
    }
    this.selectors = [...this.selectors, selector];
    return "";
  }
}

export function hexDigest({ sha256 }: Cryptography, bytes: Uint8Array): string {
  return Array.from(sha256(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
