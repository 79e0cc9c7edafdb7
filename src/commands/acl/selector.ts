/**
 * A selector: one set of permissions of a user, made by rules that are applied one after the other.
 *
 *   +get -set +@read +client|info   commands, as a bit set by command id
 *   +select|0                       a command that is denied otherwise, with this first argument
 *   ~app:* %R~shared:*              keys
 *   &news.*                         channels
 *
 * The rules about commands are kept in their order, without those that later ones made void, so that
 * the selector can be written down as it was meant.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import type { CommandEntry } from "../spec.ts";
import type { CommandSets } from "./command_sets.ts";
import { AccessPattern, KeyPattern, MAY_ALL, MAY_READ, MAY_WRITE } from "./pattern.ts";
import { cText, hasBlank, lowerCase } from "./text.ts";

export const UNKNOWN_NAME = "Unknown command or category name in ACL";
const BAD_RULE = "Syntax error";
const KEYS_AFTER_ALL =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any " +
  "effect. Try 'resetkeys' to start with an empty list of patterns";
const CHANNELS_AFTER_ALL =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have " +
  "any effect. Try 'resetchannels' to start with an empty list of channels";
const ARGUMENT_OF_SUBCOMMAND = "Allowing first-arg of a subcommand is not supported";

/** What rules refer to, and who is told of deprecated ones. */
export interface RuleContext {
  readonly commands: CommandSets;
  readonly log: (line: string) => void;
  /** Whether new users may use all channels. */
  readonly allChannelsByDefault: () => boolean;
}

export class Selector {
  allKeys = false;
  allChannels: boolean;
  /** Whether no rule forbids any command. */
  allCommands = false;
  keys: KeyPattern[] = [];
  channels: AccessPattern[] = [];
  /** Whether the rules about commands start from all of them. */
  #startsFromAll = false;
  /** One bit per command id. */
  #allowed: Uint32Array;
  /** First arguments, in lower case, of commands that are denied otherwise. */
  #firstArguments = new Map<number, readonly string[]>();
  #commandRules: readonly string[] = [];
  readonly #context: RuleContext;

  constructor(context: RuleContext) {
    this.#context = context;
    this.allChannels = context.allChannelsByDefault();
    this.#allowed = new Uint32Array((context.commands.entries.length + 31) >>> 5);
  }

  copy(): Selector {
    const copy = new Selector(this.#context);
    copy.allKeys = this.allKeys;
    copy.allChannels = this.allChannels;
    copy.allCommands = this.allCommands;
    copy.keys = this.keys.map(({ text, permissions }) => new KeyPattern(text, permissions));
    copy.channels = [...this.channels];
    copy.#startsFromAll = this.#startsFromAll;
    copy.#allowed = this.#allowed.slice();
    copy.#firstArguments = new Map(this.#firstArguments);
    copy.#commandRules = this.#commandRules;
    return copy;
  }

  get isUnrestricted(): boolean {
    return this.allKeys && this.allChannels && this.allCommands;
  }

  /** Whether a command may run with any arguments. */
  allows(id: number): boolean {
    return this.allCommands || ((this.#allowed[id >>> 5] >>> (id & 31)) & 1) !== 0;
  }

  /** First arguments, in lower case, with which a denied command may run after all. */
  firstArgumentsOf(id: number): readonly string[] | undefined {
    return this.#firstArguments.get(id);
  }

  /** Whether every key may be used so. @param permissions MAY_… bits */
  allowsEveryKey(permissions: number): boolean {
    return this.allKeys ||
      this.keys.some((key) => key.text === "*" && (key.permissions & permissions) === permissions);
  }

  allowsChannel(bytes: Uint8Array, offset: number, length: number, isPattern: boolean): boolean {
    if (this.allChannels) return true;
    for (const channel of this.channels) {
      if (
        isPattern
          ? isSame(channel.text, bytes, offset, length)
          : channel.matches(bytes, offset, length)
      ) {
        return true;
      }
    }
    return false;
  }

  // Writing it down

  get keyRules(): string {
    return this.allKeys ? "~*" : this.keys.map((key) => key.rule).join(" ");
  }

  get channelRules(): string {
    return this.allChannels ? "&*" : this.channels.map(({ text }) => `&${text}`).join(" ");
  }

  get commandRules(): string {
    return [this.#startsFromAll ? "+@all" : "-@all", ...this.#commandRules].join(" ");
  }

  /** All rules, which make the same selector out of a new one. */
  get description(): string {
    const keys = this.keyRules;
    const channels = this.allChannels ? "&*" : `resetchannels ${this.channelRules}`.trimEnd();
    return `${keys === "" ? "" : `${keys} `}${channels} ${this.commandRules}`;
  }

  // Rules

  /** Applies a rule. @returns what is wrong with it, "" = nothing */
  apply(rule: string): string {
    switch (lowerCase(cText(rule))) {
      case "allkeys":
      case "~*":
        this.allKeys = true;
        this.keys = [];
        return "";
      case "resetkeys":
        this.allKeys = false;
        this.keys = [];
        return "";
      case "allchannels":
      case "&*":
        this.allChannels = true;
        this.channels = [];
        return "";
      case "resetchannels":
        this.allChannels = false;
        this.channels = [];
        return "";
      case "allcommands":
      case "+@all":
        return this.#setAllCommands(true);
      case "nocommands":
      case "-@all":
        return this.#setAllCommands(false);
    }
    if (rule[0] === "~" || rule[0] === "%") return this.#addKeys(rule);
    if (rule[0] === "&") return this.#addChannel(rule.slice(1));
    if (rule[0] === "+" || rule[0] === "-") return this.#changeCommands(cText(rule));
    return BAD_RULE;
  }

  #setAllCommands(isAllowed: boolean): string {
    this.allCommands = this.#startsFromAll = isAllowed;
    this.#allowed.fill(isAllowed ? 0xffffffff : 0);
    this.#commandRules = [];
    this.#firstArguments.clear();
    return "";
  }

  #addKeys(rule: string): string {
    if (this.allKeys) return KEYS_AFTER_ALL;
    let permissions = MAY_ALL;
    let at = 1;
    if (rule[0] === "%") {
      const match = /^%([RW]{1,2})(?:~|$)/i.exec(rule);
      if (match === null || (match[1].length === 2 && /^(.)\1$/i.test(match[1]))) return BAD_RULE;
      permissions = (/r/i.test(match[1]) ? MAY_READ : 0) | (/w/i.test(match[1]) ? MAY_WRITE : 0);
      at = match[0].length;
    }
    const text = rule.slice(at);
    if (hasBlank(text)) return BAD_RULE;
    const known = this.keys.find((key) => key.text === text);
    if (known === undefined) this.keys.push(new KeyPattern(text, permissions));
    else known.permissions |= permissions;
    return "";
  }

  #addChannel(text: string): string {
    if (this.allChannels) return CHANNELS_AFTER_ALL;
    if (hasBlank(text)) return BAD_RULE;
    if (!this.channels.some((channel) => channel.text === text)) {
      this.channels.push(new AccessPattern(text));
    }
    return "";
  }

  /** @param rule that begins with + or - */
  #changeCommands(rule: string): string {
    const { commands } = this.#context;
    const isAllowed = rule[0] === "+";
    const name = rule.slice(1);
    if (name[0] === "@") {
      const members = commands.category(name.slice(1));
      if (members === undefined) return UNKNOWN_NAME;
      this.#remember(name, isAllowed);
      for (const entry of members) this.#change(entry, isAllowed);
      return "";
    }
    if (isAllowed && name.includes("|")) return this.#allowWithWord(name);
    const entry = commands.find(name);
    if (entry === undefined) return UNKNOWN_NAME;
    this.#change(entry, isAllowed);
    this.#remember(entry.fullName, isAllowed);
    return "";
  }

  /** @param name a command, a bar, and a subcommand or a first argument */
  #allowWithWord(name: string): string {
    const { commands, log } = this.#context;
    const bar = name.lastIndexOf("|");
    const word = name.slice(bar + 1);
    const entry = commands.find(name.slice(0, bar));
    if (entry === undefined) return UNKNOWN_NAME;
    if (entry.parent !== undefined) return ARGUMENT_OF_SUBCOMMAND;
    if (word === "") return BAD_RULE;
    if (entry.subcommands.length > 0) {
      const subcommand = commands.find(name);
      if (subcommand === undefined) return UNKNOWN_NAME;
      this.#change(subcommand, true);
    } else {
      log(
        "Deprecation warning: Allowing a first arg of an otherwise blocked command is a misuse of " +
          `ACL and may get disabled in the future (offender: +${name})`,
      );
      const others = this.#firstArguments.get(entry.id) ?? [];
      const lower = lowerCase(word);
      if (!others.includes(lower)) this.#firstArguments.set(entry.id, [...others, lower]);
    }
    this.#remember(name, true);
    return "";
  }

  /** Of a command with all its subcommands. */
  #change(entry: CommandEntry, isAllowed: boolean): void {
    this.#setBit(entry.id, isAllowed);
    this.#firstArguments.delete(entry.id);
    for (const { id } of entry.subcommands) this.#setBit(id, isAllowed);
  }

  #setBit(id: number, isAllowed: boolean): void {
    const bit = 1 << (id & 31);
    if (isAllowed) {
      this.#allowed[id >>> 5] |= bit;
    } else {
      this.#allowed[id >>> 5] &= ~bit;
      this.allCommands = false;
    }
  }

  /** Takes the place of rules about the same command or category, or about parts of it. */
  #remember(name: string, isAllowed: boolean): void {
    const lower = lowerCase(name);
    const kept = this.#commandRules.filter((rule) =>
      rule.slice(1) !== lower && !rule.startsWith(`${lower}|`, 1)
    );
    this.#commandRules = [...kept, `${isAllowed ? "+" : "-"}${lower}`];
  }
}

/** As C compares them: a zero byte ends the channel. */
function isSame(text: string, bytes: Uint8Array, offset: number, length: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (i >= length || bytes[offset + i] !== text.charCodeAt(i)) return false;
  }
  return length === text.length || bytes[offset + text.length] === 0;
}
